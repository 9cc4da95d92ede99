"""What the log says besides the messages: days, times, people, links, and what is read aloud."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.browser import PHONE, Person, heard_on, listen, say_all
from tests.support.browser_actions import Act
from tests.support.database import change
from tests.support.people import Guest, Json, a_name
from tests.support.server import Server
from tests.support.ways import with_scripts_and_at_length_without

Make = Callable[..., Person]


@pytest.fixture
def written_at(server: Server, host: Guest, chat: Json) -> Callable[..., Json]:
    """Write a message as if at another moment: `written_at("2024-03-10 23:30:00", "Late")`, in UTC."""

    def write(moment: str, content: str, author: Guest = host) -> Json:
        message = author.send(chat, content)
        assert change(
            server.data, "UPDATE message SET timestamp = ? WHERE id = ?", f"{moment}.000000", message["id"]
        )
        return message

    return write


@pytest.mark.parametrize(
    ("zone", "days", "clock"),
    [
        ("Etc/UTC", ["10 March 2024", "11 March 2024"], ["23:30", "00:30"]),
        ("America/New_York", ["10 March 2024"], ["19:30", "20:30"]),
        ("Asia/Tokyo", ["11 March 2024"], ["08:30", "09:30"]),
    ],
)
def test_days_and_times_are_those_of_the_reader(
    person: Make, chat: Json, written_at: Callable[..., Json], zone: str, days: list[str], clock: list[str]
) -> None:
    written_at("2024-03-10 23:30:00", "Late in Greenwich")
    written_at("2024-03-11 00:30:00", "An hour later")
    room = person(timezone_id=zone).enter(chat).ready()
    separators = room.page.locator("#feed .day")
    expect(separators).to_have_count(len(days))
    for separator, day in zip(separators.all(), days, strict=True):
        expect(separator).to_contain_text(day)
    times = room.page.locator(".msg time")
    assert times.all_text_contents() == clock
    expect(times.first).to_have_attribute("datetime", re.compile(r"2024-03-10T23:30:00(\.0+)?Z"))
    title = times.first.get_attribute("title") or ""
    assert days[0] in title
    assert f"{clock[0]}:00" in title


def test_a_guest_is_one_also_where_their_second_line_becomes_a_first(
    person: Make, host: Guest, chat: Json
) -> None:
    say_all(host, chat, ["One", "Two"])
    room = person().enter(chat).ready()
    expect(room.lines.last.locator(".by")).to_have_count(0)
    Act(room).choose("Two", "Mark unread from here")
    expect(room.lines.last.locator(".by")).to_have_text(f"{host.username}guest")


def test_today_and_yesterday_are_called_so(
    person: Make, host: Guest, chat: Json, written_at: Callable[..., Json]
) -> None:
    ann = person()
    ann.page.clock.set_system_time("2024-03-12T12:00:00Z")
    written_at("2024-03-10 12:00:00", "Before that")
    written_at("2024-03-11 12:00:00", "Yesterday")
    written_at("2024-03-12 11:00:00", "Today")
    separators = ann.enter(chat).ready().page.locator("#feed .day")
    expect(separators).to_have_text(["Sunday 10 March", "Yesterday, Monday", "Today, Tuesday"])


@with_scripts_and_at_length_without
def test_messages_of_one_person_within_five_minutes_stand_in_one_group(
    person: Make, host: Guest, chat: Json, server: Server, written_at: Callable[..., Json], scripts: bool
) -> None:
    other = Guest.sign_in(server.url)
    other.join(chat)
    written_at("2024-03-10 12:00:30", "first")
    written_at("2024-03-10 12:05:29", "in the group")
    written_at("2024-03-10 12:05:30", "a new one")
    written_at("2024-03-10 12:06:00", "somebody else", other)
    written_at("2024-03-10 12:06:10", "and the first again")
    room = person(java_script_enabled=scripts).enter(chat)
    expect(room.lines).to_have_count(5)
    heads = [line.locator(".by").count() for line in room.lines.all()]
    assert heads == [1, 0, 1, 1, 1]
    names = room.page.locator(".by bdi").all_text_contents()
    assert names == [host.username, host.username, other.username, host.username]


def test_the_beginning_is_said_only_where_it_is(person: Make, host: Guest, chat: Json) -> None:
    room = person().enter(chat).ready()
    beginning = room.page.get_by_text("You are at the beginning of this room.")
    expect(beginning).to_have_count(0)  # an empty room says what to do next instead
    say_all(host, chat, (f"{number}" for number in range(60)))
    expect(room.lines).to_have_count(60)
    expect(beginning).to_have_count(1)
    room.page.reload()
    expect(room.ready().lines).to_have_count(36)
    expect(beginning).to_have_count(0)
    room.log.evaluate("(log) => { log.scrollTop = -log.scrollHeight; }")
    expect(beginning).to_be_visible()
    expect(room.lines).to_have_count(60)


def test_only_what_comes_live_is_read_aloud(person: Make, host: Guest, chat: Json) -> None:
    say_all(host, chat, (f"History {number}" for number in range(60)))
    ann = person()
    room = ann.enter(chat).ready()
    assert room.log.get_attribute("aria-live") == "off"  # the log itself is silent; redrawing is no news
    expect(room.page.locator("#announcer")).to_have_attribute("aria-live", "polite")
    expect(room.page.locator("#announcer")).to_be_empty()
    listen(room.page)
    room.log.evaluate("(log) => { log.scrollTop = -log.scrollHeight; }")
    expect(room.lines).to_have_count(60)
    room.say("My own words")
    expect(room.stored).to_have_count(61)

    message = host.send(chat, "The gate is open")
    ann.until(lambda: heard_on(room.page))
    minute = message["timestamp"][11:16]
    assert heard_on(room.page) == [f"{host.username}: The gate is open. {minute}"]

    say_all(host, chat, (f"Burst {number}" for number in range(10)))
    expect(room.page.locator("#announcer")).to_contain_text("Burst 9")
    heard = heard_on(room.page)
    assert len(heard) < 8, "a burst is gathered"
    assert not any("History" in text or "My own" in text for text in heard)


def test_addresses_are_links_and_nothing_else_is(person: Make, host: Guest, chat: Json) -> None:
    host.send(
        chat,
        "See https://example.org/a?b=1&c=(d). And http://example.org, mailto:ann@example.org; "
        "not javascript:alert(1) or data:text/html,x or ftp://example.org or file:///etc/passwd "
        "or vbscript:x or https://bank.example@evil.example/ or //example.org or www.example.org",
    )
    room = person().enter(chat).ready()
    links = room.page.locator("#feed .say a")
    expect(links).to_have_text(
        ["https://example.org/a?b=1&c=(d)", "http://example.org", "mailto:ann@example.org"]
    )
    for link in links.all():
        assert (link.get_attribute("rel") or "").split() == ["noopener", "nofollow", "ugc"]
    assert [link.get_attribute("href") for link in links.all()] == [
        "https://example.org/a?b=1&c=(d)",
        "http://example.org/",
        "mailto:ann@example.org",
    ]


@with_scripts_and_at_length_without
def test_names_and_texts_of_either_direction_stay_in_their_place(
    person: Make, server: Server, scripts: bool
) -> None:
    david = Guest.sign_in(server.url, a_name("דוד"))
    opened = david.open_chat("חדר 1, room")
    david.send(opened, "שלום, hello!")
    david.send(opened, "\u202eevil \u2066tricks with https://example.org/\u202egpj.exe")
    ann = person(java_script_enabled=scripts)
    ann.guest.join(opened)
    ann.guest.send(opened, "Plain")
    page = ann.enter(opened).page
    expect(page.locator(".by bdi")).to_have_text([david.username])
    expect(page.locator("h1 bdi")).to_have_text("חדר 1, room")
    for isolated in page.locator("bdi").all():
        assert isolated.evaluate("(one) => getComputedStyle(one).unicodeBidi") == "isolate"
    for text in page.locator(".say p").all():
        assert text.get_attribute("dir") == "auto"
        assert text.evaluate("(one) => getComputedStyle(one).unicodeBidi") == "plaintext"
    assert page.locator(".say p").first.evaluate("(p) => getComputedStyle(p).direction") == "rtl"
    # The clock time after a text that turns the writing round is not turned round itself.
    turns = page.locator("time").nth(1)
    assert turns.evaluate("(time) => getComputedStyle(time).direction") == "ltr"
    ann.open("/chatrooms/")
    expect(page.locator("bdi", has_text="חדר 1, room")).to_have_count(1)


def test_stacked_marks_do_not_reach_other_lines(person: Make, host: Guest, chat: Json) -> None:
    host.send(chat, "An innocent line")
    other = Guest.sign_in(host.url)
    other.join(chat)
    other.send(chat, "Its neighbour")
    room = person().enter(chat).ready()
    innocent = room.lines.first.locator(".say")
    before = innocent.screenshot()
    assert innocent.screenshot() == before, "the picture of a line is the same each time"
    other.send(chat, "Z" + "\u0335\u0321\u0353\u0346\u0351" * 100 + "algo")
    expect(room.lines).to_have_count(3)
    third = room.lines.last.locator(".say").bounding_box()
    assert third is not None
    assert third["height"] < 60
    neighbour = room.lines.nth(1).locator(".say")
    assert innocent.screenshot() == before
    clean = neighbour.screenshot()
    room.page.evaluate("document.querySelector('#feed .msg:last-child .say p').textContent = 'Z'")
    assert neighbour.screenshot() == clean


@pytest.mark.parametrize("locale", ["en-GB", "en-US"])
def test_the_time_of_a_later_message_stays_inside_of_what_is_focused(
    person: Make, host: Guest, chat: Json, locale: str
) -> None:
    for text in ("First", "Second"):
        host.send(chat, text)
    room = person(**PHONE, locale=locale).enter(chat).ready()
    room.composer.press("Shift+Tab")
    expect(room.page.locator(".msg.more")).to_be_focused()
    found = room.page.locator(".msg.more").evaluate(
        """(line) => {
          const time = line.querySelector("time");
          time.textContent = time.textContent.replace(/^[0-9]+:[0-9]+/, "12:48");
          const around = document.createRange();
          around.selectNodeContents(time);
          const [text, box] = [around.getBoundingClientRect(), line.getBoundingClientRect()];
          const say = line.querySelector(".say").getBoundingClientRect();
          return [getComputedStyle(time).opacity, text.left - box.left, say.left - text.right,
            text.top - box.top, box.bottom - text.bottom];
        }"""
    )
    assert found[0] == "1"
    assert min(found[1:]) >= -2, found  # the ring begins 4 px outside
