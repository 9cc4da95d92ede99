"""The same pages in Firefox: guests by a link, and two whom nobody else can read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from tests.conftest import UNLIMITED, skip_or_fail
from tests.support.firefox import ENTER, UNREACHABLE, Firefox, Visitor, find_firefox
from tests.support.people import PASSWORD, Guest, a_name
from tests.support.server import Server

pytestmark = pytest.mark.long

FIELD = "#content"
# Left and right of the slip, up to the edge of the page and to its scrollbar.
MARGINS = """() => {
  const { left, right } = document.querySelector(".knock").getBoundingClientRect();
  return [left, document.documentElement.clientWidth - right];
}"""


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    program = find_firefox()
    if program is None:
        skip_or_fail("no Firefox was found: install it, or name it in FIREFOX")
    assert program is not None
    with Firefox(program, tmp_path_factory.mktemp("firefox")) as firefox:
        yield firefox


@pytest.fixture
def firefox(started: Firefox) -> Firefox:
    started.begin_again()
    return started


def say(visitor: Visitor, text: str) -> None:
    visitor.until("document.querySelector('#composer')?.noValidate")  # the scripts are there
    visitor.write(FIELD, text + ENTER)


def sign_up(firefox: Firefox, server: Server, name: str) -> Visitor:
    visitor = firefox.visitor(f"{server.url}/signup/")
    visitor.write("[name=username]", name)
    visitor.write("[name=password]", PASSWORD + ENTER)
    visitor.until("location.pathname === '/chatrooms/' && document.readyState === 'complete'")
    return visitor


def test_guests_come_in_by_a_link_and_talk_also_over_a_restart(
    firefox: Firefox, start_server: Callable[..., Server]
) -> None:
    server = start_server(**UNLIMITED)
    chat = Guest.sign_in(server.url).open_chat("Rope and ladder", kind="link")
    ann, bob = (firefox.visitor(f"{server.url}{chat['url']}") for _ in range(2))
    for visitor, name in ((ann, "Ann"), (bob, "Bob")):
        visitor.write("[name=username]", name + ENTER)
        visitor.sees("Rope and ladder")
    say(ann, "Who has the *good* rope?")
    bob.sees("Ann", "Who has the good rope?")
    server.kill()
    say(bob, "In the shed,")
    say(bob, "behind the boat")
    bob.sees("In the shed,", "behind the boat", "Waiting to send")
    start_server(port=urlsplit(server.url).port, **UNLIMITED)
    for visitor in (ann, bob):
        visitor.sees("Who has the good rope?", "In the shed,", "behind the boat")
        visitor.until("!document.body.innerText.includes('Waiting to send')")
    assert firefox.problems(UNREACHABLE) == []


def test_two_people_talk_and_nobody_else_can_read_it(firefox: Firefox, server: Server) -> None:
    names = a_name("Ann"), a_name("Bob")
    ann, bob = (sign_up(firefox, server, name) for name in names)
    ann.go(f"{server.url}/direct/{names[1]}/")
    say(ann, "The rope is mine")
    ann.sees("Encrypted", "The rope is mine")
    bob.go(f"{server.url}/direct/{names[0]}/")
    bob.sees("Encrypted", "The rope is mine")
    say(bob, "I thought so")
    ann.sees("The rope is mine", "I thought so")
    stored = Guest(server.url).log_in(names[0])
    (chat,) = stored.directs()
    told = stored.get(f"/chats/{chat['id']}/messages", after=0)["messages"]
    assert len(told) == 2
    assert "rope" not in str(told)
    assert firefox.problems() == []


def test_who_would_like_to_talk_stands_beside_the_scrollbar_of_a_narrow_window(
    firefox: Firefox, server: Server
) -> None:
    ann = sign_up(firefox, server, name := a_name("Ann"))
    ann.is_wide(390, 700)
    ann.go(f"{server.url}/account/")
    bob = Guest.sign_in(server.url)
    bob.send(bob.post("/directs", {"username": name}), "May I ask you something?")
    ann.until("document.querySelector('.knock') !== null")
    left, right = ann.evaluate(f"({MARGINS})()")
    assert left == right > 0
