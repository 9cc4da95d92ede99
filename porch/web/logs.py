"""What is kept out of the log."""

from __future__ import annotations

import logging
import re

# The secret part of a link, also where it is quoted as the address to go on to.
SLASH = "(?:/|%(?:25)*2F)"
LINK = re.compile(rf"({SLASH}(?:chatrooms|invitations|claim){SLASH}+)[^/\s?&%\"']+", re.IGNORECASE)


def hide_links() -> None:
    """Flask's development server writes down every address that is asked for."""
    logger = logging.getLogger("werkzeug")
    if _hide not in logger.filters:
        logger.addFilter(_hide)


def _hide(record: logging.LogRecord) -> bool:
    record.msg, record.args = LINK.sub(r"\1***", record.getMessage()), ()
    return True
