"""A supervisor over one SQLite file, which settings refuse: what it does is the same over any database."""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import os  # noqa: E402  # the library had to be patched first
import sys  # noqa: E402
from dataclasses import replace  # noqa: E402
from pathlib import Path  # noqa: E402

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from porch.config import settings_from  # noqa: E402
from porch.supervisor import supervise  # noqa: E402

if __name__ == "__main__":
    settings = replace(settings_from(os.environ), workers=int(sys.argv[1]))
    sys.exit(supervise(settings, os.environ))
