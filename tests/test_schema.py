"""The API under calls that nobody thought of, made from docs/openapi.json and held against it.

Schemathesis makes calls that the description allows, and calls that it does not. No answer may be a failure
of the server, or one that the description does not have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.conftest import UNLIMITED
from tests.support.openapi import OPENAPI
from tests.support.people import TIMEOUT, Guest, Json, Refused
from tests.support.server import Server

CHECKS = [
    not_a_server_error,
    negative_data_rejection,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Who one is goes into the header by hand, not by chance.
CONFIG = SchemathesisConfig(
    projects=ProjectsConfig(
        default=ProjectConfig(generation=GenerationConfig(with_security_parameters=False))
    )
)
SCHEMA: Any = schemathesis.openapi.from_dict(OPENAPI, config=CONFIG)
OPERATIONS = {result.ok().label: result.ok() for result in SCHEMA.get_all_operations()}
# Calls to each operation.
FEW, MANY = 7, 100
# A wrong password is answered more slowly each time: an account is tried once, and log-ins are few.
GUESSES = ("PUT /users/current/password", "DELETE /users/current", "DELETE /keys")
LOG_IN = "POST /sessions"


class Household:
    """An account with a room, which a call may rename, empty or delete; made anew when it is gone."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.owner = Guest(url)
        self.chat: Json = {}

    def settle(self, *, anew: bool) -> None:
        if anew or not self._is_there():
            self.owner = Guest(self.url).sign_up()
            self.chat = self.owner.open_chat()
            self.owner.send(self.chat, "Hello")

    def names(self, operation: Any) -> Json:
        """What stands there, for the parts of the operation's path."""
        known: dict[str, Callable[[], object]] = {
            "chat_id": lambda: self.chat["id"],
            "seq": lambda: 1,
            "emoji": lambda: "👍",
            "dev": lambda: "A" * 43,
            "hash_key": lambda: self.chat["hash_key"],
            "user_id": lambda: self.owner.user_id,
            "report_id": lambda: 1,
            "session_id": lambda: self.owner.get("/sessions")["sessions"][0]["id"],
            "upload_id": lambda: self.owner.upload(self.chat, b"a file")["id"],
            "name": lambda: "file",
            "token": lambda: self.owner.post(f"/chats/{self.chat['id']}/invitations")["url"].split("/")[2],
        }
        return {parameter.name: known[parameter.name]() for parameter in operation.path_parameters}

    def _is_there(self) -> bool:
        try:
            return bool(self.chat and self.owner.get(f"/chats/{self.chat['id']}/"))
        except Refused:
            return False


@pytest.fixture(scope="module")
def household(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Household]:
    with Server(tmp_path_factory.mktemp("schema"), typing_rate="off", **UNLIMITED) as server:
        yield Household(server.url)


@pytest.fixture
def explored(request: pytest.FixtureRequest, label: str) -> settings:
    return settings(
        max_examples=MANY if request.config.getoption("--long") and label != LOG_IN else FEW,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],  # what fails is shown as it is: each try to make it smaller is a call
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.timeout(600)
@pytest.mark.parametrize("label", OPERATIONS)
def test_no_call_fails_or_is_answered_in_a_way_that_is_not_described(
    household: Household, explored: settings, label: str
) -> None:
    operation = OPERATIONS[label]

    @explored
    @given(st.data())
    def explore(data: st.DataObject) -> None:
        household.settle(anew=label in GUESSES)
        there = data.draw(st.booleans(), label="a room that is there")
        names = household.names(operation) if there else None
        wrong = data.draw(st.booleans(), label="in a wrong way") and may_be_wrong(operation, names)
        mode = GenerationMode.NEGATIVE if wrong else GenerationMode.POSITIVE
        case = data.draw(operation.as_strategy(generation_mode=mode, path_parameters=names))
        signed_in = data.draw(st.integers(0, 3), label="signed in, but for one in four") > 0
        call(case, household.url, household.owner.token if signed_in else None)

    explore()


def may_be_wrong(operation: Any, names: Json | None) -> bool:
    """Whether something of a call can break its schema: a text in a path cannot."""
    path = [] if names else operation.path_parameters
    numbers = [one for one in path if one.definition["schema"]["type"] == "integer"]
    return bool(operation.body or operation.query or numbers)


def call(case: Any, url: str, token: str | None) -> None:
    if "wait" in case.query:
        case.query["wait"] = 0  # else nobody speaks, for so many seconds
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    response = case.call(base_url=url, headers=headers, timeout=TIMEOUT)
    case.validate_response(response, checks=CHECKS, headers=headers)
