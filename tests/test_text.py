"""Which texts show, and which only look like something to a program."""

from __future__ import annotations

import pytest

from porch.text import is_blank, is_unseen


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(" \t\n\u00a0\u3000\u2003\u1680\u2028", id="spaces"),
        pytest.param("\u200b\u200c\u200d\u2060\ufeff", id="zero-width"),
        pytest.param("\u202e\u2066\u2069\u200f\u061c", id="directions"),
        pytest.param("\u00ad\u034f\u180e", id="soft hyphen and others that are ignored"),
        pytest.param("\u3164\u115f\u1160\uffa0", id="Hangul fillers"),
        pytest.param("\u2800\u2800", id="Braille blanks"),
        pytest.param("\ufe0f\ufe0e\U000e0100\u180b", id="variation selectors"),
        pytest.param("\U000e0061\U000e007f", id="tags"),
        pytest.param("\U0001d159", id="null notehead"),
        pytest.param("\U0001d173\U0001d17a", id="musical controls"),
        pytest.param("\U00016fe4", id="Khitan filler"),
        pytest.param("\U00013441\U00013442\U00013430", id="Egyptian blanks and a joiner"),
        pytest.param("\ufffc\ufff9\ufffb", id="object replacement and annotation"),
        pytest.param("\x00\x1b\x85", id="controls"),
        pytest.param("\u0301\u0323", id="marks on nothing"),
        pytest.param(" \u20e3", id="a key cap on a space"),
        pytest.param("\u17b4\u17b5", id="Khmer inherent vowels"),
        pytest.param("\u2065\ufff0\U000e0fff", id="what will be ignored once it exists"),
    ],
)
def test_what_shows_nothing_is_blank(text: str) -> None:
    assert is_blank(text)


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "\u200ba\u200b",
        ".",
        "-",
        "\u00a0\u0301e",
        "👍",
        "❤\ufe0f",
        "👩\u200d👩\u200d👧",
        "🏴\U000e0067\U000e0062\U000e007f",
        "1\ufe0f\u20e3",
        "🇩🇪",
        "🏽",
        "\u0915\u094d",
        "\u093e",  # a vowel sign with a place of its own
        "\u2801",
        "𝄞",
        "\u0600",  # a number sign: it steers what follows, and is drawn
        "\ue000",  # private use: drawn by somebody's font
        "\ufffd",
        "　x",
    ],
)
def test_what_shows_anything_is_not_blank(text: str) -> None:
    assert not is_blank(text)


@pytest.mark.parametrize("character", [" ", "\u200d", "\ufe0f", "\u3164", "\u2800", "\x07"])
def test_a_character_without_ink_is_unseen(character: str) -> None:
    assert is_unseen(character)


@pytest.mark.parametrize("character", ["a", "\u0301", "🙂", "\u0600", "\ufffd"])
def test_a_character_with_ink_is_seen(character: str) -> None:
    assert not is_unseen(character)
