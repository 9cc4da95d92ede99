"""Every text of a page can be in another language: read from the templates, and seen in a made-up one."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import flask_babel
import pytest
from babel.messages.pofile import read_po
from babel.support import NullTranslations
from flask import Flask
from jinja2 import Environment, nodes

from porch.languages import FOLDER, LANGUAGES
from porch.web import assets
from tests.conftest import UNLIMITED
from tests.support.server import ROOT
from tests.support.tour import Tour

TEMPLATES = sorted((ROOT / "porch" / "templates").rglob("*.html"))
ENVIRONMENT = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
LABELS = ("alt", "aria-label", "aria-description", "title", "placeholder", "label")
LETTER = re.compile(r"[A-Za-z]")
# Blocks of a template that are no text: classes, ids, and what a page says of itself to programs.
CODE_BLOCKS = {"page_class", "skip_to", "og_type", "sheet_title", "lamp"}
# Macros that make attributes or drawings.
CODE_MACROS = {"described", "uprights", "boards", "while_open", "while_private"}
SAME_EVERYWHERE = {"UTC", "Windows", "macOS", "iPhone, iPad", "Android", "Linux", "Firefox"}
GAP = "\ue000"  # in the place of an expression or a statement: what stands on both sides of it is apart
# Strings of a template that are words and yet no text: classes, and a value of CSS.
CODE_STRINGS = {"btn door", "light dark", '<use href="#qr-code"/>'}


def source_of(path: Path) -> str:
    """A template without the comments, and without what is code by its name."""
    source = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    for kind, names in (("block", CODE_BLOCKS), ("macro", CODE_MACROS)):
        source = re.sub(
            rf"\{{%-? {kind} ({'|'.join(names)})\b.*?\{{%-? end{kind} -?%\}}", "", source, flags=re.DOTALL
        )
    return source


def written_out(source: str) -> Iterator[str]:
    """What stands in a template as it is: its texts, and its attributes that are read out or shown."""
    in_trans, bare = False, ""
    for _, kind, value in ENVIRONMENT.lex(source):
        if kind == "name" and value in ("trans", "endtrans"):
            in_trans = value == "trans"
        elif kind == "data" and not in_trans:
            bare += value
        elif kind in ("variable_begin", "block_begin"):
            bare += "span" if bare.endswith(("<", "</")) else GAP
    reader = Reader()
    reader.feed(bare)
    reader.close()
    yield from (part.strip() for text in reader.texts for part in text.split(GAP))
    yield from reader.labels


class Reader(HTMLParser):
    """The texts of a page in their order, and its labels, without what is no prose."""

    SILENT = ("script", "style", "svg", "code", "pre", "textarea")

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.labels: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.labels += [given[name] or "" for name in LABELS if name in given]
        if tag == "meta" and given.get("name") == "description":
            self.labels.append(given.get("content") or "")
        if tag in self.SILENT:
            self._silent.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.texts.append(data)


@pytest.mark.parametrize(
    "path", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "porch/templates").as_posix()
)
def test_no_template_has_a_text_that_cannot_be_translated(path: Path) -> None:
    found = [text for text in written_out(source_of(path)) if LETTER.search(text)]
    assert [text for text in found if text not in SAME_EVERYWHERE] == []
    assert [text for text in words_in_code(path.read_text()) if text not in CODE_STRINGS] == []


def words_in_code(source: str) -> Iterator[str]:
    """The strings between {{ }} and {% %} that are words for people, and are not given to gettext."""
    tokens = [(kind, value) for _, kind, value in ENVIRONMENT.lex(source) if kind != "whitespace"]
    for place, (kind, value) in enumerate(tokens):
        text = value[1:-1]
        if (
            kind != "string"
            or "<path" in text
            or not re.search(r"^[^<\w]*[A-Z][a-z]|[A-Za-z,] [A-Za-z]", text)
        ):
            continue
        before = [value for _, value in tokens[max(0, place - 4) : place]]
        if before[-2:-1] not in (["_"], ["ngettext"]) and before[:1] != ["ngettext"]:
            yield text


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Bare</p>", ["Bare"]),
        ('<p>{{ _("Told") }} and bare</p>', ["and bare"]),
        ("<p>{% trans %}Told <b>all</b>{% endtrans %}</p>", []),
        ('<a aria-label="Bare {{ name }}">{{ name }}</a>', [f"Bare {GAP}"]),
        ('<a class="bare" href="/bare/"><code>bare</code></a>', []),
        ('<meta name="description" content="Bare">', ["Bare"]),
    ],
)
def test_texts_are_found_where_they_stand(source: str, found: list[str]) -> None:
    assert [text for text in written_out(source) if LETTER.search(text)] == found


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('{{ "Bare" if it else _("Told") }}', ["Bare"]),
        ('{{ ngettext("%(num)s thing", "%(num)s things", it) }}', []),
        ('{{ line("name", "Bare words") }}', ["Bare words"]),
        ('{{ " hidden" if it }}{{ icon("porch") }}', []),
    ],
)
def test_words_are_found_in_the_code_of_templates(source: str, found: list[str]) -> None:
    assert list(words_in_code(source)) == found


@pytest.mark.parametrize(
    "path", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "porch/templates").as_posix()
)
def test_no_constant_of_a_template_is_in_the_language_of_whoever_came_first(path: Path) -> None:
    """What is imported from a template is made once, for all who come after."""
    tree = ENVIRONMENT.parse(path.read_text())
    if any(isinstance(node, nodes.Macro) for node in tree.body) and not tree.find(nodes.Extends):
        constants = [node for node in tree.body if isinstance(node, nodes.Assign)]
        used = {name.name for constant in constants for name in constant.find_all(nodes.Name)}
        assert not {"_", "gettext", "ngettext"} & used


SOURCES = sorted(
    path
    for folder in ("pages", "web")
    for path in (ROOT / "porch" / folder).glob("*.py")
    if path.name != "json.py"  # which speaks to programs
)
SENTENCE = re.compile(r"^[A-Z“][\w’]*( .*)?[.!?]$|^[A-Z“][\w’]+ [a-z]+|^[a-z’]+( [a-z’]+){2,}")
TOLD = {"gettext", "ngettext", "lazy_gettext", "lazy_ngettext"}
FOR_PROGRAMMERS = {"ValueError", "RuntimeError"}
# Kept in the history of the site's files, in English, and told in other words by `site_overview.py`.
KEPT = re.compile(r"The front page|Order of the |Deleted |Brought back an older version")


def words_in_python(source: str) -> Iterator[str]:
    """The strings of a module that are words for people, and are not given to gettext."""
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if SENTENCE.search(node.value) and not KEPT.match(node.value):
                yield node.value
        elif isinstance(node, ast.Dict):
            waiting += node.values
        elif not is_no_text(node):
            waiting += ast.iter_child_nodes(node)


def is_no_text(node: ast.AST) -> bool:
    """Docstrings, what is asserted or logged, and what gettext has."""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        return name in TOLD | FOR_PROGRAMMERS or getattr(getattr(node.func, "value", None), "id", "") == "log"
    is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_docstring or isinstance(node, ast.Assert) or getattr(node, "arg", "") == "cause"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: "/".join(path.parts[-2:]))
def test_no_page_has_words_in_python_that_cannot_be_translated(path: Path) -> None:
    assert list(words_in_python(path.read_text())) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('DONE = {"saved": "Saved."}', ["Saved."]),
        ('raise Invalid("There is no such list.")', ["There is no such list."]),
        ('raise Invalid(f"There is no {name} here.")', ["There is no "]),
        ('raise Invalid(gettext("There is no such list."))', []),
        ('log.warning("No such thing: %s", it)', []),
    ],
)
def test_words_are_found_in_python(source: str, found: list[str]) -> None:
    assert list(words_in_python(source)) == found


@pytest.mark.parametrize(
    "file", sorted(FOLDER.glob("*/LC_MESSAGES/messages.po")), ids=lambda file: file.parts[-3]
)
def test_no_translation_can_end_the_attribute_or_the_text_that_it_stands_in(file: Path) -> None:
    """Templates take texts as they are: quotation marks and tags are for where English has them."""
    with file.open("rb") as content:
        texts = [text for text in read_po(content) if text.id]
    for text in texts:
        ids, words = ("".join(one or ()) for one in (text.id, text.string))
        assert set(words) & set('"<&') <= set(ids), words


class Wrapping(NullTranslations):
    """A language in which every text is the English one between brackets."""

    def info(self) -> dict[str, str]:
        return {"language": "el"}

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"

    ugettext, ungettext = gettext, ngettext


@pytest.fixture
def brackets(monkeypatch: pytest.MonkeyPatch) -> str:
    """A language that browsers may ask for. Days and lists are in Greek there, as is what people write."""
    monkeypatch.setitem(LANGUAGES, "el", "Ελληνικά")
    english = flask_babel.Domain.get_translations

    def translations(domain: Any) -> Any:
        return Wrapping() if str(flask_babel.get_locale()) == "el" else english(domain)

    monkeypatch.setattr(flask_babel.Domain, "get_translations", translations)
    monkeypatch.setattr(assets, "_catalogue", lambda language: Wrapping())
    return "el"


# What is called the same in every language, or is a name of a file, or of what may stand in one.
NAMES = re.compile(
    r"\b(UTC|English|Deutsch|Porch|Gallery|Press|everyone|\d+ s"
    r"|[\w/]+\.(md|html|css|toml|jpg)|bird|bread|mend|press|radio|ridge|isobars|moons|weave|house"
    r"|hero|banner|about|projects|interests)\b"
)


def untold(page: str) -> Iterator[str]:
    """What stands outside of all brackets in Latin letters."""
    reader = Reader()
    reader.feed(page)
    reader.close()
    for text in ["".join(f"{text}\n" for text in reader.texts), *reader.labels]:
        depth, bare = 0, ""
        for character in text:
            depth += {"⟦": 1, "⟧": -1}.get(character, 0)
            bare += character if depth == 0 else "\n" if character == "⟦" else ""
        assert depth == 0, text
        yield from (line.strip() for line in bare.splitlines() if LETTER.search(NAMES.sub("", line)))


def test_every_text_of_a_page_is_in_its_language(
    make_app: Callable[..., Flask], tmp_path: Path, brackets: str
) -> None:
    app = make_app(**dict.fromkeys(UNLIMITED))
    found = {
        (text, name.partition(" ")[0])
        for name, page in Tour(app, tmp_path / "site", brackets).pages()
        for text in untold(page)
    }
    assert found == set()
    english = app.test_client().get("/chatrooms/", headers={"Accept-Language": "en"}).text
    assert "⟦" not in english, "something was made once, in the language of whoever came first"
