"""The catalogues are whole: they have all texts of the code and no other, and what is compiled is current."""

from __future__ import annotations

import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from porch.languages import FOLDER
from tests.support.server import ROOT

CATALOGUES = sorted(FOLDER.glob("*/LC_MESSAGES/messages.po"))
VALUE = re.compile(r"%\(\w+\)s")
TAG = re.compile(r"<[^>]+>")


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """All that the code says, gathered as `bin/texts` does."""
    template = tmp_path_factory.mktemp("texts") / "messages.pot"
    (command,) = re.findall(r"^babel (extract .*) --output-file", (ROOT / "bin" / "texts").read_text(), re.M)
    subprocess.run(
        [
            str(Path(sys.executable).with_name("pybabel")),
            "-q",
            *command.split(),
            f"--output-file={template}",
            ".",
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=100,
    )
    return read(template)


def read(file: Path) -> Catalog:
    with file.open("rb") as content:
        return read_po(content)


def messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def pairs(message: Message) -> list[tuple[str, str]]:
    """Each translation with the English that it stands for; forms beyond the second stand for the plural."""
    english = [message.id] if isinstance(message.id, str) else [*message.id]
    forms = [message.string or ""] if isinstance(message.id, str) else [*(message.string or ("",))]
    return [(str(english[min(number, len(english) - 1)]), str(form)) for number, form in enumerate(forms)]


def name(file: Path) -> str:
    return file.parts[-3]


@pytest.mark.parametrize("file", CATALOGUES, ids=name)
def test_a_catalogue_has_every_text_and_no_other(file: Path, texts: Catalog) -> None:
    known = read(file)
    assert {m.id for m in messages(known)} == {m.id for m in messages(texts)}, "run ./bin/texts"
    assert not known.obsolete


@pytest.mark.parametrize("file", CATALOGUES, ids=name)
def test_everything_is_translated(file: Path) -> None:
    missing = [m.id for m in messages(read(file)) if m.fuzzy or not all(form for _, form in pairs(m))]
    assert missing == []


@pytest.mark.parametrize("file", CATALOGUES, ids=name)
def test_values_and_tags_are_those_of_the_english(file: Path) -> None:
    """In the form for one the number itself may be a word."""
    wrong = []
    for message in messages(read(file)):
        for english, form in pairs(message):
            for pattern in (VALUE, TAG):
                there, wanted = sorted(pattern.findall(form)), sorted(pattern.findall(english))
                if [one for one in there if one != "%(num)s"] != [one for one in wanted if one != "%(num)s"]:
                    wrong.append((english, form))
    assert wrong == []


@pytest.mark.parametrize("file", CATALOGUES, ids=name)
def test_what_is_read_when_porch_runs_is_what_is_written(file: Path) -> None:
    made: Any = BytesIO()
    write_mo(made, read(file))
    assert file.with_suffix(".mo").read_bytes() == made.getvalue(), "run ./bin/texts"
