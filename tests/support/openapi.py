"""The machine's description of the API, for whoever holds an answer against it."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator

from tests.support.people import Json
from tests.support.server import ROOT

OPENAPI: Json = json.loads((ROOT / "docs" / "openapi.json").read_text())
_validators: dict[str, Validator] = {}


def confirm_described(path: str, method: str, status: int, answer: Any) -> None:
    """The answer, None for an empty one, is among those that the description lists, in the schema that it
    lists. `path` is as the description has it.
    """
    responses = OPENAPI["paths"][path][method.lower()]["responses"]
    assert str(status) in responses, f"{method} {path} answers {status}: {answer}"
    content = _resolved(responses[str(status)]).get("content", {})
    if "application/json" not in content:
        assert answer is None
        return
    _validator(content["application/json"]["schema"]).validate(answer)


def _validator(schema: Json) -> Validator:
    """Made once: resolving references costs more than an answer does."""
    key = json.dumps(schema)
    if key not in _validators:
        _validators[key] = Draft202012Validator(schema | {"components": OPENAPI["components"]})
    return _validators[key]


def _resolved(node: Json) -> Json:
    while "$ref" in node:
        target: Any = OPENAPI
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node
