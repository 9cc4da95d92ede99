"""The documentation of the API: its curl lines run, and its answers have the shape it shows."""

from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest
from flask import Flask

from porch.errors import PorchError
from tests.support.errors import every
from tests.support.server import ROOT, Server

API = (ROOT / "docs" / "api.md").read_text()
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SEPARATOR = "-- next --"


def shape(value: Any) -> Any:
    """What stays the same from answer to answer: keys and types."""
    match value:
        case dict():
            return {key: shape(inner) for key, inner in value.items()}
        case list():
            return [shape(inner) for inner in value]
        case _:
            return type(value).__name__


@pytest.fixture(scope="module")
def shown_and_got(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """Each answer that the page shows, beside what the same line printed."""
    blocks = FENCE.findall(API.partition("## Calls")[0])
    folder = tmp_path_factory.mktemp("curl")
    with Server(folder / "data") as server:
        script = "set -eu\n"
        for language, text in blocks:
            script += text if language == "sh" else f"echo; echo '{SEPARATOR}'\n"
        script = script.replace("http://127.0.0.1:5000", server.url)
        done = subprocess.run(
            ["sh", "-c", script], cwd=folder, capture_output=True, text=True, timeout=60, check=False
        )
    assert done.returncode == 0, done.stderr
    return list(
        zip(
            [text for language, text in blocks if language != "sh"],
            done.stdout.split(SEPARATOR)[:-1],
            strict=True,
        )
    )


def test_every_shown_answer_has_the_shape_of_the_real_one(shown_and_got: list[tuple[str, str]]) -> None:
    assert len(shown_and_got) == 10
    for shown, got in shown_and_got:
        assert shape(json.loads(got)) == shape(json.loads(shown))


def test_the_lines_do_what_the_page_says(shown_and_got: list[tuple[str, str]]) -> None:
    answers = [json.loads(got) for _, got in shown_and_got]
    assert answers[0]["username"] == "Ada"
    assert [message["content"] for message in answers[4]["messages"]] == ["The mast is up."]
    assert [answer["username"] for answer in (answers[0], answers[6])] == ["Ada", "Ada"]
    assert [chat["present"] for chat in answers[8]["chats"]] == [1]
    assert answers[-1] == 204


def test_the_calls_in_the_page_are_the_routes(app: Flask) -> None:
    routes = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    calls = {
        re.sub(r"<(\w*)id>", lambda name: f"<int:{name[1] or 'chat_'}id>", call).replace("<seq>", "<int:seq>")
        for call in re.findall(r"^\| `([A-Z]+ [^`?]+)[`?]", API, re.MULTILINE)
    }
    assert calls == routes


def test_the_errors_in_the_page_are_those_that_there_are() -> None:
    known = {(error.status, error.code) for error in every(PorchError)} | {(405, "invalid"), (500, "error")}
    told = re.findall(r"^\| (\d{3}) \| `(\w+)` \|", API, re.MULTILINE)
    assert {(int(status), code) for status, code in told} == known
