"""Templates compiled once for all applications of a run, those of servers included.

To be called before applications are made.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

from flask import Flask
from jinja2 import FileSystemBytecodeCache

FOLDER = "COMPILED_TEMPLATES"  # where it is, for the processes that are started from here


def compile_templates_once() -> None:
    if FOLDER not in os.environ:
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="templates-")
        atexit.register(shutil.rmtree, os.environ[FOLDER], ignore_errors=True)
    Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(os.environ[FOLDER])}
