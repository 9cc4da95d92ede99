"""What is refused below the pages is said in the language of whoever reads, none of it in English alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.support import Translations
from flask import Flask
from markupsafe import escape

from porch import errors
from porch.engines import Engines
from porch.engines.files.images import Images
from porch.engines.files.site_pictures import SitePictures
from porch.engines.writing.writer import Transaction
from porch.errors import Conflict, Invalid, PorchError
from porch.extensions import socketio
from porch.languages import LANGUAGES
from porch.models.membership import UNTIL_LIFTED
from porch.names import enforce
from porch.ranks import refuse_restrained, until
from porch.site.folder import SiteFolder, read_folder
from porch.site.problems import ContentError
from porch.site.reading import read_site
from porch.texts import day, in_english, lazily, lazy_gettext, lazy_ngettext, lazy_number
from porch.web.language import speaking
from tests.support.server import ROOT

FLOORS = (
    "access", "actions", "api", "claim.py", "engines", "errors.py", "filenames.py", "lookup.py", "models",
    "names", "passwords.py", "peers.py", "ranks.py", "realtime", "site", "sockets", "web/json.py",
)  # fmt: skip
REFUSALS = {
    name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, PorchError)
}
# Which argument of a call is read by people: of refusals the first, and all values of `fields`.
READ = dict.fromkeys([*REFUSALS, "WrongContent", "_refused"], 0) | {
    "out_of_range": 1, "Problem": 1, "self.wrong": 1, "_check": 5,
}  # fmt: skip
READ_BY_NAME = ("fields", "words")
# How many arguments of theirs are texts.
LAZY = {"lazy_gettext": 1, "lazy_ngettext": 2, "lazy_number": 0, "lazily": 0}
SENTENCE = re.compile(r"[^\W\d_]+ \S|[^\W\d_]\.$")
OTHER = "eo"  # a language that no catalogue is for


class Bracketed(Translations):
    """Every text in brackets."""

    def ugettext(self, message: str) -> str:
        return f"[{message}]"

    def ungettext(self, one: str, other: str, num: int) -> str:
        return f"[{one if num == 1 else other}]"


@pytest.fixture
def bilingual(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """A site that also speaks a language in which every text stands in brackets."""
    monkeypatch.setitem(LANGUAGES, OTHER, "Brackets")
    with app.app_context():
        app.extensions["babel"].instance.domain_instance.cache[OTHER, "messages"] = Bracketed()
    return app


def in_brackets(app: Flask, text: object) -> str:
    with speaking(app, OTHER):
        return str(text)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"username": ""}, {"username": "Give a name."}),
        ({"username": "x" * 33}, {"username": "A name has at most 32 characters."}),
        ({"username": "Admin"}, None),
    ],
)
def test_an_answer_is_refused_in_the_language_of_whoever_asks(
    bilingual: Flask, body: dict[str, str], fields: dict[str, str] | None
) -> None:
    visitor = bilingual.test_client()
    plain = visitor.post("/sessions", json=body).get_json()["error"]
    told = visitor.post("/sessions", json=body, headers={"Accept-Language": f"{OTHER}, en;q=0.5"})
    assert told.get_json()["error"]["message"] == f"[{plain['message']}]"
    if fields:
        assert plain["fields"] == fields
        assert told.get_json()["error"]["fields"] == {name: f"[{text}]" for name, text in fields.items()}


def test_what_is_wrong_with_a_body_is_told_in_the_language(bilingual: Flask) -> None:
    told = bilingual.test_client().post("/sessions", data="{", headers={"Accept-Language": OTHER})
    assert told.get_json()["error"]["message"] == "[Send JSON, with Content-Type: application/json.]"


def test_a_socket_is_answered_in_the_language_that_it_asked_for(bilingual: Flask) -> None:
    browser = bilingual.test_client(use_cookies=False)
    token = browser.post("/sessions", json={"username": "Ann"}).get_json()["token"]
    told = []
    for asks in ({}, {"Accept-Language": OTHER}):
        client = socketio.test_client(bilingual, auth={"token": token}, headers=asks)
        told.append(client.emit("enter", {"chat_id": 7}, callback=True)["error"]["message"])
        client.disconnect()
    assert told == [
        "There is no such room, or it is not yours to enter.",
        "[There is no such room, or it is not yours to enter.]",
    ]


def test_what_a_write_refuses_is_told_in_the_language_of_whoever_asked_for_it(bilingual: Flask) -> None:
    engines: Engines = bilingual.extensions["porch_engines"]

    @bilingual.post("/refused")
    def refuse() -> str:
        def run(transaction: Transaction) -> None:
            raise Conflict(lazy_gettext("%(name)s has gone.", name="<Ann>"))

        engines.writer.write(run)
        return ""

    visitor = bilingual.test_client()
    told = [
        visitor.post("/refused", headers=asks).get_json()["error"]["message"]
        for asks in ({}, {"Accept-Language": OTHER})
    ]
    assert told == ["<Ann> has gone.", "[<Ann> has gone.]"]


def test_a_lazy_text_is_escaped_in_a_page() -> None:
    assert escape(lazy_gettext("%(name)s has gone.", name="<Ann>")) == "&lt;Ann&gt; has gone."


def test_values_follow_the_language_when_it_is_known(bilingual: Flask) -> None:
    text = lazy_gettext("At most %(most)s.", most=lazy_number(12_000))
    assert str(text) == "At most 12,000."
    assert in_brackets(bilingual, text) == "[At most 12\u202f000.]"
    counted = lazy_ngettext("%(num)s day", "%(num)s days", 1)
    assert (str(counted), in_brackets(bilingual, counted)) == ("1 day", "[1 day]")


def test_the_end_of_a_mute_is_a_date_of_the_language(bilingual: Flask) -> None:
    moment = datetime(2099, 11, 4, 18, 5, tzinfo=UTC)
    with pytest.raises(PorchError) as refused:
        refuse_restrained(moment, is_shut=False)
    assert refused.value.message.endswith("you are muted until 4 November, 18:05 UTC.")
    assert "until [4 Novembro, 18:05 UTC]" in in_brackets(bilingual, refused.value)
    assert until(moment) == "until 4 November, 18:05 UTC"
    assert until(UNTIL_LIFTED) == "until a moderator lifts it"
    assert day(moment, year=True) == "4 November 2099"
    with speaking(bilingual, "de"):
        assert day(moment) == "4. November"


def test_scripts_have_their_names_in_the_language(bilingual: Flask) -> None:
    with pytest.raises(Invalid) as refused:
        enforce("Аnn")  # begins with a Cyrillic letter
    assert refused.value.message.endswith("this one mixes Cyrillic and Latin.")
    with speaking(bilingual, "de"):
        assert "Kyrillisch" in refused.value.message


def test_mistakes_of_the_site_that_are_kept_are_told_in_each_language(bilingual: Flask) -> None:
    with pytest.raises(ContentError) as found:
        read_site({"site.toml": b'name = "Ann"\ncolour = 3\nsections = ["now.md"]\n', "now.txt": b""})
    told = in_brackets(bilingual, found.value)
    assert str(found.value).startswith("now.txt: cannot be used")
    assert told.startswith("now.txt: [cannot be used")
    assert "[site.toml, line 2]: colour: [there is no such key" in told


def test_the_log_is_in_english_whoever_asks(
    bilingual: Flask, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "site.toml").write_text("colour = 3\n")
    with speaking(bilingual, OTHER):
        state = SiteFolder(folder, tmp_path / "kept").state()
        assert "[" in str(state.error)
        assert in_english(state.error) in caplog.text
    assert "[" not in caplog.text.partition("The site has a mistake")[2]


def test_what_is_wrong_with_an_image_is_kept_in_english_and_told_in_each_language(
    bilingual: Flask, tmp_path: Path
) -> None:
    media = tmp_path / "mine" / "media"
    media.mkdir(parents=True)
    (tmp_path / "mine" / "site.toml").write_text('name = "Ann"\n')
    (media / "no.png").write_bytes(b"no picture")
    state = read_folder(tmp_path / "mine")
    kept = tmp_path / "kept"
    with speaking(bilingual, OTHER):
        SitePictures(Images(tmp_path / "made"), media, kept).finish(state)
    pictures = SitePictures(Images(tmp_path / "made"), media, kept)
    told = pictures.problems(state)["no.png"]
    assert told.startswith("This is not an image")
    with speaking(bilingual, OTHER):
        assert pictures.problems(state) == {"no.png": f"[{told}]"}


def test_lazily_makes_a_text_when_it_is_asked_for() -> None:
    names = ["Ann"]
    text = lazily(lambda: names[-1])
    names.append("Bob")
    assert str(text) == "Bob"


# The texts in the source.


def test_every_text_that_is_told_can_be_in_another_language() -> None:
    places = [ROOT / "porch" / name for name in FLOORS]
    files = [
        file for place in places for file in ([place] if place.is_file() else sorted(place.rglob("*.py")))
    ]
    assert len(files) > 100
    found = untold({file.relative_to(ROOT).as_posix(): file.read_text() for file in files})
    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize(
    "source",
    [
        'raise Forbidden("Not you.")',
        'raise Forbidden(f"Not {you}.")',
        'raise Forbidden("Not %s." % you)',
        'raise Forbidden("Not {}.".format(you))',
        'raise Forbidden("Not you." if one else lazy_gettext("Not me."))',
        'raise Invalid(lazy_gettext("Wrong."), fields={"name": "Empty."})',
        'raise Invalid(lazy_gettext("Wrong."), fields=dict.fromkeys(names, "Empty."))',
        'raise errors.Forbidden(message="Not you.")',
        'raise out_of_range("limit", "A whole number.")',
        'problems.append(Problem(path, "is not used"))',
        'def run():\n    words = f"Nobody is {name}."\n    raise Invalid(words)',
        'NOT_YOU = "Not you."\nraise Forbidden(NOT_YOU)',
        'WORDS = {"you": "Not you."}\nraise Forbidden(WORDS[word])',
        'def told():\n    return "Not you."\nraise Forbidden(told())',
        'raise Forbidden(lazy_gettext(f"Not {you}."))',
        'raise Forbidden(lazy_gettext(words))',
    ],
)  # fmt: skip
def test_a_text_in_english_alone_is_found(source: str) -> None:
    assert untold({"porch/some.py": source})


@pytest.mark.parametrize(
    "source",
    [
        'raise Forbidden(lazy_gettext("Not %(you)s.", you=you), cause="the database")',
        'raise ValueError("a timestamp needs a time zone")',
        'raise out_of_range("limit", lazy_gettext("A whole number."))',
        'NOT_YOU = lazy_gettext("Not you.")\nraise Forbidden(NOT_YOU)',
        "raise NotFound",
    ],
)
def test_what_can_be_in_another_language_passes(source: str) -> None:
    assert not untold({"porch/some.py": source})


def untold(sources: dict[str, str]) -> list[str]:
    """The texts for people that stand in these modules, by path, and go through no gettext."""
    trees = {path: ast.parse(source) for path, source in sources.items()}
    told = {path: {name for text in _told(tree) for name in _names(text)} for path, tree in trees.items()}
    for path, tree in trees.items():
        for imported in (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)):
            names = {one.name for one in imported.names} & told[path]
            told.setdefault(f"{(imported.module or '').replace('.', '/')}.py", set()).update(names)
    found = []
    for path, tree in trees.items():
        texts = [*_told(tree), *(value for name, value in _named(tree) if name in told[path])]
        bare = [one for text in texts for one in _bare(text)]
        bare += [call for call in ast.walk(tree) if isinstance(call, ast.Call) and _is_computed(call)]
        found += [f"{path}:{one.lineno}: {ast.unparse(one)}" for one in bare]
    return list(dict.fromkeys(found))


def _told(tree: ast.AST) -> Iterator[ast.expr]:
    """What is handed over to be read."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = ast.unparse(call.func)
        at = READ.get(name, READ.get(name.rpartition(".")[2]))
        if at is not None:
            yield from call.args[at : at + 1]
            yield from (keyword.value for keyword in call.keywords if keyword.arg == "message")
        yield from (keyword.value for keyword in call.keywords if keyword.arg in READ_BY_NAME)


def _names(text: ast.expr) -> Iterator[str]:
    """The variables, constants and functions that a text comes from, not those that are values in it."""
    match text:
        case ast.Name(id=name):
            yield name
        case ast.Subscript(value=inner):
            yield from _names(inner)
        case ast.IfExp(body=one, orelse=other):
            yield from _names(one)
            yield from _names(other)
        case ast.Dict(values=values):
            for value in values:
                yield from _names(value)
        case ast.Call(func=ast.Attribute(attr="fromkeys"), args=[_, inner]):
            yield from _names(inner)
        case ast.Call(func=ast.Name(id=name)) if name not in LAZY:
            yield name


def _named(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """What names stand for: the values of assignments, and what functions return."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [one for target in targets for one in ast.walk(target)]
            yield from ((one.id, node.value) for one in names if isinstance(one, ast.Name))
        elif isinstance(node, ast.FunctionDef):
            returns = [
                inner.value for inner in ast.walk(node) if isinstance(inner, ast.Return) and inner.value
            ]
            yield from ((node.name, value) for value in returns)


def _bare(node: ast.AST) -> Iterator[ast.expr]:
    """The sentences in an expression, but for those in calls of gettext."""
    match node:
        case ast.Call(func=ast.Name(id=name)) if name in LAZY:
            return
        case ast.JoinedStr() if SENTENCE.search(_words(node)):
            yield node
        case ast.Constant(value=str(text)) if SENTENCE.search(text):
            yield node
        case ast.Dict():  # its keys are names
            for value in node.values:
                yield from _bare(value)
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _bare(child)


def _words(text: ast.JoinedStr) -> str:
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in text.values)


def _is_computed(call: ast.Call) -> bool:
    """Whether gettext is asked for what no catalogue can have."""
    name = ast.unparse(call.func)
    texts = call.args[: LAZY.get(name, LAZY.get(f"lazy_{name}", 0))]
    return any(not isinstance(text, ast.Constant) for text in texts)
