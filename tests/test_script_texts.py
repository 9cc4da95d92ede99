"""The texts in the scripts: found by the extractor, put in by the joiner, told right in every language."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.support import NullTranslations, Translations
from emoji import is_emoji
from flask.testing import FlaskClient

from porch.web.assets import FOLDER, asset
from porch.web.joining import GETTEXT, NGETTEXT, join_modules, translated
from tests.conftest import skip_or_fail
from tests.support.server import ROOT

SOURCES = {file.stem: file.read_text() for file in sorted(FOLDER.glob("js/**/*.js"))}


def catalogue(language: str, texts: dict[str | tuple[str, str], str | tuple[str, ...]]) -> NullTranslations:
    made = Catalog(locale=language)
    for text, told in texts.items():
        made.add(text, told)
    file = io.BytesIO()
    write_mo(file, made)
    return Translations(io.BytesIO(file.getvalue()))


def run(source: str, texts: NullTranslations) -> list[str]:
    """What the module's `told` is, in this language."""
    node = shutil.which("node")
    if node is None:
        skip_or_fail("Node.js is needed")
    modules = {**SOURCES, "one": source}
    script = join_modules("one", modules.__getitem__, texts=texts) + "console.log(JSON.stringify(told));"
    command = [
        str(node),
        "--input-type=module",
        "-e",
        script.replace("export const{told}=$one;", "const{told}=$one;"),
    ]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    told: list[str] = json.loads(found.stdout)
    return told


@pytest.mark.parametrize(
    ("language", "forms", "told"),
    [
        ("de", ("%(num)s Tag", "%(num)s Tage"), {0: "0 Tage", 1: "1 Tag", 2: "2 Tage", 21: "21 Tage"}),
        (
            "fr",
            ("%(num)s jour", "%(num)s de jours", "%(num)s jours"),
            {0: "0 jour", 1: "1 jour", 2: "2 jours", 1_000_000: "1000000 de jours"},
        ),
        ("ja", ("%(num)s日",), {1: "1日", 2: "2日"}),
        (
            "ru",
            ("%(num)s день", "%(num)s дня", "%(num)s дней"),
            {0: "0 дней", 1: "1 день", 3: "3 дня", 5: "5 дней", 12: "12 дней", 21: "21 день", 122: "122 дня"},
        ),
        (
            "ar",
            ("zero %(num)s", "one %(num)s", "two %(num)s", "few %(num)s", "many %(num)s", "other %(num)s"),
            {
                0: "zero 0",
                1: "one 1",
                2: "two 2",
                3: "few 3",
                110: "few 110",
                11: "many 11",
                100: "other 100",
                102: "other 102",
            },
        ),
    ],
)
def test_a_plural_has_as_many_forms_as_its_language(
    language: str, forms: tuple[str, ...], told: dict[int, str]
) -> None:
    source = f"""import {{ ngettext }} from "./gettext.js";
export const told = {list(told)}.map((num) => ngettext("%(num)s day", "%(num)s days", num));
"""
    texts = catalogue(language, {("%(num)s day", "%(num)s days"): forms})
    assert run(source, texts) == list(told.values())


def test_what_has_no_translation_stays_english() -> None:
    source = """import { gettext, ngettext } from "./gettext.js";
const days = [1, 2, 21].map((num) => ngettext("%(num)s day", "%(num)s days", num));
export const told = [gettext("Close"), ...days];
"""
    for language in ("ru", "ja"):
        assert run(source, catalogue(language, {})) == ["Close", "1 day", "2 days", "21 days"]


def test_every_way_to_write_a_text_is_understood() -> None:
    source = r"""import { gettext, ngettext } from "./gettext.js";
const name = "\"gettext\"";
export const told = [
  gettext("Say \"%(name)s\"\n\\", { name }),
  `${gettext("In a template")}: ${[gettext("In a list")].join("")}`,
  gettext(
    "On a line of its own",
  ),
  ngettext(
    "%(num)s half",
    "%(num)s halves",
    2,
    { name },
  ),
  gettext("%(part)s %% of it", { part: 5 }), gettext("100 %"), gettext("“Käse”\u00a0…"),
];
"""
    texts = catalogue(
        "de",
        {
            'Say "%(name)s"\n\\': 'Sag „%(name)s“\n\\ "',
            "In a template": "In einer `${Vorlage}`",
            "In a list": "In einer Liste",
            "On a line of its own": "Auf einer eigenen Zeile",
            ("%(num)s half", "%(num)s halves"): ("%(num)s Hälfte", "%(num)s Hälften von %(name)s"),
            "%(part)s %% of it": "davon %(part)s %%",
            "100 %": "100 Prozent",
            "“Käse”\u00a0…": "„Käse“",
        },
    )
    assert run(source, texts) == [
        'Sag „"gettext"“\n\\ "',
        "In einer `${Vorlage}`: In einer Liste",
        "Auf einer eigenen Zeile",
        '2 Hälften von "gettext"',
        "davon 5 %",
        "100 Prozent",
        "„Käse“",
    ]


def test_scripts_know_the_language_of_their_texts() -> None:
    source = 'import { LANGUAGE } from "./gettext.js";\nexport const told = [LANGUAGE];\n'
    assert run(source, catalogue("pt_BR", {})) == ["pt-BR"]


def test_an_escape_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(ValueError, match="escape"):
        translated(r'gettext("It\'s")', catalogue("de", {}))


def _leads_to_scripts(folder: str | os.PathLike[str]) -> bool:
    scripts = FOLDER / "js"
    return scripts.is_relative_to(folder) or Path(folder).is_relative_to(scripts)


def test_extractor_and_joiner_find_the_same_texts() -> None:
    """All of them: where the name of either function stands, a text is found."""
    with (ROOT / "babel.cfg").open() as mapping:
        methods, options = parse_mapping_cfg(mapping)  # type: ignore[no-untyped-call]
    extracted: dict[str, list[str | tuple[str, ...]]] = {name: [] for name in SOURCES}
    for file, _, texts, _, _ in extract_from_dir(ROOT, methods, options, directory_filter=_leads_to_scripts):
        if file.endswith(".js"):
            extracted[Path(file).stem].append(texts)
    for name, source in SOURCES.items():
        joined: list[str | tuple[str, ...]] = [json.loads(found[1]) for found in GETTEXT.finditer(source)]
        joined += [(json.loads(found[1]), json.loads(found[2])) for found in NGETTEXT.finditer(source)]
        assert sorted(map(str, extracted[name])) == sorted(map(str, joined)), f"{name}.js"
        if name != "gettext":
            assert len(joined) == len(re.findall(r"\bn?gettext\(", source)), f"{name}.js"


@pytest.mark.parametrize(("wanted", "language"), [({}, "en"), ({"Accept-Language": "de-CH, en"}, "de")])
def test_the_service_worker_speaks_the_language_of_who_asks(
    client: FlaskClient, wanted: dict[str, str], language: str
) -> None:
    answer = client.get("/sw.js", headers=wanted)
    assert f'const LANGUAGE="{language}"' in answer.text
    assert {"Cookie", "Accept-Language"} <= set(answer.vary)
    assert answer.headers["Cache-Control"] == "no-cache"


def test_the_emoji_of_the_picker_have_names_in_the_language_of_the_page(client: FlaskClient) -> None:
    english, german = (client.get(asset(f"joined/{folder}picker.js")).text for folder in ("", "de/"))
    pairs = [re.findall(r'(?<=["|])([^ "|]+) ([^"|]+)(?=["|])', text) for text in (english, german)]
    listed = [[(one, name) for one, name in found if is_emoji(one)] for found in pairs]
    assert ("👍", "thumbs up") in listed[0]
    assert ("👍", "daumen hoch") in listed[1]
    assert "thumbs up" not in german
    assert [emoji for emoji, _ in listed[0]] == [emoji for emoji, _ in listed[1]]
