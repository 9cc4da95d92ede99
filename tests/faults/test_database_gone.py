"""PostgreSQL goes away under a server, and comes back."""

from __future__ import annotations

import urllib.error
import urllib.request
from functools import partial
from pathlib import Path

import pytest

from tests.faults.conftest import SETTINGS
from tests.support import postgres
from tests.support.fresh import make_template
from tests.support.people import Guest, Refused
from tests.support.server import Server
from tests.support.waiting import eventually

pytestmark = pytest.mark.postgres


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(f"{url}/readyz") as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_what_is_asked_meanwhile_is_put_off_and_nothing_is_lost(tmp_path: Path) -> None:
    with postgres.running() as database:
        make_template()
        with Server(tmp_path / "data", **SETTINGS) as server:
            ann = Guest.sign_in(server.url)
            chat = ann.open_chat()
            told = [ann.send(chat, f"Before {number}")["content"] for number in range(3)]
            database.stop()
            for ask in (partial(ann.send, chat, "Meanwhile"), partial(ann.after, chat, 0)):
                with pytest.raises(Refused) as refused:
                    ask()
                assert (refused.value.status, refused.value.code) == (503, "retry_later")
            eventually(lambda: status(server.url) == 503)
            database.start()
            eventually(lambda: status(server.url) == 200)
            told.append(ann.send(chat, "After")["content"])
            assert [message["content"] for message in ann.after(chat, 0)["messages"]] == told


def test_that_it_is_away_is_a_line_of_the_log_for_what_repeats(tmp_path: Path) -> None:
    with postgres.running() as database:
        make_template()
        with Server(tmp_path / "data", **SETTINGS) as server:
            Guest.sign_in(server.url).open_chat()  # it serves
            database.stop()
            eventually(lambda: any("something that repeats failed" in line for line in server.output))
            database.start()
            eventually(lambda: status(server.url) == 200)
            assert not any("Traceback" in line for line in server.output)
