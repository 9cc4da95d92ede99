"""Web push: who is told on a device that nobody looks at, and who is not."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from porch import events
from porch.engines.live.activity import LASTS, Activity
from porch.engines.outside.push import Push
from porch.engines.outside.push_news import DELAY, PushNews, Sending
from tests.support.database import change, move_sessions, rows
from tests.support.people import Guest, Json, refused
from tests.support.push_service import KEYS, PushService
from tests.support.server import Server
from tests.support.waiting import eventually


@pytest.fixture
def service() -> Iterator[PushService]:
    with PushService() as service:
        yield service


@pytest.fixture
def site(start_server: Callable[..., Server]) -> Server:
    return start_server(push_services="127.0.0.1")


@pytest.fixture
def ann(site: Server) -> Guest:
    return Guest.sign_in(site.url)


@pytest.fixture
def bob(site: Server) -> Guest:
    return Guest.sign_in(site.url)


def subscriptions(server: Server) -> int:
    ((count,),) = rows(server.data, "SELECT count(*) FROM push_subscription")
    return int(count)


def test_whoever_is_away_is_told_and_nobody_else(
    service: PushService, site: Server, ann: Guest, bob: Guest, chat: Json
) -> None:
    phone, laptop, anns = (service.browser(name) for name in ("phone", "laptop", "anns"))
    phone.subscribe(bob)
    anns.subscribe(ann)
    looking = Guest.sign_in(site.url)
    looking.join(chat)
    laptop.subscribe(looking)
    looking.put("/sessions/current/active", {"active": True})

    ann.send(chat, "The kettle is on")
    message = ann.send(chat, "And the lamp")
    name, headers, body = service.next()
    assert name == "phone"
    notice = phone.read(body)
    assert {key: notice[key] for key in ("username", "content", "count", "seq", "url", "name")} == {
        "username": ann.username,
        "content": "And the lamp",
        "count": 2,
        "seq": message["seq"],
        "url": chat["url"],
        "name": chat["name"],
    }
    assert b"lamp" not in body, "the push service can read it"
    assert headers["topic"] == f"chat-{chat['id']}"
    claims = headers["authorization"].split("t=")[1].split(".")[1]
    told = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    assert told["aud"] == service.url

    looking.put("/sessions/current/active", {"active": False})
    bob.patch(f"/chats/{chat['id']}/membership", {"level": "nothing"})
    ann.send(chat, "Who is coming?")
    name, _, body = service.next()
    assert (name, laptop.read(body)["content"]) == ("laptop", "Who is coming?")
    assert service.sent.empty()


def test_what_was_read_meanwhile_is_not_told(
    service: PushService, ann: Guest, bob: Guest, chat: Json
) -> None:
    service.browser("phone").subscribe(bob)
    first = ann.send(chat, "Read at once")
    bob.read(chat, first["seq"])
    other = ann.open_chat()
    bob.join(other)
    ann.send(other, "Not read")
    _, headers, _ = service.next()
    assert headers["topic"] == f"chat-{other['id']}"
    assert service.sent.empty()


def test_a_subscription_ends_with_its_session_and_when_its_service_says_so(
    service: PushService, site: Server, ann: Guest, bob: Guest, chat: Json
) -> None:
    browser = service.browser("phone")
    browser.subscribe(bob)
    assert bob.get("/push")["told"] is True
    service.status = 410
    ann.send(chat, "Are you there?")
    service.next()
    eventually(lambda: subscriptions(site) == 0)
    assert bob.get("/push")["told"] is False

    browser.subscribe(bob)
    browser.subscribe(bob)
    assert subscriptions(site) == 1
    browser.subscribe(ann)  # somebody else logged in there
    assert (bob.get("/push")["told"], ann.get("/push")["told"]) == (False, True)
    ann.delete("/push/subscription")
    ann.delete("/push/subscription")
    browser.subscribe(bob)
    bob.delete("/sessions/current")
    assert subscriptions(site) == 0


@pytest.mark.parametrize("old", ["created_at", "last_used_at"])
def test_where_a_session_is_too_old_nothing_is_told(
    service: PushService, site: Server, ann: Guest, chat: Json, old: str
) -> None:
    bob = Guest(site.url).sign_up()
    bob.join(chat)
    service.browser("forgotten").subscribe(bob)
    phone = Guest.sign_in(site.url)
    phone.join(chat)
    service.browser("phone").subscribe(phone)
    assert bob.get("/push")["told"] is True
    move_sessions(site.data, bob.user_id, old, days=91)
    assert bob.again().get("/push")["told"] is False
    ann.send(chat, "Is anybody still there?")
    name, _, _ = service.next()
    assert name == "phone"
    assert service.sent.empty()


@pytest.mark.long
def test_a_service_that_fails_costs_nothing(
    service: PushService, site: Server, ann: Guest, bob: Guest, chat: Json
) -> None:
    service.browser("phone").subscribe(bob)
    service.status = 500
    ann.send(chat, "One")
    service.next()
    service.status = 201
    ann.send(chat, "Two")
    service.next()
    assert subscriptions(site) == 1


def test_what_a_service_answers_beside_its_status_is_not_read(
    service: PushService, site: Server, ann: Guest, bob: Guest, chat: Json
) -> None:
    service.talkative = True
    service.browser("bob").subscribe(bob)
    ann.send(chat, "The kettle is on")
    service.next()
    assert service.cut_off.get(timeout=30), "all of it was taken"
    service.talkative = False
    ann.send(chat, "And the lamp")
    service.next()


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://evil.example/x",
        "https://fcm.googleapis.com.evil.example/x",
        "https://evilpush.apple.com/x",
        "http://fcm.googleapis.com/x",
        "https://fcm.googleapis.com:8443/x",
        "https://fcm.googleapis.com@127.0.0.1/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "file:///etc/passwd",
        "https://fcm.googleapis.com/" + "x" * 3000,
        "https://[",
        "",
        "https://evil.example\\.push.apple.com/x",
        "https://fcm.googleapis.com\\@evil.example/x",
        "https://fcm.googleapis.com/\0",
        "https://fcm.googleapis.com/☃",
    ],
)
def test_only_known_push_services_are_written_to(server: Server, endpoint: str) -> None:
    guest = Guest.sign_in(server.url)
    assert (
        "endpoint" in refused(guest.put, "/push/subscription", {"endpoint": endpoint, **KEYS}).error["fields"]
    )


def test_what_was_kept_of_a_service_that_is_not_known_any_more_ends(
    service: PushService, site: Server, ann: Guest, bob: Guest, chat: Json
) -> None:
    service.browser("phone").subscribe(bob)
    change(
        site.data, "UPDATE push_subscription SET endpoint = ?", "https://elsewhere.example\\.push.apple.com/x"
    )
    ann.send(chat, "Who hears this?")
    eventually(lambda: subscriptions(site) == 0)
    assert service.sent.empty()


@pytest.mark.parametrize(
    ("field", "text"),
    [("p256dh", "AAAA"), ("auth", "AAAA"), ("auth", "☃"), ("p256dh", ""), ("p256dh", "B" + "A" * 86)],
)
def test_keys_that_are_none_are_refused(server: Server, field: str, text: str) -> None:
    guest = Guest.sign_in(server.url)
    body = {"endpoint": "https://fcm.googleapis.com/x", **KEYS, field: text}
    assert field in refused(guest.put, "/push/subscription", body).error["fields"]


def test_the_key_is_made_once(start_server: Callable[..., Server]) -> None:
    first = start_server()
    key = Guest.sign_in(first.url).get("/push")["key"]
    first.kill()
    assert Guest.sign_in(start_server().url).get("/push")["key"] == key
    assert len(base64.urlsafe_b64decode(key + "=")) == 65
    assert (first.data / "push_key.pem").stat().st_mode & 0o777 == 0o600


def test_somebody_is_active_while_any_of_their_devices_is() -> None:
    now = 0.0
    activity = Activity(lambda: now)
    activity.note(1, 10, active=True)
    activity.note(1, 11, active=True)
    activity.note(1, 10, active=False)
    assert activity.is_active(1)
    assert not activity.is_active(2)
    now = LASTS
    assert not activity.is_active(1)
    activity.note(1, 11, active=True)
    activity.note(1, 11, active=False)
    assert not activity.is_active(1)


class Told:
    """Stands in for what finds whom to tell, and for the push services."""

    def __init__(self) -> None:
        self.now = 0.0
        self.asked: list[list[str]] = []
        self.news = PushNews(
            Push(None, services=(), contact=""),  # type: ignore[arg-type]  # nothing is sent
            read=self.read,
            ended=lambda _: None,
            clock=lambda: self.now,
        )

    def read(self, messages: Any) -> list[Sending]:
        self.asked.append([message["content"] for message in messages])
        return []

    def say(self, chat_id: int, content: str, **fields: object) -> None:
        message: Mapping[str, Any] = {
            "chat_id": chat_id, "seq": 1, "rev": 1, "deleted": False, "content": content, **fields
        }  # fmt: skip
        self.news.observe(events.message(dict(message)))


def test_what_comes_close_together_is_told_at_once_after_a_moment() -> None:
    told = Told()
    told.say(1, "One")
    told.say(1, "Two")
    told.news.tick()
    assert told.asked == []
    told.now = DELAY
    told.say(2, "Three")
    told.news.tick()
    told.news.tick()
    assert told.asked == [["One", "Two"]]


def test_edits_and_tombstones_are_not_told() -> None:
    told = Told()
    told.say(1, "Edited", rev=2)
    told.say(1, "", deleted=True)
    told.now = DELAY
    told.news.tick()
    assert told.asked == []
