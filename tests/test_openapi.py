"""The machine's description of the API: complete, and true of real answers."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
import requests
from flask import Flask
from jsonschema import Draft202012Validator

from tests.support.people import Guest, Json
from tests.support.server import ROOT

OPENAPI: Json = json.loads((ROOT / "docs" / "openapi.json").read_text())


def resolve(node: Json) -> Json:
    while "$ref" in node:
        target: Any = OPENAPI
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def check(path: str, method: str, answer: requests.Response) -> None:
    """The answer is one that the description lists, and has the schema that it lists."""
    responses = OPENAPI["paths"][path][method]["responses"]
    assert str(answer.status_code) in responses, answer.text
    content = resolve(responses[str(answer.status_code)]).get("content")
    if content is None:
        assert not answer.content
        return
    schema = content["application/json"]["schema"] | {"components": OPENAPI["components"]}
    Draft202012Validator(schema).validate(answer.json())


def test_every_route_is_described_and_nothing_else(app: Flask) -> None:
    routes = {
        (re.sub(r"<(?:int:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("api.")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    described = {
        (path, method) for path, item in OPENAPI["paths"].items() for method in item if method != "parameters"
    }
    assert described == routes


@pytest.mark.parametrize("content", ["Hello", ""])
def test_answers_are_as_described(ann: Guest, bob: Guest, chat: Json, content: str) -> None:
    messages, one = "/chats/{chat_id}/messages", f"/chats/{chat['id']}"
    body = {"content": content, "client_id": str(uuid.uuid4())}
    for _ in range(2):
        check(messages, "post", ann.raw("POST", f"{one}/messages", json=body))
    for query in ("after=0", "after=99", "before=9", "before=0", "after=0&before=2", "limit=0&after=0"):
        check(messages, "get", bob.raw("GET", f"{one}/messages?{query}"))
    check("/chats/{chat_id}/", "get", bob.raw("GET", f"{one}/"))
    check("/chats/{chat_id}/", "get", Guest(ann.url).raw("GET", f"{one}/"))
    check("/chats", "post", ann.raw("POST", "/chats", json={"name": content}))
    check("/chats", "post", Guest(ann.url).raw("POST", "/chats", json={"name": "Signed out"}))
    check("/sessions", "post", Guest(ann.url).raw("POST", "/sessions", json={"username": ann.username}))
    check("/sessions", "post", ann.raw("POST", "/sessions", json={"username": "Other"}))
    for hash_key in (chat["hash_key"], "nowhere"):
        check("/chatrooms/{hash_key}/join", "post", bob.raw("POST", f"/chatrooms/{hash_key}/join"))
    check("/sessions/current", "get", bob.raw("GET", "/sessions/current"))
    for _ in range(2):
        check("/sessions/current", "delete", bob.raw("DELETE", "/sessions/current"))
