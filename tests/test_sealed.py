"""Sealed rooms: the server lets in by the token, and takes envelopes and nothing that can be read."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.database import rows
from tests.support.openapi import confirm_described
from tests.support.people import Guest, Json, refused
from tests.support.pictures import photo
from tests.support.programs import util_here
from tests.support.sealed import (
    an_envelope,
    both_doors,
    by_http,
    by_socket,
    open_sealed,
    opening,
    sealed,
    text_of,
)
from tests.support.server import Server
from tests.support.waiting import eventually

Send = Callable[[Guest, Json, Json], Json]


def test_a_sealed_room_says_that_it_is_one_and_others_say_nothing(ann: Guest) -> None:
    chat, _ = open_sealed(ann)
    assert chat["encryption"] == "sealed"
    assert "join_hash" not in chat
    confirm_described("/chats", "post", 201, chat)
    assert "encryption" not in ann.open_chat()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"encryption": "rot13"}, "encryption"),
        ({"join_hash": None}, "join_hash"),
        ({"join_hash": "0" * 63}, "join_hash"),
        ({"join_hash": "G" * 64}, "join_hash"),
        ({"kind": "private"}, "kind"),
        ({"encryption": "none"}, "join_hash"),
    ],
)
def test_a_room_that_would_be_sealed_halfway_is_refused(ann: Guest, changes: Json, field: str) -> None:
    refusal = refused(ann.post, "/chats", opening(text_of(32)) | changes)
    assert (refusal.status, list(refusal.error["fields"])) == (400, [field])


def test_a_sealed_room_stays_one_by_link(ann: Guest) -> None:
    chat, _ = open_sealed(ann)
    assert refused(ann.patch, f"/chats/{chat['id']}/", {"kind": "private"}).status == 400
    assert ann.patch(f"/chats/{chat['id']}/", {"name": "Renamed"})["encryption"] == "sealed"


@pytest.mark.parametrize("body", [None, {}, {"token": ""}, {"token": "x" * 500}, {"token": "ü"}, "wrong"])
def test_without_its_token_the_link_leads_nowhere(ann: Guest, bob: Guest, body: Any) -> None:
    chat, _ = open_sealed(ann)
    given = {"token": text_of(32)} if body == "wrong" else body
    refusal = refused(bob.post, f"/chatrooms/{chat['hash_key']}/join", given)
    nowhere = refused(bob.post, f"/chatrooms/{text_of(16)}/join")
    assert (refusal.status, refusal.error) == (404, nowhere.error)
    for path in ("", "messages?after=0", "presence", "pins"):
        assert refused(bob.get, f"/chats/{chat['id']}/{path}").status == 404


def test_the_token_lets_in_and_whoever_is_in_needs_it_no_more(ann: Guest, bob: Guest) -> None:
    chat, token = open_sealed(ann)
    assert bob.post(f"/chatrooms/{chat['hash_key']}/join", {"token": token})["id"] == chat["id"]
    assert bob.join(chat)["encryption"] == "sealed"


def test_a_token_is_read_of_a_body_that_comes_in_chunks(ann: Guest, bob: Guest) -> None:
    chat, token = open_sealed(ann)
    pieces = (piece.encode() for piece in ('{"token": ', f'"{token}"', "}"))
    answer = bob.raw(
        "POST",
        f"/chatrooms/{chat['hash_key']}/join",
        data=pieces,
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 200, answer.text


def test_a_member_learns_whether_a_token_is_right(ann: Guest) -> None:
    chat, token = open_sealed(ann)
    path = f"/chatrooms/{chat['hash_key']}/join"
    assert ann.post(path, {"token": token})["id"] == chat["id"]
    assert refused(ann.post, path, {"token": text_of(32)}).status == 404
    assert ann.get(f"/chats/{chat['id']}/")["id"] == chat["id"]


def test_a_room_that_is_not_sealed_asks_for_no_token(ann: Guest, bob: Guest) -> None:
    chat = ann.open_chat(kind="link")
    assert bob.post(f"/chatrooms/{chat['hash_key']}/join", {"token": "anything"})["id"] == chat["id"]


@both_doors
def test_an_envelope_is_kept_in_order_as_it_came_and_once(ann: Guest, bob: Guest, send: Send) -> None:
    chat, token = open_sealed(ann)
    bob.post(f"/chatrooms/{chat['hash_key']}/join", {"token": token})
    envelopes = [an_envelope(chat) for _ in range(3)]
    for envelope in (*envelopes, envelopes[0]):  # a repeat is the stored one
        send(ann, chat, sealed(envelope))
    messages = bob.get(f"/chats/{chat['id']}/messages?after=0")["messages"]
    assert [message["envelope"] for message in messages] == envelopes
    assert [(message["seq"], message["content"]) for message in messages] == [(1, ""), (2, ""), (3, "")]
    confirm_described("/chats/{chat_id}/messages/{seq}", "get", 200, messages[0])
    other = an_envelope(chat, envelopes[0]["client_id"])
    assert refused(send, ann, chat, sealed(other)).code == "conflict"


@both_doors
def test_a_sealed_room_takes_nothing_that_can_be_read(ann: Guest, send: Send) -> None:
    chat, _ = open_sealed(ann)
    envelope = an_envelope(chat)
    send(ann, chat, sealed(envelope))
    for body in (
        {"content": "plain", "client_id": str(uuid.uuid4())},
        sealed(an_envelope(chat), content="plain"),
        sealed(an_envelope(chat), reply_to=1),
        sealed(an_envelope(chat), files=[1]),
    ):
        assert refused(send, ann, chat, body).code == "invalid"
    assert len(ann.get(f"/chats/{chat['id']}/messages?after=0")["messages"]) == 1


@both_doors
def test_a_plain_room_takes_no_envelope(ann: Guest, chat: Json, send: Send) -> None:
    refusal = refused(send, ann, chat, sealed(an_envelope(chat)))
    assert list(refusal.error["fields"]) == ["envelope"]


WRONG: list[Json] = [
    {"v": 2},
    {"v": True},
    {"alg": ""},
    {"alg": "a" * 65},
    {"chat": 0},
    {"chat": "1"},
    {"epoch": -1},
    {"epoch": 2**53},
    {"client_id": "0b2fd7b4-3d1e-4a43-9a0c-0d6c9a3a5a51"},
    {"dev": "short"},
    {"dev": "=" * 43},
    {"dev": "x" * 43},
    {"ctr": 0.5},
    {"seen_seq": None},
    {"seen_hash": "x"},
    {"seen_hash": "x" * 43},
    {"iv": "x" * 15},
    {"ct": "x" * 106},
    {"ct": "x" * 87_405},
    {"ct": "x" * 200 + "\n"},
    {"sig": "x" * 85},
    {"sig": "x" * 86},
    {"more": 1},
]


@pytest.mark.parametrize("wrong", [{"chat": "half \ud800"}, {"half \ud800": 1}], ids=ascii)
def test_an_envelope_with_half_a_character_is_refused(ann: Guest, wrong: Json) -> None:
    chat, _ = open_sealed(ann)
    envelope = an_envelope(chat)
    refusal = refused(by_socket, ann, chat, sealed(envelope) | {"envelope": envelope | wrong})
    assert list(refusal.error["fields"]) == ["envelope"]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_what_is_no_envelope_of_this_message_is_refused(ann: Guest, wrong: Json) -> None:
    chat, _ = open_sealed(ann)
    envelope = an_envelope(chat)
    refusal = refused(by_http, ann, chat, sealed(envelope) | {"envelope": envelope | wrong})
    assert (refusal.status, list(refusal.error["fields"])) == (400, ["envelope"])


def test_an_edit_brings_another_envelope_and_a_deletion_takes_it(ann: Guest) -> None:
    chat, _ = open_sealed(ann)
    first = an_envelope(chat)
    by_http(ann, chat, sealed(first))
    path = f"/chats/{chat['id']}/messages/1"
    second = an_envelope(chat, first["client_id"])
    assert ann.patch(path, {"content": "", "envelope": second})["envelope"] == second
    for body in (
        {"content": "plain"},
        {"content": "plain", "envelope": second},
        {"content": "", "envelope": an_envelope(chat)},
    ):
        assert refused(ann.patch, path, body).status == 400
    with ann.socket() as socket:
        third = an_envelope(chat, first["client_id"])
        edit = {"chat_id": chat["id"], "seq": 1, "content": "", "envelope": third}
        assert socket.call("edit", edit)["message"]["envelope"] == third
    assert "envelope" not in ann.delete(path)


PICTURE = photo(900, 600)


def test_files_of_a_sealed_room_are_kept_as_they_came_and_under_no_name(
    server: Server, ann: Guest, bob: Guest
) -> None:
    chat, token = open_sealed(ann)
    bob.post(f"/chatrooms/{chat['hash_key']}/join", {"token": token})
    # Whatever it looks like, and whatever is said of it.
    upload = ann.upload(chat, PICTURE, "quincewise.jpg", "image/jpeg")
    confirm_described("/chats/{chat_id}/uploads", "post", 201, upload)
    url = f"/chats/{chat['id']}/uploads/{upload['id']}/locked"
    kept = {"id": upload["id"], "name": "locked", "media_type": "application/octet-stream", "url": url}
    assert upload == kept | {"size": len(PICTURE)}
    told = by_http(ann, chat, sealed(an_envelope(chat), files=[upload["id"]]))
    confirm_described("/chats/{chat_id}/messages/{seq}", "get", 200, told)
    assert bob.message(chat, 1)["files"] == [upload]
    answer = bob.raw("GET", url)
    assert (answer.content, answer.headers["Content-Type"]) == (PICTURE, "application/octet-stream")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert bob.raw("GET", f"/chats/{chat['id']}/thumbnails/{upload['id']}").status_code == 404
    for file in server.data.rglob("*"):
        assert not file.is_file() or b"quincewise" not in file.read_bytes(), file


@both_doors
def test_files_go_with_a_sealed_message_once_and_with_nothing_beside(
    ann: Guest, bob: Guest, send: Send
) -> None:
    chat, token = open_sealed(ann)
    bob.post(f"/chatrooms/{chat['hash_key']}/join", {"token": token})
    ids = [ann.upload(chat, content)["id"] for content in (b"one", b"two")]
    envelope = an_envelope(chat)
    body = sealed(envelope, files=ids)
    for wrong in (
        sealed(envelope, files=[{"id": ids[0], "alt": "The mast"}]),
        sealed(envelope, files=[ids[0], ids[0]]),
        sealed(envelope, files=[ids[0], bob.upload(chat, b"bob's")["id"]]),
        {"content": "", "client_id": envelope["client_id"], "files": ids},
    ):
        assert refused(send, ann, chat, wrong).code == "invalid"
    first = send(ann, chat, body)
    assert [file["id"] for file in first["files"]] == ids
    assert send(ann, chat, body)["seq"] == first["seq"]
    assert refused(send, ann, chat, sealed(envelope, files=ids[:1])).code == "conflict"
    assert refused(send, ann, chat, sealed(an_envelope(chat), files=ids)).code == "invalid"
    edited = ann.patch(
        f"/chats/{chat['id']}/messages/1",
        {"content": "", "envelope": an_envelope(chat, envelope["client_id"])},
    )
    assert edited["files"] == first["files"]


def test_locked_files_count_and_go_with_their_message(start_server: Callable[..., Server]) -> None:
    server = start_server(UPLOAD_LIMIT=1, UPLOAD_QUOTA=1)
    ann = Guest.sign_in(server.url)
    chat, _ = open_sealed(ann)
    content = b"zwiebelkettle" * 50_000
    assert refused(ann.upload, chat, bytes(1_000_001)).code == "too_large"
    upload = ann.upload(chat, content)
    assert refused(ann.upload, chat, content).code == "over_quota"
    by_http(ann, chat, sealed(an_envelope(chat), files=[upload["id"]]))
    assert stored_with(server, b"zwiebelkettle")
    ann.delete(f"/chats/{chat['id']}/messages/1")
    assert ann.raw("GET", upload["url"]).status_code == 404
    eventually(lambda: not stored_with(server, b"zwiebelkettle"))


def stored_with(server: Server, words: bytes) -> list[Path]:
    """The files of messages that the server has, with these words in them."""
    found = (server.data / "uploads").rglob("*")
    return [file for file in found if file.is_file() and words in file.read_bytes()]


def test_the_form_without_scripts_puts_no_file_into_a_sealed_room(server: Server, ann: Guest) -> None:
    chat, _ = open_sealed(ann)
    form = {"content": "", "client_id": str(uuid.uuid4())}
    file = {"file": ("quincewise.txt", b"quincewise")}
    answer = ann.raw("POST", chat["url"], data=form, files=file)
    assert answer.status_code == 400
    assert "This room is sealed" in answer.text
    assert rows(server.data, "SELECT id FROM upload WHERE chat_id = ?", chat["id"]) == []


def test_reactions_pins_and_what_is_unread_are_as_in_any_room(ann: Guest, bob: Guest) -> None:
    chat, token = open_sealed(ann)
    bob.post(f"/chatrooms/{chat['hash_key']}/join", {"token": token})
    envelope = an_envelope(chat)
    by_http(ann, chat, sealed(envelope))
    (row,) = (row for row in bob.lobby() if row["id"] == chat["id"])
    assert (row["unread"], row["encryption"]) == (1, "sealed")
    path = f"/chats/{chat['id']}/messages/1"
    assert bob.put(f"{path}/reactions/👍")["envelope"] == envelope
    assert ann.put(f"{path}/pin")["pinned"]
    assert bob.get(f"/chats/{chat['id']}/pins")["messages"][0]["envelope"] == envelope


def test_a_moderator_takes_a_sealed_message_back_without_a_trace(
    server: Server, ann: Guest, bob: Guest
) -> None:
    chat, token = open_sealed(ann)
    bob.post(f"/chatrooms/{chat['hash_key']}/join", {"token": token})
    by_http(bob, chat, sealed(an_envelope(chat)))
    assert ann.delete(f"/chats/{chat['id']}/messages/1")["removed"]
    assert rows(server.data, "SELECT envelope FROM message WHERE chat_id = ?", chat["id"]) == [(None,)]


def test_the_form_without_scripts_says_why_it_does_not_send(server: Server, ann: Guest) -> None:
    chat, _ = open_sealed(ann)
    form = {"content": "plain", "client_id": str(uuid.uuid4())}
    answer = ann.raw("POST", chat["url"], data=form)
    assert answer.status_code == 400
    assert "This room is sealed" in answer.text
    assert rows(server.data, "SELECT id FROM message WHERE chat_id = ?", chat["id"]) == []


def test_a_link_without_its_key_makes_nobody_a_member_by_being_opened(ann: Guest, bob: Guest) -> None:
    chat, _ = open_sealed(ann)
    assert "Sealed room" in bob.raw("GET", chat["url"]).text
    assert "Sealed room" in bob.raw("GET", f"{chat['url']}messages/1/").text
    assert refused(bob.get, f"/chats/{chat['id']}/").status == 404


def test_nothing_can_be_read_in_a_notice(ann: Guest, bob: Guest) -> None:
    chat, token = open_sealed(ann)
    bob.post(f"/chatrooms/{chat['hash_key']}/join", {"token": token})
    with bob.socket() as socket:
        by_http(ann, chat, sealed(an_envelope(chat)))
        eventually(lambda: any(name == "notice" for name, _ in list(socket.heard)))
        (notice,) = (data for name, data in list(socket.heard) if name == "notice")
    assert (notice["content"], notice["called"]) == ("", False)
    assert "envelope" not in notice


def test_the_command_that_inserts_messages_says_why_it_does_not(server: Server, ann: Guest) -> None:
    chat, _ = open_sealed(ann)
    done = util_here(server.data, "insert", "--room", chat["hash_key"], "--messages", "1")
    assert done.returncode == 1
    assert "sealed" in done.stderr


def test_what_a_sealed_room_refuses_takes_no_turn_of_slow_mode(ann: Guest, bob: Guest) -> None:
    chat, token = open_sealed(ann)
    ann.patch(f"/chats/{chat['id']}/", {"slow_mode": 300})
    bob.post(f"/chatrooms/{chat['hash_key']}/join", {"token": token})
    body = sealed(an_envelope(chat))
    assert refused(by_http, bob, chat, body | {"reply_to": 1}).status == 400
    by_http(bob, chat, body)
