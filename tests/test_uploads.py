"""Uploads: files that are put into a chat, sent with messages, read by members, and gone with them."""

from __future__ import annotations

import hashlib
import io
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from porch.actions.uploads import referred_files, remove_stray_uploads
from porch.engines import Engines
from porch.engines.files import store
from porch.engines.files.uploads import Uploads
from porch.errors import Invalid
from porch.events import Event
from porch.values import Rate
from tests.support.database import ago, change, rows
from tests.support.people import Guest, Json, refused
from tests.support.pictures import encoded, photo
from tests.support.server import Server
from tests.support.waiting import eventually

TEXT = b"Bread, milk, a lamp for the porch."


def unlike(prefix: bytes = b"") -> bytes:
    """A content that no other test has."""
    return prefix + uuid.uuid4().bytes


@pytest.fixture(params=["http", "socket"])
def send(request: pytest.FixtureRequest, ann: Guest, chat: Json) -> Any:
    """`send(content, files, client_id=None)`, of Ann's in the room, through one of the doors."""
    if request.param == "http":
        return lambda content, files, client_id=None: ann.send(chat, content, client_id, files=files)

    def by_socket(content: str, files: object, client_id: str | None = None) -> Json:
        with ann.socket() as socket:
            return socket.send(chat, content, client_id, files=files)

    return by_socket


def got(somebody: Guest, path: str, **headers: str) -> Any:
    answer = somebody.raw("GET", path, headers=headers)
    assert answer.status_code in (200, 206, 304), answer.text
    return answer


def kept(data: Path) -> set[str]:
    """The hashes of all that is stored."""
    return {place.name for place in (data / "uploads").glob("??/??/*")}


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_file_is_told_with_the_message_wherever_that_is_read(
    send: Any, ann: Guest, bob: Guest, chat: Json
) -> None:
    upload = ann.upload(chat, TEXT, "shopping list.txt")
    assert upload == {
        "id": upload["id"],
        "name": "shopping list.txt",
        "size": len(TEXT),
        "media_type": "text/plain",
        "url": f"/chats/{chat['id']}/uploads/{upload['id']}/shopping%20list.txt",
    }
    with bob.socket() as listener:
        listener.enter(chat)
        message = send("For tomorrow", [upload["id"]])
        eventually(lambda: listener.events("message") == [message])
    assert message["files"] == [upload]
    assert bob.after(chat, 0)["messages"] == [message]
    assert bob.get(f"/chats/{chat['id']}/")["messages"] == [message]
    assert got(bob, upload["url"]).content == TEXT


def test_a_picture_has_a_size_and_a_thumbnail_and_nothing_of_where_it_was_taken(
    ann: Guest, bob: Guest, chat: Json
) -> None:
    secret = b"my garden, 48.2 north"
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, secret.decode()  # it lies on its side
    source = photo(1200, 900, exif=exif, comment=secret)
    assert secret in source
    upload = ann.upload(chat, source, "IMG_0042.JPG", "image/jpeg")
    ann.send(chat, "", files=[{"id": upload["id"], "alt": "The garden"}])
    (file,) = bob.message(chat, 1)["files"]
    assert file == upload | {"alt": "The garden"}
    assert (file["name"], file["media_type"]) == ("IMG_0042.JPG", "image/webp")
    assert file["url"].endswith("/IMG_0042.webp")
    assert (file["width"], file["height"]) == (900, 1200)
    assert (file["thumbnail"]["width"], file["thumbnail"]["height"]) == (640, 853)
    for part in (file, file["thumbnail"]):
        answer = got(bob, part["url"])
        assert answer.headers["Content-Type"] == "image/webp"
        assert answer.headers["Content-Disposition"].startswith("inline;")
        assert answer.headers["Cache-Control"] == "private, no-cache"
        made = Image.open(io.BytesIO(answer.content))
        assert made.size == (part["width"], part["height"])
        assert secret not in answer.content
        assert not made.getexif()
        assert got(bob, part["url"], **{"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_a_small_picture_is_its_own_thumbnail(ann: Guest, chat: Json) -> None:
    upload = ann.upload(chat, photo(300, 200, "PNG"), "dot.png")
    assert (upload["width"], upload["height"]) == (300, 200)
    assert "thumbnail" not in upload
    path = f"/chats/{chat['id']}/thumbnails/{upload['id']}"
    assert refused(ann.get, path).code == "not_found"


def test_a_part_of_a_file_can_be_asked_for(ann: Guest, chat: Json) -> None:
    upload = ann.upload(chat, TEXT)
    answer = got(ann, upload["url"], Range="bytes=7-10")
    assert (answer.status_code, answer.content) == (206, TEXT[7:11])
    assert answer.headers["Content-Range"] == f"bytes 7-10/{len(TEXT)}"


def test_a_repeat_gives_the_stored_message_and_nothing_else_passes_for_it(
    send: Any, ann: Guest, chat: Json
) -> None:
    one, two = ann.upload(chat, TEXT), ann.upload(chat, TEXT)
    client_id = str(uuid.uuid4())
    first = send("Here", [one["id"]], client_id)
    assert send("Here", [one["id"]], client_id) == first
    assert refused(send, "Here", [two["id"]], client_id).code == "conflict"
    assert refused(send, "Here", [], client_id).code == "conflict"
    ann.delete(f"/chats/{chat['id']}/messages/{first['seq']}")
    assert send("Here", [one["id"]], client_id)["deleted"]


def test_only_ones_own_unsent_uploads_of_this_room_can_be_sent(
    send: Any, ann: Guest, bob: Guest, chat: Json
) -> None:
    elsewhere = ann.upload(ann.open_chat(), TEXT)
    foreign = bob.upload(chat, TEXT)
    used = ann.upload(chat, TEXT)
    own = ann.upload(chat, TEXT)
    ann.send(chat, "Used", files=[used["id"]])
    for id_ in (elsewhere["id"], foreign["id"], used["id"], 10**9, 0, -1, 2**63, 2**70):
        assert refused(send, "Mine", [own["id"], id_]).code == "invalid"
    assert refused(send, "Twice", [own["id"], own["id"]]).code == "invalid"
    # Nothing of that has used it up.
    assert send("Mine", [own["id"]])["files"] == [own]


def test_a_message_has_ten_files_at_most_and_may_have_no_words(send: Any, ann: Guest, chat: Json) -> None:
    ids = [ann.upload(chat, TEXT)["id"] for _ in range(11)]
    assert refused(send, "Many", ids).code == "invalid"
    assert refused(send, "", []).code == "invalid"
    message = send(" \n", ids[:10])
    assert message["content"] == ""
    assert [file["id"] for file in message["files"]] == ids[:10]


def test_what_a_picture_shows_is_said_in_500_characters(send: Any, ann: Guest, chat: Json) -> None:
    one = ann.upload(chat, photo(), "a.jpg")["id"]
    assert refused(send, "", [{"id": one, "alt": "é" * 501}]).code == "invalid"
    assert refused(send, "", [{"id": one, "alt": "x" * 10_000}]).code == "invalid"
    (file,) = send("", [{"id": one, "alt": " a \u202eb\n\x07" + "é" * 400}])["files"]
    assert file["alt"] == "a  b  " + "é" * 400


def test_nobody_but_the_uploader_sees_what_was_not_sent(ann: Guest, bob: Guest, chat: Json) -> None:
    upload = ann.upload(chat, photo(), "a.jpg")
    for path in (upload["url"], upload["thumbnail"]["url"]):
        absent = path.replace(f"/{upload['id']}", f"/{10**9}")
        assert got(ann, path).content
        assert refused(bob.get, path).error == refused(bob.get, absent).error
    ann.send(chat, "", files=[upload["id"]])
    assert got(bob, upload["url"]).content


def test_who_has_left_or_come_to_another_room_does_not_get_it(ann: Guest, bob: Guest, chat: Json) -> None:
    upload = ann.upload(chat, TEXT)
    ann.send(chat, "", files=[upload["id"]])
    other = bob.open_chat()
    moved = upload["url"].replace(f"/chats/{chat['id']}/", f"/chats/{other['id']}/")
    assert refused(bob.get, moved).code == "not_found"
    ann.delete(f"/chats/{chat['id']}/members/{bob.user_id}")
    assert refused(bob.get, upload["url"]).code == "not_found"


def test_in_a_direct_chat_a_block_holds_for_files(ann: Guest, bob: Guest) -> None:
    direct = ann.open_direct(bob)
    before = ann.upload(direct, TEXT)
    ann.send(direct, "", files=[before["id"]])
    assert bob.direct(direct)["last"]["content"] == "notes.txt"
    bob.block(ann)
    for person in (ann, bob):
        assert refused(person.upload, direct, TEXT).code == "forbidden"
        assert got(person, before["url"]).content == TEXT


@pytest.mark.parametrize("how", ["message", "room"])
def test_the_bytes_go_when_nothing_refers_to_them_any_more(
    server: Server, ann: Guest, bob: Guest, chat: Json, how: str
) -> None:
    shared, own = unlike(), unlike()
    seq = ann.send(chat, "", files=[ann.upload(chat, own)["id"], ann.upload(chat, shared)["id"]])["seq"]
    unsent = ann.upload(chat, unlike())
    elsewhere = bob.open_chat()
    other = bob.upload(elsewhere, shared)
    bob.send(elsewhere, "", files=[other["id"]])
    assert {digest(own), digest(shared)} <= kept(server.data)
    if how == "message":
        tombstone = ann.delete(f"/chats/{chat['id']}/messages/{seq}")
        assert "files" not in tombstone
        assert got(ann, unsent["url"]).content
    else:
        ann.delete(f"/chats/{chat['id']}/")
        assert rows(server.data, "SELECT id FROM upload WHERE chat_id = ?", chat["id"]) == []
    eventually(lambda: digest(own) not in kept(server.data))
    assert got(bob, other["url"]).content == shared
    bob.delete(f"/chats/{elsewhere['id']}/messages/1")
    eventually(lambda: digest(shared) not in kept(server.data))


def test_who_leaves_for_good_takes_along_what_was_not_sent(server: Server, ann: Guest, chat: Json) -> None:
    sent, unsent = unlike(), unlike()
    file = ann.upload(chat, sent)
    ann.send(chat, "", files=[file["id"]])
    ann.upload(chat, unsent)
    ann.delete("/users/current", {})
    eventually(lambda: digest(unsent) not in kept(server.data))
    assert digest(sent) in kept(server.data)


def test_the_same_content_is_stored_once(server: Server, ann: Guest, bob: Guest, chat: Json) -> None:
    picture = photo(700, 500, comment=uuid.uuid4().bytes)
    first = ann.upload(chat, picture, "a.jpg")
    before = kept(server.data)
    again = bob.upload(chat, picture, "b.jpg")
    assert kept(server.data) == before
    assert again["id"] != first["id"]


# What follows moves time and limits, in an application of its own.


class Uploader:
    """Somebody in a room of their own, without a socket."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client(use_cookies=False)
        self.token = ""
        self.token = self.post("/sessions", {"username": "Ann"})["token"]
        self.chat = self.post("/chats", {"name": "A room"})

    def post(self, path: str, body: object) -> Json:
        with self.client.post(path, json=body, headers=self.headers) as answer:
            assert answer.status_code < 400, answer.get_data(as_text=True)
            made: Json = answer.get_json()
            return made

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def upload(self, content: bytes) -> tuple[int, Json]:
        path = f"/chats/{self.chat['id']}/uploads"
        with self.client.post(path, data=content, headers=self.headers) as answer:
            return answer.status_code, answer.get_json()

    @property
    def engines(self) -> Engines:
        found: Engines = self.app.extensions["porch_engines"]
        return found

    @property
    def data(self) -> Path:
        return self.engines.settings.data

    def sweep(self) -> None:
        with self.app.app_context():
            remove_stray_uploads(self.engines)
            self.engines.uploads.tick(referred_files)

    def refusal(self, content: bytes) -> tuple[int, str]:
        status, answer = self.upload(content)
        return status, answer["error"]["code"]


@pytest.fixture
def uploader(make_app: Callable[..., Flask]) -> Callable[..., Uploader]:
    return lambda **settings: Uploader(make_app(**settings))


def test_each_limit_has_an_answer_of_its_own(uploader: Callable[..., Uploader]) -> None:
    ann = uploader(upload_limit=1, upload_quota=2, upload_space=3, upload_rate=None)
    big = 900_000  # also more than a body of JSON may be
    assert ann.refusal(bytes(1_000_001)) == (413, "too_large")
    assert ann.refusal(b"") == (400, "invalid")
    assert ann.upload(bytes(1_000_000))[0] == 201
    assert ann.upload(b"a" * big)[0] == 201
    assert ann.refusal(b"b" * big) == (413, "over_quota")
    change(ann.data, "UPDATE upload SET created_at = ?", ago(days=1, seconds=1))
    assert ann.upload(b"b" * big)[0] == 201
    assert ann.refusal(b"c" * big) == (507, "no_space")


def test_a_site_may_take_no_files(uploader: Callable[..., Uploader]) -> None:
    assert uploader(upload_limit=0).refusal(TEXT) == (403, "forbidden")


def test_who_uploads_too_fast_is_told_how_long_to_wait(uploader: Callable[..., Uploader]) -> None:
    ann = uploader(upload_rate=Rate(2, 0.001))
    statuses = [ann.upload(TEXT)[0] for _ in range(2)]
    status, answer = ann.upload(TEXT)
    assert [*statuses, status] == [201, 201, 429]
    assert answer["error"]["retry_after"] > 1


def test_a_body_that_ends_early_is_no_file(app: Flask) -> None:
    uploads: Uploads = app.extensions["porch_engines"].uploads
    with pytest.raises(Invalid), uploads.taken(1, 100, io.BytesIO(TEXT).read):
        pass
    assert uploads.store.used == 0


def test_what_was_never_sent_goes_after_a_day(app: Flask) -> None:
    ann = Uploader(app)
    data = ann.data
    sent, _, young = (ann.upload(content)[1]["id"] for content in (b"sent", b"old", b"young"))
    body = {"content": "", "client_id": str(uuid.uuid4()), "files": [sent]}
    ann.post(f"/chats/{ann.chat['id']}/messages", body)
    change(data, "UPDATE upload SET created_at = ? WHERE id != ?", ago(days=1, seconds=1), young)
    ann.sweep()
    assert {id_ for (id_,) in rows(data, "SELECT id FROM upload")} == {sent, young}

    def is_gone() -> bool:
        ann.sweep()
        return digest(b"old") not in kept(data)

    eventually(is_gone)
    assert kept(data) == {digest(b"sent"), digest(b"young")}


def test_a_sweep_removes_what_a_crash_has_left_but_not_what_is_under_way(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = Uploader(app)
    data = ann.data
    ann.upload(b"referred to")
    ann.upload(b"a stray")
    change(data, "DELETE FROM upload WHERE content = ?", digest(b"a stray"))
    (data / "uploads" / "work" / "half").write_bytes(b"half")
    ann.sweep()
    assert digest(b"a stray") in kept(data)
    monkeypatch.setattr(store, "GRACE", -1.0)
    monkeypatch.setattr("porch.engines.files.uploads.GRACE", -1.0)
    with ann.engines.uploads.taken(1, 7, io.BytesIO(b"a stray").read):
        ann.sweep()
        assert digest(b"a stray") in kept(data), "somebody is about to refer to it"
    ann.sweep()
    assert kept(data) == {digest(b"referred to")}
    assert list((data / "uploads" / "work").iterdir()) == []


def test_what_another_process_is_about_to_refer_to_stays(tmp_path: Path) -> None:
    here, there = (Uploads(tmp_path / "uploads", "threading", space=1000) for _ in range(2))
    body, removed = digest(TEXT), Event("files_gone", {"digests": [digest(TEXT)]})
    with here.taken(1, len(TEXT), io.BytesIO(TEXT).read):
        pass  # sent, and deleted again
    with there.taken(2, len(TEXT), io.BytesIO(TEXT).read):
        here.observe(removed)
        here.tick(lambda _: set())
        assert kept(tmp_path) == {body}
    here.observe(removed)
    here.tick(lambda _: {body})
    assert kept(tmp_path) == {body}
    here.observe(removed)
    here.tick(lambda _: set())
    assert kept(tmp_path) == set()


def test_what_two_processes_take_in_at_once_is_held_by_both(tmp_path: Path) -> None:
    here, there = (Uploads(tmp_path / "uploads", "threading", space=1000) for _ in range(2))
    with here.taken(1, len(TEXT), io.BytesIO(TEXT).read):
        with there.taken(2, len(TEXT), io.BytesIO(TEXT).read):
            pass
        there.store.remove([digest(TEXT)], lambda _: set())
        assert kept(tmp_path) == {digest(TEXT)}
    there.store.remove([digest(TEXT)], lambda _: set())
    assert kept(tmp_path) == set()


def test_a_full_disk_is_said(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = Uploader(app)
    ann.upload(b"first")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "_moved", full)
    assert ann.refusal(b"second") == (507, "no_space")
    monkeypatch.undo()
    assert ann.upload(b"second")[0] == 201


def test_the_form_without_scripts_sends_one_file(server: Server, ann: Guest, chat: Json) -> None:
    client_id = str(uuid.uuid4())
    for _ in range(2):  # and a second press changes nothing
        answer = ann.raw(
            "POST",
            chat["url"],
            data={"content": "", "client_id": client_id},
            files={"file": ("a b.txt", TEXT, "text/plain")},
        )
        assert answer.status_code == 303
    (message,) = ann.after(chat, 0)["messages"]
    assert [file["name"] for file in message["files"]] == ["a b.txt"]
    assert rows(server.data, "SELECT count(*) FROM upload WHERE chat_id = ?", chat["id"]) == [(1,)]
    page = ann.raw("GET", chat["url"]).text
    assert message["files"][0]["url"] in page


def test_animations_and_transparency_become_pictures(ann: Guest, chat: Json) -> None:
    frames = [Image.new("RGB", (64, 48), colour) for colour in ("red", "blue")]
    moving = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    clear = encoded(Image.new("RGBA", (50, 40), (9, 9, 9, 90)), "PNG")
    for source, size in ((moving, (64, 48)), (clear, (50, 40))):
        upload = ann.upload(chat, source)
        made = Image.open(io.BytesIO(got(ann, upload["url"]).content))
        assert (made.format, made.size) == ("WEBP", size)
