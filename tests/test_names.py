"""Names: which are accepted, which are the same, which are kept."""

from __future__ import annotations

from itertools import islice

import pytest

from porch import names
from porch.errors import Invalid


def same(one: str, other: str) -> bool:
    return not names.keys(names.enforce(one)).isdisjoint(names.keys(names.enforce(other)))


@pytest.mark.parametrize(
    "name",
    [
        "Mary Ann",
        "O’Brien",
        "O'Brien",
        "田中さん",
        "José",
        "Zoë 2",
        "Nguyễn Văn Ân",
        "Αλέξης",
        "Ольга",
        "محمد",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian, with a non-joiner where it belongs
        "ศิริพร",
        "हिन्दी",
        "J. R.",
        "anne-marie",
        "x",
        "7",
        "🙂",
        "x" * 32,
        "田" * 32,
    ],
)
def test_a_name_of_any_language_is_kept_as_it_is(name: str) -> None:
    assert names.enforce(name) == name


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("  Mary   Ann ", "Mary Ann"),
        ("Mary\u00a0Ann", "Mary Ann"),
        ("\u3000田中\u3000さん", "田中 さん"),
        ("Zoe\u0308", "Zoë"),
        ("Ｚｏｅ", "Zoe"),
    ],
)
def test_spaces_and_forms_are_tidied(typed: str, shown: str) -> None:
    assert names.enforce(typed) == shown


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="empty"),
        pytest.param("   ", id="blanks"),
        pytest.param("\t", id="tab"),
        pytest.param("\u00a0\u3000", id="other blanks"),
        pytest.param("\u200b", id="zero-width space alone"),
        pytest.param("al\u200bice", id="zero-width space"),
        pytest.param("al\u200cice", id="zero-width non-joiner between Latin letters"),
        pytest.param("al\u200dice", id="zero-width joiner"),
        pytest.param("al\u2060ice", id="word joiner"),
        pytest.param("\ufeffalice", id="byte order mark"),
        pytest.param("al\u00adice", id="soft hyphen"),
        pytest.param("al\u034fice", id="grapheme joiner"),
        pytest.param("\u3164", id="Hangul filler"),
        pytest.param("\u2800", id="Braille blank"),
        pytest.param("alice\u2800", id="Braille blank after a name"),
        pytest.param("al\ufe0fice", id="variation selector"),
        pytest.param("al\U000e0069ice", id="tag character"),
        pytest.param("\u202ealice", id="RLO"),
        pytest.param("al\u202dice", id="LRO"),
        pytest.param("\u2067alice\u2069", id="RLI"),
        pytest.param("\u2066alice\u2069", id="LRI"),
        pytest.param("alice\u200f", id="right-to-left mark"),
        pytest.param("a" + "\u0301" * 9, id="nine stacked marks"),
        pytest.param("a" + "\u0301" * 3, id="three stacked marks"),
        pytest.param("\u1ea5\u0301", id="three stacked marks, two of them composed"),
        pytest.param("x" * 33, id="33 characters"),
        pytest.param("x" * 300, id="300 characters"),
        pytest.param("x" * 1_000_000, id="a million characters"),
        pytest.param("\ufdfa" * 2, id="two that unfold to 36"),
        pytest.param("al\0ice", id="null"),
        pytest.param("al\nice", id="newline"),
        pytest.param("al\x1b[31mice", id="escape"),
        pytest.param("al\x85ice", id="C1 control"),
        pytest.param("al\u2028ice", id="line separator"),
        pytest.param("al\ud800ice", id="half a character"),
        pytest.param("al\ue000ice", id="private use"),
        pytest.param("al\uffffice", id="not a character"),
        pytest.param("...", id="dots"),
        pytest.param("-", id="dash"),
        pytest.param("?!", id="only punctuation"),
        pytest.param("\u0301\u0301", id="only marks"),
    ],
)
def test_what_cannot_be_read_or_told_apart_is_refused_and_the_field_named(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        names.enforce(name)
    assert refused.value.fields == {"username": refused.value.message}


@pytest.mark.parametrize("name", ["ấ", "a\u0323\u0302", "q\u0323\u0307"])
def test_two_marks_on_one_letter_are_a_letter(name: str) -> None:
    names.enforce(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("alice", "ALICE"),
        ("Straße", "STRASSE"),
        ("Alice", "Ａｌｉｃｅ"),
        ("Mary Ann", "mary  ann"),
        ("Zoë", "ZOE\u0308"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
        ("ОЛЬГА", "ольга"),
    ],
)
def test_case_and_form_make_no_other_name(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"), [("Ann", "Anna"), ("Zoe", "Zoë"), ("Mary Ann", "Maryann"), ("Bo 2", "Bo 3")]
)
def test_other_letters_make_another_name(one: str, other: str) -> None:
    assert not same(one, other)


@pytest.mark.parametrize("name", sorted(names.RESERVED))
def test_a_reserved_name_is_kept_in_every_case_and_width(name: str) -> None:
    wide = "".join(chr(ord(character) + 0xFEE0) for character in name)
    for form in (name, name.upper(), name.title(), f"  {name} ", wide):
        assert names.is_reserved(names.enforce(form))


def test_the_names_of_those_who_run_a_site_are_kept() -> None:
    wanted = {"admin", "administrator", "moderator", "system", "porch", "host", "root", "support"}
    assert wanted <= names.RESERVED


@pytest.mark.parametrize("name", ["Adam", "admin of nothing", "Mode", "Portia", "me too"])
def test_a_name_that_only_begins_like_a_reserved_one_is_free(name: str) -> None:
    assert not names.is_reserved(names.enforce(name))


@pytest.mark.parametrize(
    "name",
    [
        "Bo",
        "Bo 2",
        "x" * 32,
        "x" * 31,
        "x" * 30 + " 2",
        "x" * 29 + " 10",
        "x" * 29 + " yz",
        "Mary " * 6 + "A",
        "田" * 32,
        "x" * 28 + "l·la",  # Catalan: a middle dot is allowed between two l alone
        "x" * 28
        + "\u06cc\u200c\u062e\u0645",  # Persian: a non-joiner is allowed between joining letters alone
    ],
)
def test_alternatives_are_names_that_could_be_taken_instead(name: str) -> None:
    name = names.enforce(name)
    found = list(islice(names.alternatives(name), 50))
    assert len(set(found)) == len(found)
    for alternative in found:
        assert names.enforce(alternative) == alternative
        assert not same(alternative, name)


def test_alternatives_are_recognised_as_such() -> None:
    assert list(islice(names.alternatives("Bo"), 3)) == ["Bo 2", "Bo 3", "Bo 4"]


@pytest.mark.parametrize("name", ["・" * 31 + "カ", "・" * 29 + "カ", "\u0375" * 31 + "α", "Bo"])
def test_looking_for_alternatives_comes_to_an_end(name: str) -> None:
    """These characters stand only beside certain others, so every cut makes them no name."""
    assert len(list(islice(names.alternatives(names.enforce(name)), 2000))) <= names.MOST_ALTERNATIVES
