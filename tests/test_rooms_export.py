"""`porch rooms export`: all that was said, for programs and for people, and searched without a server."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from porch.cli.rooms.export import PAGE, literal
from tests.support.exported import HOSTILE, write_export
from tests.support.people import Json
from tests.support.programs import porch, said


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    write_export(folder)
    return folder


def rooms(home: Path) -> list[Json]:
    found: list[Json] = json.loads((home / "export" / "rooms.json").read_text())
    return found


def test_each_room_is_there_with_all_that_was_said(home: Path) -> None:
    garden, quiet = rooms(home)
    assert (garden["name"], garden["messages"]) == ("The <garden>", PAGE + 4)
    assert (quiet["name"], quiet["messages"]) == ("Nobody spoke", 0)
    log = (home / "export" / "rooms" / str(garden["id"]) / "messages.jsonl").read_text("utf-8").split("\n")
    messages = [json.loads(line) for line in log if line]
    # The deletion took a number of its own.
    assert [message["seq"] for message in messages] == [1, 2, 3, *range(5, PAGE + 6)]
    assert messages[1]["content"] == HOSTILE
    assert messages[2]["deleted"]
    assert [Path(home / "export" / file["place"]).name for file in messages[0]["files"]] == [
        "tea.webp",
        "notes.txt",
    ]
    assert (home / "export" / messages[0]["files"][1]["place"]).read_bytes() == b"words"


def test_pages_show_what_marks_mean_and_nothing_else_is_markup(home: Path) -> None:
    garden, _ = rooms(home)
    page = (home / "export" / "rooms" / str(garden["id"]) / "1.html").read_text("utf-8")
    assert "<strong>loud</strong>" in page
    assert 'href="http://a.example/?x=1&amp;y="' in page
    assert "<img src=x" not in page
    assert "<script" not in page


def test_what_is_between_two_people_and_what_was_deleted_is_nowhere(home: Path) -> None:
    written = b"".join(path.read_bytes() for path in (home / "export").rglob("*") if path.is_file())
    for words in (b"In private", b"Not for long", b'"Deleted"'):
        assert words not in written


def test_nobody_else_on_the_machine_can_read_it(home: Path) -> None:
    assert (home / "export").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("arguments", [("--room", "999")])
def test_a_room_that_is_not_there_is_named(home: Path, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = porch("rooms", "export", str(tmp_path / "new"), *arguments, folder=home)
    assert "no room with the number 999" in said(done)
    assert not (tmp_path / "new").exists()


def test_what_is_there_is_not_written_over(home: Path) -> None:
    before = (home / "export" / "index.html").read_bytes()
    assert "is not empty" in said(porch("rooms", "export", str(home / "export"), folder=home))
    assert (home / "export" / "index.html").read_bytes() == before


def test_a_number_that_no_room_can_have_is_refused(home: Path, tmp_path: Path) -> None:
    done = porch("rooms", "export", str(tmp_path / "new"), "--room", "9" * 20, folder=home)
    assert (done.returncode, "not in the range" in said(done)) == (2, True)


def test_a_file_that_went_meanwhile_is_left_out(home: Path, tmp_path: Path) -> None:
    (notes,) = (home / "data" / "uploads").rglob(hashlib.sha256(b"words").hexdigest())
    kept = notes.rename(tmp_path / "kept")
    done = porch("rooms", "export", str(tmp_path / "new"), folder=home)
    kept.rename(notes)
    assert done.returncode == 0, said(done)
    assert [path.name for path in (tmp_path / "new" / "files").rglob("*.*")] == ["tea.webp"]


def test_one_room_can_be_chosen(home: Path, tmp_path: Path) -> None:
    garden, _ = rooms(home)
    done = porch("rooms", "export", str(tmp_path / "one"), "--room", str(garden["id"]), folder=home)
    assert done.returncode == 0, said(done)
    assert [path.name for path in (tmp_path / "one" / "rooms").iterdir()] == [str(garden["id"])]


@pytest.mark.parametrize("text", [HOSTILE, "a\u2029b", '"\\', "<!--"])
def test_a_script_that_holds_what_people_wrote_is_still_one_line_of_data(text: str) -> None:
    written = literal(text)
    assert json.loads(written) == text
    assert not {"<", "\u2028", "\u2029", "\n"} & set(written)
