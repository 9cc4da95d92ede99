"""A site that people have used, and its rooms as files."""

from __future__ import annotations

from pathlib import Path

from porch.cli.rooms.export import PAGE
from tests.conftest import UNLIMITED
from tests.support.database import write_messages
from tests.support.people import Guest
from tests.support.pictures import photo
from tests.support.programs import porch, said
from tests.support.server import Server

HOSTILE = (
    "</script><script>alert(1)</script>\u2028<img src=x onerror=alert(1)>"
    " http://a.example/?x=1&y=<b> **loud**"
)


def write_export(folder: Path) -> None:
    """Its rooms are in `export` afterwards."""
    with Server(folder / "data", site=folder / "site", **UNLIMITED) as server:
        ann, bob = Guest(server.url).sign_up(), Guest(server.url).sign_up()
        garden = ann.open_chat("The <garden>")
        picture = ann.upload(garden, photo(), "tea.jpg")
        notes = ann.upload(garden, b"words", "notes.txt")
        ann.send(garden, "Look", files=[picture["id"], notes["id"]])
        ann.send(garden, HOSTILE)
        ann.send(garden, "Not for long")
        ann.delete(f"/chats/{garden['id']}/messages/3")
        write_messages(server.data, garden["id"], ann.user_id, ann.username, PAGE)
        ann.send(garden, "Café at **the** very end\n- [tea](https://tea.example/)")
        ann.open_chat("Nobody spoke")
        ann.send(ann.open_direct(bob), "In private")
        gone = ann.open_chat("Deleted")
        ann.delete(f"/chats/{gone['id']}/")
        done = porch("rooms", "export", str(folder / "export"), folder=folder)
    assert done.returncode == 0, said(done)
