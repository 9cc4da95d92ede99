"""The machine's description of the API: complete, and true of real answers."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator

from porch.errors import PorchError
from tests.support.database import change
from tests.support.errors import every
from tests.support.keys import Device, Pair, a_backup, an_epoch
from tests.support.openapi import OPENAPI, confirm_described
from tests.support.people import PASSWORD, Guest, Json, a_name
from tests.support.pictures import photo
from tests.support.server import Server
from tests.support.waiting import eventually

OPERATIONS: dict[tuple[str, str], Json] = {
    (path, method): operation
    for path, item in OPENAPI["paths"].items()
    for method, operation in item.items()
    if method != "parameters"
}

QUERIES = {"/messages": "?after=0"}
FOR_MACHINES = ("/healthz", "/readyz", "/metrics")
FILE = {"upload_id": 1, "name": "a.txt"}


def answers(person: Guest, path: str, method: str, body: object = None, query: str = "", **ids: Any) -> Any:
    """Call, and hold the answer against the description; returns its JSON."""
    response = person.raw(method, path.format(**ids) + query, json=body)
    answer = response.json() if response.content else None
    confirm_described(path, method, response.status_code, answer)
    return answer


def test_every_route_is_described_and_nothing_else(app: Flask) -> None:
    routes = {
        (re.sub(r"<(?:int:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert set(OPERATIONS) == routes


def test_the_error_codes_are_those_that_there_are() -> None:
    codes = {error.code for error in every(PorchError)} | {"error"}
    schema = OPENAPI["components"]["schemas"]["Error"]["properties"]["error"]["properties"]
    assert set(schema["code"]["enum"]) == codes


@pytest.mark.parametrize(("path", "method"), OPERATIONS, ids=str)
def test_an_operation_lists_what_all_of_its_kind_may_answer(path: str, method: str) -> None:
    operation = OPERATIONS[path, method]
    listed = operation["responses"].keys()
    assert "401" in listed or path in FOR_MACHINES
    if method != "get":
        assert "403" in listed, "it may come from another site"
    if "requestBody" in operation:
        assert {"400", "413"} <= listed
    if any("limit" in parameter.values() for parameter in operation.get("parameters", [])):
        assert "400" in listed
    if "{chat_id}" in path and (path, method) != ("/chats/{chat_id}/presence", "delete"):
        assert {"404", "409", "410"} <= listed


def test_the_schemas_are_schemas() -> None:
    for schema in OPENAPI["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("content", ["Hello", ""])
def test_messages_are_answered_as_described(ann: Guest, bob: Guest, chat: Json, content: str) -> None:
    messages, one = "/chats/{chat_id}/messages", {"chat_id": chat["id"]}
    body = {"content": content, "client_id": str(uuid.uuid4())}
    for _ in range(2):
        answers(ann, messages, "post", body, **one)
    for query in ("after=0", "after=99", "before=9", "before=0", "after=0&before=2", "limit=0&after=0"):
        answers(bob, messages, "get", query=f"?{query}", **one)
    message = "/chats/{chat_id}/messages/{seq}"
    for person in (Guest(ann.url), bob):
        answers(person, message, "get", seq=1, **one)
    for person in (Guest(ann.url), bob, ann, ann):  # nobody, not the author, done, so already
        answers(person, message, "patch", {"content": f"{content}!"}, seq=1, **one)
        answers(person, message, "patch", {"content": ""}, seq=1, **one)
    for person in (Guest(ann.url), bob, ann, ann):
        answers(person, message, "delete", seq=1, **one)
    answers(ann, message, "patch", {"content": "Too late"}, seq=1, **one)
    for query in ("after=0", "before=9"):
        answers(bob, messages, "get", query=f"?{query}", **one)
    answers(bob, "/chats/{chat_id}/", "get", **one)
    answers(Guest(ann.url), "/chats/{chat_id}/", "get", **one)
    changed = answers(ann, "/chats/{chat_id}/", "patch", {"name": "Renamed"}, **one)
    page = answers(bob, messages, "get", query="?after=0", **one)
    assert page["chat"] == changed | {"mine": False, "may_manage": False, "may_moderate": False}


def test_reactions_and_pins_are_answered_as_described(ann: Guest, bob: Guest, chat: Json) -> None:
    one, message = {"chat_id": chat["id"], "seq": 1}, "/chats/{chat_id}/messages/{seq}"
    ann.send(chat, "Tea?")
    for person in (bob, ann, Guest(ann.url)):
        for method in ("put", "delete", "put"):
            for emoji in ("👍", "x"):
                answers(person, f"{message}/reactions/{{emoji}}", method, emoji=emoji, **one)
            answers(person, f"{message}/pin", method, **one)
    for query in ("?limit=1", "?limit=0"):
        answers(bob, f"{message}/reactions", "get", query=query, **one)
    assert answers(bob, message, "get", **one).keys() >= {"reactions", "pinned"}
    answers(bob, "/chats/{chat_id}/pins", "get", **one)
    answers(ann, message, "delete", **one)
    answers(ann, f"{message}/reactions/{{emoji}}", "put", emoji="👍", **one)
    answers(ann, f"{message}/pin", "put", **one)


def test_a_preview_is_answered_as_described(server: Server, ann: Guest, bob: Guest, chat: Json) -> None:
    one, message = {"chat_id": chat["id"], "seq": 1}, "/chats/{chat_id}/messages/{seq}"
    ann.send(chat, "https://lamp.example/")
    told = {"url": "https://lamp.example/", "title": "Lamps", "description": "", "site": ""}
    assert change(
        server.data, "UPDATE message SET preview = ? WHERE chat_id = ?", json.dumps(told), chat["id"]
    )
    assert answers(bob, message, "get", **one)["preview"] == told
    for person in (bob, ann, Guest(ann.url)):
        answers(person, f"{message}/preview", "delete", **one)
    assert "preview" not in answers(bob, message, "get", **one)


def test_people_are_answered_as_described(server: Server, ann: Guest) -> None:
    users, sessions, nobody = "/users", "/sessions", Guest(server.url)
    account = Guest(server.url).sign_up()
    log_in = {"username": account.username, "password": PASSWORD}
    answers(nobody, sessions, "post", {"username": a_name()})
    answers(nobody, sessions, "post", {"username": ann.username})
    answers(nobody, sessions, "post", log_in)
    answers(nobody, sessions, "post", log_in | {"password": "wrong"})
    answers(nobody, sessions, "post", {"username": 1})
    answers(ann, sessions, "post", {"username": "Other"})
    answers(nobody, users, "post", {"username": a_name(), "password": PASSWORD})
    answers(nobody, users, "post", {"username": a_name(), "password": "short"})
    answers(nobody, users, "post", {"username": account.username, "password": PASSWORD})
    answers(account, users, "post", {"username": a_name(), "password": PASSWORD})
    for person in (account, ann, nobody):
        for path in ("/sessions", "/sessions/current"):
            answers(person, path, "get")
        answers(person, "/users/current", "patch", {"username": a_name()})
        for password in ("wrong", PASSWORD):
            body = {"current_password": password, "password": f"{PASSWORD}!"}
            answers(person, "/users/current/password", "put", body)
        answers(person, "/sessions/{session_id}", "delete", session_id=10**9)
        answers(person, "/sessions/others", "delete")
    for password in ("wrong", f"{PASSWORD}!"):
        answers(account, "/users/current", "delete", {"password": password})
    for _ in range(2):
        answers(ann, "/sessions/current", "delete")


def test_rooms_are_answered_as_described(ann: Guest, bob: Guest, chat: Json) -> None:
    one, nobody = {"chat_id": chat["id"]}, Guest(ann.url)
    for person in (ann, nobody):
        answers(person, "/chats", "post", {"name": "Another", "kind": "link"})
        answers(person, "/chats", "post", {"name": "Another", "kind": "listed"})
        answers(person, "/chats", "post", {"name": ""})
        answers(person, "/chats", "get", query="?q=room&limit=1")
        answers(person, "/chats", "get", query="?limit=0")
    for hash_key in (chat["hash_key"], "nowhere"):
        answers(bob, "/chatrooms/{hash_key}/join", "post", hash_key=hash_key)
    for person in (bob, ann):  # a member, and the creator
        answers(person, "/chats/{chat_id}/invitations", "post", **one)
        answers(person, "/chats/{chat_id}/members", "post", {"username": ann.username}, **one)
        answers(person, "/chats/{chat_id}/members", "post", {"username": "Nobody at all"}, **one)
        answers(person, "/chats/{chat_id}/members", "get", query="?limit=1", **one)
        answers(person, "/chats/{chat_id}/members/{user_id}", "delete", user_id=ann.user_id, **one)
    token = ann.post(f"/chats/{chat['id']}/invitations")["url"].split("/")[2]
    for guest in (Guest.sign_in(ann.url), Guest.sign_in(ann.url)):
        answers(guest, "/invitations/{token}/join", "post", token=token)
    for method in ("put", "get", "delete"):
        answers(bob, "/chats/{chat_id}/presence", method, **one)
    for _ in range(2):
        answers(bob, "/chats/{chat_id}/typing", "post", **one)
    for person in (bob, ann, ann):  # refused, done, over
        answers(person, "/chats/{chat_id}/", "delete", **one)
    for path, method in OPERATIONS:
        if path.startswith("/chats/{chat_id}/") and method in ("get", "put"):
            query = "?after=0" if path.endswith("messages") else ""
            answers(bob, path, method, query=query, seq=1, emoji="👍", user_id=1, **one, **FILE)


def test_direct_chats_are_answered_as_described(ann: Guest, bob: Guest) -> None:
    nobody, stranger = Guest(ann.url), Guest.sign_in(ann.url)
    body = {"username": bob.username}
    for person in (ann, ann, nobody):  # a new one, one that is there, refused
        answers(person, "/directs", "post", body)
    for name in (ann.username, "Nobody at all", ""):
        answers(ann, "/directs", "post", {"username": name})
    direct = ann.open_direct(bob)
    one = {"chat_id": direct["id"]}
    ann.send(direct, "x" * 200)
    for person in (ann, bob, nobody):
        answers(person, "/directs", "get", query="?limit=1")
        answers(person, "/directs", "get", query="?limit=0")
        answers(person, "/sessions/current", "get")
        answers(person, "/users", "get", query=f"?q={bob.username}")
        answers(person, "/users", "get")
    for person in (bob, stranger):
        for state in ("ignored", "open", "asked"):
            answers(person, "/directs/{chat_id}", "patch", {"state": state}, **one)
        for seq in (1, 99):
            answers(person, "/chats/{chat_id}/read", "put", {"seq": seq}, **one)
        for path in ("/", "/presence", "/members", "/messages"):
            answers(person, f"/chats/{{chat_id}}{path}", "get", query=QUERIES.get(path, ""), **one)


def test_what_one_does_about_the_other_is_answered_as_described(ann: Guest, bob: Guest) -> None:
    nobody, stranger = Guest(ann.url), Guest.sign_in(ann.url)
    direct = ann.open_direct(bob)
    one = {"chat_id": direct["id"]}
    ann.send(direct, "Hello")
    for person in (bob, stranger, ann):
        answers(person, "/blocks/{user_id}", "put", user_id=ann.user_id)
        answers(person, "/blocks", "get")
    answers(ann, "/chats/{chat_id}/messages", "post", {"content": "?", "client_id": str(uuid.uuid4())}, **one)
    answers(ann, "/chats/{chat_id}/messages/{seq}", "patch", {"content": "?"}, seq=1, **one)
    answers(stranger, "/directs", "post", {"username": ann.username})
    for person in (bob, stranger, nobody):
        answers(person, "/blocks/{user_id}", "delete", user_id=ann.user_id)
    for whom in ("shared", "somebody"):
        answers(ann, "/users/current", "patch", {"direct_from": whom})
    bob.delete("/sessions/current")
    answers(ann, "/directs", "get")


def test_keys_and_epochs_are_answered_as_described(server: Server) -> None:
    pair = Pair.meet(server.url)
    ann, nobody, guest = pair.ann.person, Guest(server.url), Guest.sign_in(server.url)
    one, phone = {"chat_id": pair.chat["id"]}, Device(pair.ann.person.user_id)
    for _ in range(2):
        answers(ann, "/keys", "post", pair.ann.first())
    answers(ann, "/keys/requests", "post", phone.public)
    for person in (ann, guest, nobody):
        for path in ("/keys", "/keys/epochs", "/chats/{chat_id}/keys", "/chats/{chat_id}/epochs"):
            answers(person, path, "get", **one)
        answers(person, "/keys/requests/{dev}", "delete", dev=phone.dev)
    pair.ann.entries = ann.get("/keys")["entries"]
    entry = {"entry": pair.ann.sign("add", phone, pair.ann.browser)}
    for body in (entry, entry, entry | {"kind": "recovery"}):
        answers(ann, "/keys/entries", "post", body)
    another = pair.ann.sign("add", Device(ann.user_id), phone)
    answers(ann, "/keys/entries", "post", {"entry": another, "kind": "recovery", "backup": a_backup()})
    epoch = an_epoch(pair.chat, pair.both, phone, pair.epoch)
    for record in (epoch, epoch, pair.epoch, epoch | {"v": 2}):
        answers(ann, "/chats/{chat_id}/epochs", "post", record, **one)
    shares = {"dev": phone.dev, "shares": [{"epoch": 0, "enc": "A" * 43, "ct": "A" * 64}]}
    for person in (ann, guest):
        answers(person, "/chats/{chat_id}/shares", "post", shares, **one)
    assert answers(ann, "/chats/{chat_id}/epochs", "get", query=f"?dev={phone.dev}", **one)["shares"]
    for password in ("wrong", PASSWORD):
        answers(ann, "/keys", "delete", {"password": password})
    for path in ("/keys", "/chats/{chat_id}/keys"):
        answers(ann, path, "get", **one)


def test_who_has_moved_is_answered_as_described(ann: Guest, bob: Guest, chat: Json) -> None:
    other = bob.open_chat()
    bob.enter(chat)
    bob.enter(other)
    for path in ("/chats/{chat_id}/", "/chats/{chat_id}/presence", "/chats/{chat_id}/messages"):
        query = "?after=0" if path.endswith("messages") else ""
        error = answers(bob, path, "get", query=query, chat_id=chat["id"])["error"]
        assert (error["code"], error["to"]["id"]) == ("moved", other["id"])


def test_searches_are_answered_as_described(ann: Guest, chat: Json) -> None:
    word = f"word{uuid.uuid4().hex}"
    ann.send(chat, f"Here is a {word}.")
    eventually(lambda: ann.get("/search", q=word)["hits"])
    for query in (f"?q={word}", f"?q={word}&limit=1&chat_id=0", "?q=", "?q=x&after=soon"):
        answers(ann, "/search", "get", query=query)
    answers(Guest(ann.url), "/search", "get", query="?q=x")
    for query in ("?at=2020-01-01", "?at=2990-01-01&tz=-60", ""):
        answers(ann, "/chats/{chat_id}/dates", "get", query=query, chat_id=chat["id"])


def test_uploads_are_answered_as_described(ann: Guest, bob: Guest, chat: Json) -> None:
    path, one = "/chats/{chat_id}/uploads", {"chat_id": chat["id"]}
    for person, content in ((ann, b"a file"), (ann, b""), (Guest(ann.url), b"a file"), (ann, photo())):
        answer = person.raw("POST", path.format(**one), data=content)
        confirm_described(path, "post", answer.status_code, answer.json())
    upload = ann.upload(chat, photo())
    body = {"content": "", "client_id": str(uuid.uuid4()), "files": [{"id": upload["id"], "alt": "A slope"}]}
    for person in (bob, ann, ann):
        answers(person, "/chats/{chat_id}/messages", "post", body, **one)
    for person in (ann, Guest(ann.url)):
        answers(person, "/chats/{chat_id}/", "get", **one)
