"""The languages that Porch speaks: English, which it is written in, and those that have a catalogue.

A catalogue is `translations/<language>/LC_MESSAGES/messages.po`; `bin/texts` makes the `.mo` beside it.
"""

from __future__ import annotations

from pathlib import Path

from babel import Locale

FOLDER = Path(__file__).resolve().parent / "translations"
SOURCE = "en"

_FOLDERS = sorted(found.parent.parent.name for found in FOLDER.glob("*/LC_MESSAGES/messages.mo"))
# By their codes (`de`, `pt-BR`), each by the name that its speakers give it.
LANGUAGES: dict[str, str] = {
    name.replace("_", "-"): Locale.parse(name).get_display_name() or name for name in (SOURCE, *_FOLDERS)
}


def locale_name(code: str) -> str:
    """`pt_BR` for `pt-BR`, as folders and libraries have it."""
    return code.replace("-", "_")
