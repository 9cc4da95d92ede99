"""The words of a text, and what somebody looks for by typing something."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from porch.engines.search.words import LONGEST_WORD, sought_in, terms_of, words_of

# What is typed, a text, and what is found in it; the scripts, which search what the server cannot read, are
# held against the same.
EXAMPLES = json.loads((Path(__file__).parent / "vectors" / "search_words.json").read_text("utf-8"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["typed"])
def test_what_is_typed_is_found_where_it_stands(example: dict[str, Any]) -> None:
    text = example["text"]
    marks = sought_in(example["typed"]).marks(text)
    assert (None if marks is None else [text[start:end] for start, end in marks]) == example["found"]


def test_a_minus_excludes_a_word_or_a_phrase() -> None:
    sought = sought_in('tea −milk -"much sugar"')
    assert [[word.text for word in phrase.words] for phrase in sought.without] == [
        ["milk"],
        ["much", "sugar"],
    ]


@pytest.mark.parametrize("typed", ["", "-", '"', '""', "***", "-“”", " \n"])
def test_what_has_no_words_looks_for_nothing(typed: str) -> None:
    assert sought_in(typed).phrases == ()


@given(st.text(max_size=300))
def test_every_text_is_found_by_its_own_words(text: str) -> None:
    words = words_of(text)
    assert [word.start for word in words] == sorted(word.start for word in words)
    assert all(0 <= word.start < word.end <= len(text) and word.text for word in words)
    phrase = '"' + text.replace('"', " ") + '"'
    wanted = sought_in(phrase)
    if wanted.phrases and not wanted.without and not any(quote in text for quote in "“”„‟«»〝〞＂"):
        assert wanted.marks(text.replace('"', " ")) is not None


@given(st.text(max_size=200))
def test_terms_have_nothing_in_them_that_an_index_takes_for_its_own(text: str) -> None:
    for term in terms_of(words_of(text)):
        assert 0 < len(term) <= 2 * LONGEST_WORD
        assert all(character.isalnum() or character > "\x7f" for character in term)
        assert not any(character.isspace() for character in term)
