"""What Unicode says of characters, as the table has it."""

from __future__ import annotations

import hashlib
import unicodedata

import pytest

from porch import unicode


@pytest.mark.parametrize(
    ("text", "skeleton"),
    [
        ("paypaI", "paypal"),
        ("modern", "rnodern"),
        ("l0gin", "lOgin"),
        ("\u0440\u0430\u0443\u0440\u0430\u04cf", "paypal"),
        ("al\u200b\u00ad\ufe0fice", "alice"),
        ("\u00e9", "e\u0301"),
        ("O\u2019Brien", "O'Brien"),
        ("田中さん", "田中さん"),
        ("", ""),
    ],
)
def test_a_skeleton_says_what_a_text_looks_like(text: str, skeleton: str) -> None:
    assert unicode.skeleton(text) == skeleton


def test_a_skeleton_is_its_own_skeleton() -> None:
    """Of every character that can stand in a name; of a few others the standard's own is not."""
    for code in range(0x110000):
        character = chr(code)
        if unicodedata.category(character) in ("Cn", "Cs", "Co") or not unicodedata.is_normalized(
            "NFKC", character
        ):
            continue
        skeleton = unicode.skeleton(character)
        assert unicode.skeleton(skeleton) == skeleton or character == "\u048b"


@pytest.mark.parametrize(
    ("character", "scripts"),
    [
        ("a", {"Latn"}),
        ("\u0430", {"Cyrl"}),
        ("1", {"Zyyy"}),
        ("\u30fc", {"Hira", "Kana"}),
        ("\u0300", {"Cher", "Copt", "Cyrl", "Grek", "Latn", "Perm", "Sunu", "Tale"}),
        ("\U0010ffff", set()),
        ("\u0378", set()),
    ],
)
def test_scripts_are_those_that_a_character_is_written_in(character: str, scripts: set[str]) -> None:
    assert unicode.scripts_of(character) == scripts


def test_scripts_have_names_to_show() -> None:
    assert unicode.script_name("Cyrl") == "Cyrillic"
    assert unicode.script_name("Cans") == "Canadian Aboriginal"


@pytest.mark.parametrize(
    ("character", "ignorable"),
    [("\u200b", True), ("\u202e", True), ("\u3164", True), ("\ufe0f", True), (" ", False), ("a", False)],
)
def test_ignorable_is_what_is_not_shown(character: str, ignorable: bool) -> None:
    assert unicode.is_ignorable(character) == ignorable


def test_the_table_is_small_and_says_where_it_is_from() -> None:
    text = unicode.TABLE.read_text(encoding="utf-8")
    head = text.partition("\n\n")[0]
    assert len(text) < 150_000
    assert "Unicode 17.0.0, from https://www.unicode.org/Public/17.0.0/" in head
    assert "Permission is hereby granted" in head
    assert head.count(".txt") >= 5
    assert len([word for word in head.split() if len(word) == hashlib.sha256().digest_size * 2]) == 5
