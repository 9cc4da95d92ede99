"""A folder that is there when all of it is."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_folder(folder: Path, *, mode: int) -> Iterator[Path]:
    """What is written into the folder that this gives becomes `folder`, which may be there if it is empty, at
    the end of the block; nothing of it stays when the block fails. Raises OSError.
    """
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        yield work
        work.chmod(mode)
        if folder.exists():
            folder.rmdir()
        work.rename(folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)
