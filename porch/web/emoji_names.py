"""The names of the picker's emoji in the language of a page."""

from __future__ import annotations

import re

from porch.emoji import emoji_names

# In `emoji_list.js`: the emoji and its name, between others.
NAMED = re.compile(r'(?<=["|])([^ "|]+) ([^"|]+)(?=["|])')
UNSAFE = re.compile(r'["|\\]')  # would end a name or the string


def with_emoji_names(source: str, language: str) -> str:
    """The list with names in this language instead of the English ones, which stay where there are no others.
    Both would make it twice as long, and what is found by a word that nobody sees looks like a mistake: a
    German who types "gift" means poison.
    """
    names = emoji_names(language)

    def renamed(found: re.Match[str]) -> str:
        return f"{found[1]} {UNSAFE.sub(' ', names.get(found[1], found[2]))}"

    return NAMED.sub(renamed, source)
