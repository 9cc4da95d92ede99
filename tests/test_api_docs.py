"""The documentation of the API: its curl lines run, and its answers have the shape it shows."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

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
    assert len(shown_and_got) == 7
    for shown, got in shown_and_got:
        assert shape(json.loads(got)) == shape(json.loads(shown))


def test_the_lines_do_what_the_page_says(shown_and_got: list[tuple[str, str]]) -> None:
    answers = [json.loads(got) for _, got in shown_and_got]
    assert answers[0]["username"] == "Ada"
    assert [message["content"] for message in answers[4]["messages"]] == ["The mast is up."]
    assert answers[-1] == 204


def test_every_route_is_in_the_page(tmp_path: Path) -> None:
    from porch.app import create_app
    from porch.config import Settings

    app = create_app("threading", Settings(data=tmp_path))
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("api."):
            path = rule.rule.replace("<int:chat_id>", "<id>")
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                assert f"`{method} {path}" in API, f"{method} {path} is not in docs/api.md"
