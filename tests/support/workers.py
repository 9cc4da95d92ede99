"""A supervisor over one SQLite file, which settings refuse: what it does is the same over any database."""

from __future__ import annotations

import sys

sys.path[0] = sys.path[0].removesuffix("/tests/support")  # modules there are named as some of the library's

from gevent import monkey  # noqa: E402  # as above

monkey.patch_all()

import os  # noqa: E402  # the library had to be patched first
from dataclasses import replace  # noqa: E402

from porch.config import settings_from  # noqa: E402
from porch.supervisor import supervise  # noqa: E402

if __name__ == "__main__":
    settings = replace(settings_from(os.environ), workers=int(sys.argv[1]))
    sys.exit(supervise(settings, os.environ))
