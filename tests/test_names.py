"""Names: which are accepted, which are the same, which are kept."""

from __future__ import annotations

import random
from functools import cache
from itertools import islice
from typing import Literal
from unicodedata import normalize

import pytest

from porch import names, unicode
from porch.errors import Invalid

# Words of many languages, of which the tests make names by the thousand.
WORDS = (
    "Mary Ann José Zoë Müller Straße Đặng Nguyễn Þór Øyvind Łukasz İpek Işık O'Brien O’Brien Ana-María "
    "Αλέξης Σίσυφος Ольга Юлія Їжак Ёлка გიორგი Արամ אבגד יִצְחָק محمد علی عبدالله नीरज हिन्दी मुহাম্মদ তামান্না "
    "ਗੁਰਪ੍ਰੀਤ தமிழ் తెలుగు ಕನ್ನಡ മലയാളം ශ්‍රී ศิริพร น้ำฝน ຈັນທະ သန္တာ သောက် រតនា སྒྲོལ་མ አበበ ᏣᎳᎩ 田中 さん ジョン 민준 王小明 "
    "paypal paypaI login l0gin modern rnodern B0B bob IIl1 O0o 7 42 ٣ १२ 🙂 ♥ & + _ -"
).split()
ROUNDS = 4000


@cache
def made_up_names() -> tuple[str, ...]:
    """Some thousand names, the same in every run: words and their ends, in other cases, side by side."""
    dice = random.Random(39)
    made: list[str] = []
    while len(made) < ROUNDS:
        words = dice.choices(WORDS, k=dice.choice((1, 1, 2)))
        change = dice.choice((str, str.upper, str.lower, str.title, str.swapcase, str.casefold))
        text = change(dice.choice((" ", "", "-")).join(words))
        start = dice.choice((0, 0, 0, 1, 2))
        try:
            made.append(names.enforce(text[start:]))
        except Invalid:
            continue
    return tuple(made)


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
        "Nguyễn Thị Ánh Tuyết",
        "Trần Đặng Đăng Khoa",
        "Ọlọ́run",
        "Łukasz",
        "Ірина",
        "Ђорђе",
        "გიორგი",
        "Արամ Խաչատրյան",
        "יצחק",
        "שִׁירָה",
        "ז'קלין",
        "عبد اللّٰه",
        "علی‌رضا",
        "राम प्रसाद",
        "श्रीकृष्ण",
        "ज़ुंबा",
        "মুহাম্মদ",
        "ਗੁਰਪ੍ਰੀਤ",
        "தமிழ்ச்செல்வி",
        "తెలుగు",
        "ಕನ್ನಡ",
        "മലയാളം",
        "ณัฐวุฒิ",
        "น้ำฝน",
        "ຈັນທະວົງ",
        "សុភា",
        "မို့မို့",
        "སྒྲོལ་མ",
        "አበበ ቢቂላ",
        "ᏣᎳᎩ",
        "김민준",
        "金민준",
        "Kim 민준",
        "王小明",
        "王 ㄒㄧㄠ",
        "山田 Taro",
        "ジョン・スミス",
        "Oʻgʻabek",
        "J. R. R.",
        "d'Artagnan",
        "Ana-María",
        "x_y",
        "محمد ٣",
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
        ("𝐙𝐨𝐞", "Zoe"),
        ("艾伦·图灵", "艾伦・图灵"),
        ("น\u0e49\u0e4d\u0e32", "น้ำ"),
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
        pytest.param("\u115f", id="Hangul choseong filler"),
        pytest.param("\u2800", id="Braille blank"),
        pytest.param("\U0001d159", id="null notehead"),
        pytest.param("al\U0001d159ice", id="null notehead in a name"),
        pytest.param("x\U00016fe4", id="Khitan filler"),
        pytest.param("\U00013441", id="Egyptian blank"),
        pytest.param("alice\U00013441", id="Egyptian blank after a name"),
        pytest.param("alice\ufffc", id="object replacement"),
        pytest.param("al\U0001d173ice", id="musical control"),
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
        pytest.param("a" + "\u0301" * 2, id="one mark twice"),
        pytest.param("ก" + "\u0e48\u0e49\u0e4a\u0e4b\u0e4d", id="five Thai marks"),
        pytest.param("ก" + "\u0e49" * 2, id="one Thai mark twice"),
        pytest.param("a\u0363\u0364\u0365", id="three small letters above"),
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
        pytest.param("Ann\u00b7Lee", id="a middle dot between Latin letters"),
        pytest.param("王\u00b7Lee", id="a middle dot beside a Latin letter"),
    ],
)
def test_what_cannot_be_read_or_told_apart_is_refused_and_the_field_named(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        names.enforce(name)
    assert refused.value.fields == {"username": refused.value.message}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "Give a name."),
        ("\u200b", "Give a name."),
        ("\u3164\u2800", "Give a name."),
        ("al\u200bice", "A name cannot have invisible or control characters."),
        ("alice\u2800", "A name cannot have invisible or control characters."),
        ("دراجـي", "A name cannot have some of these characters."),
        ("x" * 300, "A name has at most 32 characters."),
        ("...", "A name needs a letter or a digit."),
    ],
)
def test_the_reason_is_given(name: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        names.enforce(name)
    assert refused.value.message == reason


@pytest.mark.parametrize("name", ["ấ", "a\u0323\u0302", "q\u0323\u0307"])
def test_two_marks_on_one_letter_are_a_letter(name: str) -> None:
    names.enforce(name)


@pytest.mark.parametrize(
    ("name", "scripts"),
    [
        ("\u0430lice", "Cyrillic and Latin"),
        ("paypa\u04cf", "Latin and Cyrillic"),
        ("Ольга K.", "Cyrillic and Latin"),
        ("π Ann", "Greek and Latin"),
        ("Ælfred ᚠ", "Latin and Runic"),
        ("さ김", "Hiragana and Hangul"),
        ("ㄅさ", "Bopomofo and Hiragana"),
        ("田Ольга", "Han and Cyrillic"),
        ("αя Q", "Greek, Cyrillic and Latin"),
        ("राम। Ann", "Devanagari and Latin"),
        ("।राम Ann", "Devanagari and Latin"),
        ("अॅা", "Devanagari and Bengali"),
    ],
)
def test_a_name_of_several_alphabets_is_refused_and_they_are_named(name: str, scripts: str) -> None:
    with pytest.raises(Invalid) as refused:
        names.enforce(name)
    assert refused.value.message == f"A name is written in one alphabet; this one mixes {scripts}."


@pytest.mark.parametrize("name", ["محمد ٣2", "राम १2"])
def test_digits_of_two_kinds_are_refused(name: str) -> None:
    with pytest.raises(Invalid, match="digits of one kind"):
        names.enforce(name)


def test_a_character_that_unicode_had_not_yet_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """As under a Python that knows more characters than the table."""
    known = unicode.scripts_of
    monkeypatch.setattr(unicode, "scripts_of", lambda character: known(character) - {"Cher"})
    with pytest.raises(Invalid, match="newer than this site"):
        names.enforce("ᏣᎳᎩ")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("alice", "аӏісе"),  # all Cyrillic
        ("modern", "rnodern"),
        ("Modern", "rnodern"),
        ("login", "l0gin"),
        ("LOGIN", "l0gin"),
        ("paypal", "paypaI"),
        ("paypal", "PAYPAI"),
        ("paypal", "paypa1"),
        ("paypal", "PayPa|"),
        ("PAYPAL", "РАУРАӀ"),  # all Cyrillic
        ("Anna", "ΑΝΝΑ"),  # all Greek
        ("O'Brien", "O’Brien"),
        ("O'Brien", "OʼBrien"),
        ("Anna-Lee", "Anna–Lee"),
        ("Bo 1", "Bo l"),
        ("Bo 10", "Bo lO"),
        ("Aydin", "Aydın"),
        ("scope", "ѕсоре"),
        ("علي", "علی"),  # the Arabic and the Persian letter for y
        ("श्याम", "श्\u200dयाम"),
    ],
)
def test_what_looks_alike_is_the_same_name(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("alice", "ALICE"),
        ("Straße", "STRASSE"),
        ("Alice", "Ａｌｉｃｅ"),
        ("Alice", "𝓐𝓵𝓲𝓬𝓮"),
        ("Alice", "Ⓐⓛⓘⓒⓔ"),
        ("Mary Ann", "mary  ann"),
        ("Zoë", "ZOE\u0308"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
        ("ОЛЬГА", "ольга"),
    ],
)
def test_case_and_form_make_no_other_name(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ann", "Anna"),
        ("Zoe", "Zoë"),
        ("Mary Ann", "Maryann"),
        ("Mary-Ann", "Mary Ann"),
        ("Bo 2", "Bo 3"),
        ("Neil", "Nell"),
        ("Anna", "Анна"),
        ("Tom", "Том"),
        ("राम", "रमा"),
        ("민준", "민중"),
        ("محمد", "محمود"),
    ],
)
def test_other_letters_make_another_name(one: str, other: str) -> None:
    assert not same(one, other)


@pytest.mark.parametrize("name", sorted(names.RESERVED))
def test_a_reserved_name_is_kept_in_every_case_and_width(name: str) -> None:
    wide = "".join(
        "\u3000" if sign == " " else chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in name
    )
    for form in (name, name.upper(), name.title(), f"  {name} ", wide, name.replace(" ", "  ")):
        assert names.is_reserved(names.enforce(form))


@pytest.mark.parametrize(
    "name",
    [
        "admín",
        "adm1n",
        "ADM1N",
        "ADMlN",
        "aDmIn",
        "4dmin",
        "@dmin",
        "ad min",
        "A.D.M.I.N.",
        "[admin]",
        "admin 2",
        "Admin99",
        "аԁміп",  # all Cyrillic
        "АԀМІП",
        "ᴀᴅᴍɪɴ",
        "🅰🅳🅼🅸🅽",
        "🇦🇩🇲🇮🇳",
        "ⓐⓓⓜⓘⓝ",
        "𝖆𝖉𝖒𝖎𝖓",
        "M0DERAT0R",
        "rnoderator",
        "vvebmaster",
        "5ystem",
        "$ystem",
        "P0rch",
        "PorchTeam",
        "deIeted account",
        "Deleted-Account",
        "System Message",
        "Notice",
        "Gastgeber",  # as German pages call the host
        "G4stgeber",
        "Der Gastgeber",
        "Moderatorin",
    ],
)
def test_what_could_be_read_as_those_who_run_a_site_is_kept(name: str) -> None:
    assert names.is_reserved(names.enforce(name))


@pytest.mark.parametrize("name", ["nul1", "NU11", "UNDEFlNED", "anonym0us", "B0T", "Du"])
def test_words_are_kept_from_whatever_looks_alike(name: str) -> None:
    assert names.is_reserved(names.enforce(name))


@pytest.mark.parametrize("name", ["Garden Gate", "GARDEN GATE", "gardengate", "Garden-Gate", "Gard3n Gate"])
def test_further_names_are_kept_for_who_asks(name: str) -> None:
    assert names.is_reserved(name, also=["Garden Gate", "", "🙂"])
    assert not names.is_reserved(name)


@pytest.mark.parametrize("name", ["Garden", "Gate 2", "🦊", "Garden Gate 2"])
def test_further_names_keep_nothing_but_themselves(name: str) -> None:
    assert not names.is_reserved(name, also=["Garden Gate", "", "🙂"])


def test_the_names_of_those_who_run_a_site_are_kept() -> None:
    wanted = {"admin", "administrator", "moderator", "system", "porch", "host", "root", "support"}
    assert wanted <= names.RESERVED


@pytest.mark.parametrize(
    "name", ["Adam", "admin of nothing", "Mode", "Portia", "me too", "Guest 2", "Hosta", "Duke", "🙂"]
)
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
        "Bo 1",
        "Bo l",
        "محمد ٣",
        "राम १२",
        "m" * 32,
        "น้ำ" * 10,
        "x" * 28 + "l·la",  # Catalan: a middle dot is allowed between two l alone
        "\u0645" * 28
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


def test_alternatives_count_in_the_digits_of_the_name() -> None:
    assert list(islice(names.alternatives("محمد ٣"), 2)) == ["محمد ٣ ٢", "محمد ٣ ٣"]


@pytest.mark.parametrize("name", ["・" * 31 + "カ", "・" * 29 + "カ", "\u0375" * 31 + "α", "Bo"])
def test_looking_for_alternatives_comes_to_an_end(name: str) -> None:
    """These characters stand only beside certain others, so every cut makes them no name."""
    assert len(list(islice(names.alternatives(names.enforce(name)), 2000))) <= names.MOST_ALTERNATIVES


def test_what_is_enforced_once_stays_as_it_is_and_keeps_its_keys() -> None:
    for name in made_up_names():
        assert names.enforce(name) == name
        assert names.keys(names.enforce(name)) == names.keys(name)
        assert names.keys(name)
        assert "" not in names.keys(name)
        assert len(name) <= names.LONGEST


def test_a_name_keeps_out_its_own_other_cases() -> None:
    for name in made_up_names():
        for other in (name.upper(), name.lower(), name.casefold()):
            try:
                enforced = names.enforce(other)
            except Invalid:  # capitals can be longer
                continue
            assert same(name, enforced), other


def test_the_comparison_form_is_one_of_the_keys_in_every_case() -> None:
    for name in ("Mary", "mary", "MARY"):
        assert names.comparison_form(name) == "mary"
        assert "mary" in names.keys(name)


def test_who_types_a_name_in_capitals_means_it_and_not_its_look_alike() -> None:
    assert names.same("neil", "NEIL")
    assert not names.same("nell", "NEIL")
    assert same("nell", "NEIL")


def test_what_is_much_too_long_costs_next_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The profile takes time for each code point, so it never sees more than a name has."""
    seen: list[int] = []
    monkeypatch.setattr("porch.names.rules.unicodedata.normalize", bounded_normalize)

    class Profile:
        def enforce(self, text: str) -> str:
            seen.append(len(text))
            return text

    monkeypatch.setattr("porch.names.rules._display", Profile())
    for text in ("x" * 256, "\ufdfa" * 256, "\u1f82" * 256, "x" * 257, "x" * 1_000_000, "a" + "\u0301" * 255):
        with pytest.raises(Invalid):
            names.enforce(text)
    assert seen == []


def bounded_normalize(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
    assert len(text) <= names.LONGEST_INPUT
    return normalize(form, text)
