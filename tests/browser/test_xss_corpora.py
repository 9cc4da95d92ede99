"""Two corpora of hostile text, as messages, room names and people's names: all is shown as it was written.

No script runs, nothing of it becomes markup, and the browser reports no breach of the policy: `visitor` fails
for either. The corpora come by npm: the Big List of Naughty Strings, and what DOMPurify is tested with
(of its last release that brought its fixtures along).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from porch.actions.order.members import DEFAULT_MEMBERS
from porch.actions.reading.excerpts import AT_END
from porch.engines.live.presence import MOST_SHOWN
from tests.conftest import UNLIMITED, skip_or_fail
from tests.support.browser import Person, Room
from tests.support.browser_harmless import assert_harmless
from tests.support.people import Guest, Json, Refused
from tests.support.server import ROOT, Server

Make = Callable[..., Person]

PACKAGES = ROOT / "node_modules"
NAUGHTY = PACKAGES / "big-list-of-naughty-strings" / "blns.json"
PURIFY = PACKAGES / "dompurify-fixtures" / "test" / "fixtures" / "expect.js"
SHARE = 4  # of the texts, one in so many is tried, unless the tests are to be long
AT_ONCE = 100  # rooms in a lobby's page
A_PAGE = AT_END
SHOWN = """() => [...document.querySelectorAll("#feed li.msg")]
  .map((one) => [one.querySelector("bdi").textContent, one.querySelector(".say").textContent])"""
# The marks of light Markdown, in which a text is not shown letter by letter as it was written.
MARKS = re.compile(r"[*_`~\\\\]|\]\(|^\s*(?:>|[-+]\s|\d+[.)]\s)", re.MULTILINE)
# Where links lead, of messages.
LINKS = """() => [...document.querySelectorAll("#feed .say a")]
  .filter((one) => !/^(https?|mailto):$/.test(one.protocol) || one.username
    || one.rel !== "noopener nofollow ugc")
  .map((one) => one.outerHTML)"""
# One text as everything that marks make of it.
WRAPPED = (
    "**{0}** _{0}_ ~~{0}~~ `{0}`",
    "[{0}](https://a.example/) [words]({0}) [words](https://a.example/{0}) [words](<{0}>)",
    "> {0}\n> > {0}\n\n- {0}\n  1. {0}\n```{0}\n{0}\n```",
)
ROWS = """() => Object.fromEntries([...document.querySelectorAll(".rows li.room")]
  .map((one) => [one.id, one.querySelector("bdi").textContent]))"""


@cache
def corpora() -> list[str]:
    if not (NAUGHTY.exists() and PURIFY.exists()):
        skip_or_fail("the corpora are missing: npm ci")
    fixtures = json.loads(PURIFY.read_text().removeprefix("module.exports = ").rstrip().removesuffix(";"))
    return list(dict.fromkeys([*json.loads(NAUGHTY.read_text()), *(one["payload"] for one in fixtures)]))


@pytest.fixture(scope="module")
def texts(pytestconfig: pytest.Config) -> list[str]:
    return corpora()[:: 1 if pytestconfig.getoption("--long") else SHARE]


def chunks(texts: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(texts), size):
        yield texts[start : start + size]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A site of its own: its lobby and its names are like no other's."""
    with Server(tmp_path_factory.mktemp("hostile"), **UNLIMITED) as running:
        yield running


@pytest.fixture(scope="module")
def namesakes(site: Server, texts: list[str]) -> list[Guest]:
    """Everybody who may have a name out of the corpora."""
    people = []
    for name in dict.fromkeys(text[:32] for text in texts):
        with suppress(Refused):
            people.append(Guest.sign_in(site.url, name))
    assert len(people) > len(texts) / 6, "these names are not tried at all"
    return people


def accepted_rooms(host: Guest, texts: list[str]) -> list[Json]:
    rooms = []
    for text in texts:
        with suppress(Refused):
            rooms.append(host.open_chat(text[:80], "listed"))
    return rooms


@pytest.mark.long
def test_as_messages_of_people_with_hostile_names(
    visitor: Make, site: Server, namesakes: list[Guest], texts: list[str]
) -> None:
    """Half of each room is there when its page is opened, the other half comes live."""
    reader, host = visitor(url=site.url), Guest.sign_in(site.url)
    reader.sign_in("A reader")
    authors, all_written = iter(namesakes), 0
    for some in chunks(texts, 2 * A_PAGE):
        chat = host.open_chat("The hall")
        written: list[list[str]] = []
        for place, text in enumerate(some):
            if place == A_PAGE:
                reader.enter(chat).ready()
            author = next(authors, host)
            if author is not host:
                author.join(chat)
            with suppress(Refused):  # control characters, and nothing at all
                written.append([author.username, author.send(chat, text)["content"]])
        room = Room(reader.page) if len(some) > A_PAGE else reader.enter(chat).ready()
        expect(room.lines).to_have_count(len(written))
        shown = room.page.evaluate(SHOWN)
        for (name, text), (author_name, content) in zip(shown, written, strict=True):
            assert name == author_name
            if not MARKS.search(content):
                assert text == content
        assert_harmless(room.page)
        all_written += len(written)
    assert all_written > 0.75 * len(texts), "these texts are not tried at all"
    assert next(authors, None) is None, "these names are not tried at all"


def test_wrapped_in_marks_and_as_where_links_lead(visitor: Make, site: Server, texts: list[str]) -> None:
    reader, host = visitor(url=site.url), Guest.sign_in(site.url)
    reader.sign_in("A reader of marks")
    chat, sent = host.open_chat("The hall of marks"), 0
    with host.socket() as line:
        for text in texts[:: 1 if len(texts) > 1000 else 3]:
            for form in WRAPPED:
                with suppress(Refused):  # control characters, and what is too long three times
                    line.send(chat, form.replace("{0}", text))
                    sent += 1
        last = line.send(chat, "**That is all**")["seq"]
    assert sent > 100, "these texts are not tried at all"
    room = reader.enter(chat).ready()
    expect(room.page.locator("strong", has_text="That is all")).to_be_visible()
    for before in range(last + 1, 1, -A_PAGE):  # page by page, as the log is bounded
        reader.open(f"{chat['url']}messages/{max(1, before - A_PAGE // 2)}/")
        expect(room.page.locator("#feed .say strong").first).to_be_attached()
        assert room.page.evaluate(LINKS) == []
        assert_harmless(room.page)


@pytest.mark.long
def test_as_names_of_rooms_in_the_lobby(visitor: Make, site: Server) -> None:
    host = Guest(site.url).sign_up()
    reader = visitor(url=site.url)
    reader.sign_in("Somebody in the lobby")
    page = reader.open("/chatrooms/")
    listed = 0
    for texts in chunks(corpora(), AT_ONCE):
        rooms = {f"room-{room['id']}": room["name"] for room in accepted_rooms(host, texts)}
        listed += len(rooms)
        expect(page.locator(f"#{list(rooms)[-1]}")).to_be_visible()  # this one came live, so did the others
        assert page.evaluate(ROWS).items() >= rooms.items()
        assert_harmless(page)
        reader.open("/chatrooms/")
        assert page.evaluate(ROWS).items() >= rooms.items()
        assert_harmless(page)
    assert listed > 500, "these names are not tried at all"


@pytest.mark.long
def test_as_the_name_of_the_room_that_one_signs_in_to(visitor: Make, site: Server) -> None:
    host, stranger = Guest(site.url).sign_up(), visitor(url=site.url)
    for room in accepted_rooms(host, corpora()[::24]):
        page = stranger.open(f"/sessions/new/?next={quote(room['url'])}")
        assert page.locator("h1").text_content() == room["name"]
        assert page.title().startswith(f"Come in to {' '.join(room['name'].split())}")
        assert_harmless(page)


@pytest.mark.long
def test_as_the_names_of_members(visitor: Make, site: Server, namesakes: list[Guest]) -> None:
    """In the room's settings, page by page, and among those who are in the room."""
    host = visitor(url=site.url)
    host.sign_in("The one who opened it")
    chat = host.guest.open_chat("The hall", "private")
    for person in namesakes:
        host.guest.post(f"/chats/{chat['id']}/members", {"username": person.username})
    members = sorted([*namesakes, host.guest], key=lambda member: member.user_id)
    for page_of in range(0, len(members), DEFAULT_MEMBERS):
        after = members[page_of - 1].user_id if page_of else 0
        page = host.open(f"{chat['url']}settings/?after={after}")
        names = page.locator("#members li.member bdi").all_text_contents()
        assert names == [member.username for member in members[page_of : page_of + DEFAULT_MEMBERS]]
        assert_harmless(page)
    here = namesakes[: MOST_SHOWN - 1]
    for person in here:
        person.enter(chat)
    room = host.enter(chat).ready()
    expect(room.page.locator("#people li")).to_have_count(MOST_SHOWN)
    people = room.page.locator("#people bdi").all_text_contents()
    assert sorted(people) == sorted(one.username for one in (host.guest, *here))
    assert_harmless(room.page)


@pytest.mark.long
def test_as_ones_own_name(visitor: Make, site: Server, namesakes: list[Guest]) -> None:
    """On the account page, whose field has it as a value, too."""
    own = visitor(url=site.url)
    for person in namesakes[::24]:
        own.context.add_cookies([{"name": "porch", "value": person.token or "", "url": site.url}])
        page = own.open("/account/")
        assert page.locator("h1").text_content() == person.username
        assert page.get_by_label("Another name").input_value() == person.username
        assert page.title().startswith(person.username)
        assert_harmless(page)
