"""What counts as one emoji, and how it is spelled: by Unicode's list of those for interchange."""

from __future__ import annotations

from emoji import EMOJI_DATA, LANGUAGES, STATUS, config, emoji_list

from porch.errors import Invalid

# Asks for the coloured form of a character. Keyboards put it or leave it out, and mean the same.
SELECTOR = "\ufe0f"
# From each emoji without selectors to the spelling that Unicode calls fully qualified.
_QUALIFIED = {
    emoji.replace(SELECTOR, ""): emoji
    for emoji, data in EMOJI_DATA.items()
    if data["status"] == STATUS["fully_qualified"]
}
LONGEST_EMOJI = max(map(len, _QUALIFIED.values()))  # code points
# A message of so many emoji and nothing else is shown large.
MOST_LARGE = 6


def enforce_emoji(text: str) -> str:
    """The one emoji that a text is, fully qualified. Raises Invalid."""
    found = _QUALIFIED.get(text.replace(SELECTOR, "")) if len(text) <= 2 * LONGEST_EMOJI else None
    if found is None:
        raise Invalid("A reaction is one emoji.", fields={"emoji": "One emoji."})
    return found


def is_large(text: str) -> bool:
    """Whether a message is nothing but a few emoji, as `emoji.js` says it, too."""
    if text.isascii() or len(text) > 2 * MOST_LARGE * LONGEST_EMOJI:
        return False
    found = [one["emoji"] for one in emoji_list(text)]
    return (
        0 < len(found) <= MOST_LARGE
        and all(EMOJI_DATA[one]["status"] != STATUS["unqualified"] for one in found)
        and "".join(found) == "".join(text.split())
    )


def emoji_names(language: str) -> dict[str, str]:
    """The short name of each emoji by Unicode; none in a language that the library does not know."""
    if language not in LANGUAGES:
        return {}
    config.load_language(language)
    return {
        emoji: data[language].strip(":").replace("_", " ")
        for emoji, data in EMOJI_DATA.items()
        if language in data
    }
