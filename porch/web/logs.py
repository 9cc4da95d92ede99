"""The log: how it is written, and what is kept out of it."""

from __future__ import annotations

import logging
import re
import sys
import threading
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import gevent
from flask import has_request_context, request
from pythonjsonlogger.core import LogData
from pythonjsonlogger.msgspec import MsgspecFormatter

from porch.web.requests import route

log = logging.getLogger(__name__)

# The secret part of a link, also where it is quoted as the address to go on to.
SLASH = "(?:/|%(?:25)*2F)"
LINK = re.compile(rf"({SLASH}(?:chatrooms|invitations|claim){SLASH}+)[^/\s?&%\"']+", re.IGNORECASE)
# What tells a program what happens, though nothing is wrong; other modules may say what people wrote.
TOLD = ("porch.server", "porch.web.requests")
TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def hide_links() -> None:
    """Flask's development server writes down every address that is asked for."""
    logger = logging.getLogger("werkzeug")
    if _hide not in logger.filters:
        logger.addFilter(_hide)


def _hide(record: logging.LogRecord) -> bool:
    record.msg, record.args = LINK.sub(r"\1***", record.getMessage()), ()
    return True


def begin_log(kind: str) -> None:
    """Write the log of this process to its standard error, as `text` for people or as `json` for programs.

    As JSON each line is an object, each request has a line, and so has what ends a greenlet, a thread or the
    process.
    """
    if kind == "text":
        logging.basicConfig(level=logging.WARNING, format=TEXT)
        return
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.captureWarnings(True)
    for name in TOLD:
        logging.getLogger(name).setLevel(logging.INFO)
    sys.excepthook = _failed
    threading.excepthook = lambda failed: _failed(failed.exc_type, failed.exc_value, failed.exc_traceback)
    # What the hub is told of it, and would print, is the environment of a request, among other things.
    hub: Any = gevent.get_hub()
    hub.print_exception = lambda _context, *failed: _failed(*failed)


def _failed(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    told = (kind, error, trace) if error is not None else None
    log.critical("%s, for which nobody waits", kind.__name__, exc_info=told)


class JsonLines(MsgspecFormatter):
    """`time` in UTC, `level`, `logger`, `event`, and what belongs to it: method and route of the request that
    it is about, the traceback of an error.
    """

    def __init__(self) -> None:
        names = {"levelname": "level", "name": "logger", "message": "event", "exc_info": "error"}
        super().__init__(list(names)[:3], rename_fields=names)

    def add_fields(self, log_data: LogData, record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        log_data["time"] = datetime.fromtimestamp(record.created, UTC)
        super().add_fields(log_data, record, message_dict)
        if has_request_context():
            log_data.setdefault("method", request.method)
            log_data.setdefault("route", route())

        for name in ("event", "error"):
            if name in log_data:
                log_data[name] = LINK.sub(r"\1***", log_data[name])
