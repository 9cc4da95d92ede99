"""Rooms as files that need no server: JSON for programs, pages for people, and a search among them."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import click
import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy import select

from porch.cli.whole_folder import whole_folder
from porch.engines.files.store import Store
from porch.errors import NotFound
from porch.extensions import reading
from porch.filenames import file_name
from porch.markdown.blocks import plain_text
from porch.markdown.html import render
from porch.models import Chat, Message, Upload
from porch.models.clock import rfc3339
from porch.models.message import MESSAGES, message_dict
from porch.web.identity import engines

PAGE = 500  # messages
ASSETS = ("export.css", "search.js")

Json = dict[str, Any]


def export_rooms(folder: Path, ids: Sequence[int]) -> tuple[int, int]:
    """Write these rooms, or all; returns how many rooms and messages that are. The folder is there when it is
    whole. Raises ClickException for a room that there is not, OSError.
    """
    rooms = _rooms(ids)
    with whole_folder(folder, mode=0o700) as work:  # it holds what people said
        export = _Export(work, engines().uploads.store)
        with click.progressbar(rooms, label="Writing") as bar:
            counts = [export.write_room(room) for room in bar]
        export.write_index(rooms, counts)
    return len(rooms), sum(counts)


def _rooms(ids: Sequence[int]) -> list[Json]:
    wanted = [Chat.kind != "direct", Chat.deleted_at.is_(None)]
    if ids:
        wanted.append(Chat.id.in_(ids))
    with reading() as session:
        found = session.scalars(select(Chat).where(*wanted).order_by(Chat.id)).all()
    if missing := set(ids) - {chat.id for chat in found}:
        raise click.ClickException(f"There is no room with the number {min(missing)}.")
    return [
        {
            "id": chat.id,
            "name": chat.name,
            "kind": chat.kind,
            "encryption": chat.encryption,
            "created_at": rfc3339(chat.created_at),
            "rev": chat.rev,
        }
        for chat in found
    ]


def _pages(chat_id: int) -> Iterator[list[Json]]:
    """The log of a room from its beginning, tombstones included."""
    after = 0
    while True:
        wanted = MESSAGES.where(Message.chat_id == chat_id, Message.seq > after).order_by(Message.seq)
        with reading() as session:
            page = [message_dict(row) for row in session.execute(wanted.limit(PAGE)).mappings()]
        if not page:
            return
        yield page
        after = page[-1]["seq"]


def _with_next(pages: Iterator[list[Json]]) -> Iterator[tuple[list[Json], bool]]:
    """Each page, and whether another follows; an empty room has one without messages."""
    page = next(pages, [])
    for following in pages:
        yield page, True
        page = following
    yield page, False


class _Export:
    def __init__(self, folder: Path, store: Store) -> None:
        self._folder = folder
        self._store = store
        # Pages that somebody sent as a file run scripts, too, and could load any whose name they know.
        self._words = f"words-{secrets.token_urlsafe(16)}.js"
        self._templates = Environment(
            loader=PackageLoader("porch.cli.rooms", "pages"), autoescape=True, undefined=StrictUndefined
        )
        self._templates.filters["markdown"] = lambda content: render(content).html

    def write_room(self, room: Json) -> int:
        """How many messages it has."""
        folder = self._folder / "rooms" / str(room["id"])
        folder.mkdir(parents=True)
        count = 0
        with (
            (folder / "messages.jsonl").open("wb") as log,
            (folder / self._words).open("w", encoding="utf-8") as words,
        ):
            words.write(f"porchRoom({literal(room['id'])}, {literal(room['name'])}, [\n")
            for number, (messages, goes_on) in enumerate(_with_next(_pages(room["id"])), 1):
                count += len(messages)
                self._write_files(messages)
                log.writelines(msgspec.json.encode(message) + b"\n" for message in messages)
                for one in messages:
                    if one["content"]:
                        text = plain_text(one["content"])
                        row = [number, one["seq"], one["timestamp"], one["username"], text]
                        words.write(f"{literal(row)},\n")
                self._write_page(folder, room, number, messages, goes_on=goes_on)
            words.write("]);\n")
        (folder / "room.json").write_bytes(
            msgspec.json.format(msgspec.json.encode(room | {"messages": count}))
        )
        return count

    def write_index(self, rooms: Sequence[Json], counts: Sequence[int]) -> None:
        """What one opens: the rooms, those with the most messages first, and the search."""
        listed = [room | {"messages": count} for room, count in zip(rooms, counts, strict=True)]
        listed.sort(key=lambda room: -room["messages"])
        (self._folder / "rooms.json").write_bytes(msgspec.json.format(msgspec.json.encode(listed)))
        self._write(
            self._folder / "index.html",
            "index.html",
            rooms=listed,
            name=engines().settings.name,
            words=self._words,
        )
        for name in ASSETS:
            shutil.copyfile(Path(__file__).parent / "pages" / name, self._folder / name)

    def _write_page(
        self, folder: Path, room: Json, number: int, messages: list[Json], *, goes_on: bool
    ) -> None:
        self._write(
            folder / f"{number}.html",
            "room.html",
            room=room,
            number=number,
            messages=messages,
            goes_on=goes_on,
        )

    def _write_files(self, messages: list[Json]) -> None:
        """The files of messages, under their own names; `place` leads to each from the export's root."""
        files = {file["id"]: file for message in messages for file in message.get("files", ())}
        if not files:
            return
        with reading() as session:
            contents = session.execute(select(Upload.id, Upload.content).where(Upload.id.in_(files))).all()
        for id_, digest in contents:
            try:
                content = self._store.open(digest)
            except NotFound:  # deleted meanwhile
                continue
            name = file_name(unquote(files[id_]["url"].rpartition("/")[2]))
            path = self._folder / "files" / str(id_) / name
            path.parent.mkdir(parents=True)
            with content, path.open("wb") as output:
                shutil.copyfileobj(content, output)
            files[id_]["place"] = f"files/{id_}/{quote(name)}"

    def _write(self, path: Path, template: str, **values: Any) -> None:
        path.write_text(self._templates.get_template(template).render(values), encoding="utf-8")


def literal(value: object) -> str:
    """JSON as a script may hold it: no markup, and none of the line ends that JSON alone allows."""
    text = json.dumps(value, ensure_ascii=False)
    for sign in "<\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
