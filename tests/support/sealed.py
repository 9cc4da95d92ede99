"""Sealed rooms as a client without the primitives sees them: tokens, and envelopes of the right form."""

from __future__ import annotations

import base64
import hashlib
import secrets
import uuid

import pytest

from tests.support.people import Guest, Json


def text_of(size: int) -> str:
    """So many random bytes in base64url."""
    return base64.urlsafe_b64encode(secrets.token_bytes(size)).decode().rstrip("=")


def open_sealed(guest: Guest, name: str = "Sealed") -> tuple[Json, str]:
    """A sealed room, and the token that lets into it."""
    token = text_of(32)
    return guest.post("/chats", opening(token, name)), token


def opening(token: str, name: str = "Sealed") -> Json:
    join_hash = hashlib.sha256(base64.urlsafe_b64decode(f"{token}=")).hexdigest()
    return {"name": name, "kind": "link", "encryption": "sealed", "join_hash": join_hash}


def an_envelope(chat: Json, client_id: str | None = None, **fields: object) -> Json:
    return {
        "v": 1,
        "alg": "A256GCM.Ed25519",
        "chat": chat["id"],
        "epoch": 0,
        "client_id": client_id or str(uuid.uuid4()),
        "dev": text_of(32),
        "ctr": 1,
        "seen_seq": 0,
        "seen_hash": text_of(32),
        "iv": text_of(12),
        "ct": text_of(80),
        "sig": text_of(64),
    } | fields


def sealed(envelope: Json, **fields: object) -> Json:
    """The body that sends it."""
    return {"content": "", "client_id": envelope["client_id"], "envelope": envelope} | fields


def by_http(person: Guest, chat: Json, body: Json) -> Json:
    return person.post(f"/chats/{chat['id']}/messages", body)


def by_socket(person: Guest, chat: Json, body: Json) -> Json:
    with person.socket() as socket:
        message: Json = socket.call("send", {"chat_id": chat["id"]} | body)["message"]
        return message


both_doors = pytest.mark.parametrize("send", [by_http, by_socket])
