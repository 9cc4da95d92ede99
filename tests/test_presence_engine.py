"""Who is in which room: the engine, with a clock of its own."""

from __future__ import annotations

import pytest

from porch import events
from porch.engines.live import presence, seats
from porch.engines.live.presence import AFTER_CLOSE, AFTER_SILENCE, TYPING, Presence
from porch.engines.live.rooms import chat_room, session_room
from porch.engines.live.seats import Person, Seats
from porch.errors import Moved
from tests.support.noted_sockets import NotedSockets
from tests.support.people import Json


class House:
    """Presence with a clock that stands still until `pass_by`."""

    def __init__(self, one_room: str = "user") -> None:
        self.sockets = NotedSockets()
        self.changed: list[int] = []
        self.woken: list[str] = []
        self.now = 1000.0
        self.presence = Presence(
            self.sockets,
            one_room=one_room,
            changed=self.changed.append,
            wake=self.woken.append,
            clock=lambda: self.now,
        )

    def enter(self, chat_id: int, person: Person, sid: str | None = None) -> None:
        self.presence.enter(person, room(chat_id), sid=sid)

    def pass_by(self, seconds: float) -> None:
        self.now += seconds

    def here(self, chat_id: int) -> list[int]:
        return [person["user_id"] for person in self.presence.present_in(chat_id)["present"]]

    def told(self) -> list[Json]:
        """The presence events of the next tick that rooms hear."""
        return [payload for payload, to in self.tick() if to.startswith("chat:")]

    def told_alone(self) -> dict[str, Json]:
        """The presence events of the next tick that single sockets hear."""
        return {to: payload for payload, to in self.tick() if not to.startswith("chat:")}

    def tick(self) -> list[tuple[Json, str]]:
        self.sockets.emitted.clear()
        self.presence.tick()
        return [(payload, to) for event, payload, to in self.sockets.emitted if event == "presence"]

    def is_forgotten(self) -> bool:
        """Whether nothing at all is kept."""
        inside = self.presence
        return not (list(inside._seats) or inside._seats._of or inside._seats._sessions_of or inside._told)


def room(chat_id: int) -> Json:
    return {"id": chat_id, "name": f"Room {chat_id}", "url": f"/chatrooms/{chat_id}/"}


def person(session_id: int, user_id: int | None = None, username: str = "") -> Person:
    user_id = user_id or session_id
    return Person(session_id, user_id, username or f"Person {user_id}", guest=True)


ANN, BOB = person(1), person(2)


@pytest.fixture
def house() -> House:
    return House()


def test_who_enters_is_told_to_the_room_once_and_to_the_lobby(house: House) -> None:
    house.enter(7, ANN, "sid")
    (told,) = house.told()
    assert told == {
        "chat_id": 7,
        "present": [{"user_id": 1, "username": "Person 1", "guest": True}],
        "count": 1,
    }
    assert house.sockets.emitted[0][2] == chat_room(7)
    assert house.changed == [7]
    assert house.told() == []


def test_many_who_come_at_once_are_one_event(house: House) -> None:
    for number in range(1, 31):
        house.enter(7, person(number), f"sid {number}")
    assert [told["count"] for told in house.told()] == [30]


def test_fifty_are_named_and_all_are_counted(house: House) -> None:
    for number in range(1, 61):
        house.enter(7, person(number))
    assert house.here(7) == list(range(1, 51))
    assert house.presence.present_in(7)["count"] == house.presence.count(7) == 60
    assert house.presence.user_ids(7) == set(range(1, 61))


def test_who_closed_the_last_socket_is_gone_two_seconds_later(house: House) -> None:
    house.enter(7, ANN, "sid")
    house.told()
    house.presence.closed("sid", 1)
    house.pass_by(AFTER_CLOSE - 0.01)
    assert house.told() == []
    assert house.here(7) == [1]
    house.pass_by(0.01)
    assert house.here(7) == []
    assert [told["count"] for told in house.told()] == [0]
    assert house.is_forgotten()


def test_a_reload_within_two_seconds_is_not_seen_as_going(house: House) -> None:
    house.enter(7, ANN, "before")
    house.told()
    house.presence.closed("before", 1)
    house.pass_by(AFTER_CLOSE - 0.01)
    house.enter(7, ANN, "after")
    assert house.told() == []
    house.pass_by(3600)
    assert house.told() == []
    assert house.here(7) == [1]


def test_the_late_end_of_a_socket_from_before_a_reload_takes_nobody_away(house: House) -> None:
    house.enter(7, ANN, "before")
    house.enter(7, ANN, "after")
    house.presence.closed("before", 1)
    house.pass_by(3600)
    house.presence.tick()
    assert house.here(7) == [1]


def test_whoever_polls_is_gone_after_fifteen_seconds_of_silence(house: House) -> None:
    house.enter(7, ANN)
    house.told()
    house.pass_by(AFTER_SILENCE - 0.01)
    assert (house.told(), house.here(7)) == ([], [1])
    house.pass_by(0.01)
    assert [told["count"] for told in house.told()] == [0]


def test_reads_keep_whoever_polls(house: House) -> None:
    house.enter(7, ANN)
    house.told()
    for _ in range(5):
        house.pass_by(AFTER_SILENCE - 1)
        house.presence.keep(1, 7)
        assert house.told() == []
    assert house.here(7) == [1]


@pytest.mark.parametrize("seconds", [AFTER_SILENCE, 3600.0])
def test_a_read_after_a_silence_brings_back(house: House, seconds: float) -> None:
    house.enter(7, ANN)
    house.pass_by(seconds)
    house.told()
    house.presence.keep(1, 7)
    assert [told["count"] for told in house.told()] == [1]


def test_a_read_without_having_entered_makes_nobody_present(house: House) -> None:
    house.presence.keep(1, 7)
    assert house.here(7) == []
    assert house.is_forgotten()


def test_a_read_by_somebody_who_listens_does_not_outlast_the_socket(house: House) -> None:
    house.enter(7, ANN, "sid")
    house.presence.keep(1, 7)
    house.presence.closed("sid", 1)
    house.pass_by(AFTER_CLOSE)
    assert house.here(7) == []


def test_two_tabs_of_one_session_are_one_person_until_both_are_closed(house: House) -> None:
    house.enter(7, ANN, "one")
    house.enter(7, ANN, "two")
    house.presence.closed("one", 1)
    house.pass_by(3600)
    house.presence.tick()
    assert house.here(7) == [1]
    house.presence.leave(1, 7, sid="two")
    assert house.here(7) == []


def test_two_sessions_of_one_person_are_counted_once(house: House) -> None:
    house.enter(7, person(1, 9), "one")
    house.enter(7, person(2, 9), "two")
    assert (house.here(7), house.presence.count(7)) == ([9], 1)
    house.presence.leave(1, 7, sid="one")
    assert house.here(7) == [9]


def test_a_socket_that_enters_where_nothing_changes_hears_who_is_there_all_the_same(house: House) -> None:
    house.enter(7, ANN)  # as the page does, before its socket
    house.told()
    house.enter(7, ANN, "sid")
    assert [who["user_id"] for who in house.told_alone()["sid"]["present"]] == [1]
    assert house.told_alone() == {}


def test_who_goes_and_comes_back_between_two_ticks_is_no_news(house: House) -> None:
    house.enter(7, ANN)
    house.told()
    house.presence.leave(1, 7)
    house.enter(7, ANN)
    assert house.told() == []


def test_one_session_remembers_a_bounded_number_of_rooms_and_costs_others_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seats, "MOST_OF_ONE", 5)
    house.enter(100, BOB)
    for number in range(1, 21):
        house.enter(number, ANN)
    assert len(house.presence._seats.of_session(1)) == 5
    assert house.here(20) == [1]
    assert house.here(100) == [2]


def test_whoever_enters_another_room_is_in_that_one_alone(house: House) -> None:
    house.enter(7, ANN, "sid")
    house.told()
    house.sockets.emitted.clear()
    house.enter(8, ANN, "sid")
    assert (house.here(7), house.here(8)) == ([], [1])
    assert house.sockets.left == [("sid", chat_room(7))]
    assert house.sockets.emitted == [("moved", {"chat_id": 7, "to": room(8)}, "sid")]
    assert house.woken == [session_room(1)]
    assert {told["chat_id"]: told["count"] for told in house.told()} == {7: 0, 8: 1}


def test_what_was_left_behind_says_where_to_on_every_read_until_it_is_entered_again(house: House) -> None:
    house.enter(7, ANN)
    house.enter(8, ANN)
    for _ in range(3):
        house.pass_by(3600)
        house.presence.tick()
        with pytest.raises(Moved) as moved:
            house.presence.keep(1, 7)
        assert moved.value.to == room(8)
    house.presence.keep(1, 8)
    house.enter(7, ANN)
    house.presence.keep(1, 7)
    with pytest.raises(Moved) as moved:
        house.presence.keep(1, 8)
    assert moved.value.to == room(7)


def test_whoever_goes_from_what_was_left_behind_is_not_told_any_more(house: House) -> None:
    house.enter(7, ANN)
    house.enter(8, ANN)
    house.presence.leave(1, 7)
    house.presence.keep(1, 7)
    assert house.here(8) == [1]


@pytest.mark.parametrize(
    ("one_room", "same_session", "other_session"),
    [("user", True, True), ("session", True, False), ("off", False, False)],
)
def test_who_is_kept_to_one_room_is_a_setting(one_room: str, same_session: bool, other_session: bool) -> None:
    house = House(one_room)
    house.enter(1, person(1, 9), "one")
    house.enter(2, person(2, 9), "two")
    house.enter(3, person(2, 9), "two")
    assert (house.here(2) == []) is same_session
    assert (house.here(1) == []) is other_session
    assert house.here(3) == [9]


def test_another_person_is_not_moved(house: House) -> None:
    house.enter(7, ANN, "ann")
    house.enter(7, BOB, "bob")
    house.enter(8, ANN, "ann")
    assert house.here(7) == [2]
    assert house.sockets.left == [("ann", chat_room(7))]


def test_an_ended_session_a_removed_person_and_a_deleted_room_are_gone_at_once(house: House) -> None:
    for chat_id, event in (
        (1, events.session_ended(1)),
        (2, events.removed(2, 1)),
        (3, events.room_deleted(3)),
    ):
        house.enter(chat_id, ANN, "sid")
        house.told()
        house.presence.observe(event)
        assert house.here(chat_id) == []
        assert {told["chat_id"]: told["count"] for told in house.told()}[chat_id] == 0
        house.presence.observe(events.session_ended(1))
        assert house.is_forgotten()


def test_removing_somebody_leaves_the_others_and_the_other_rooms(house: House) -> None:
    house.enter(7, ANN)
    house.enter(7, BOB)
    house.presence.observe(events.removed(8, 1))
    house.presence.observe(events.removed(7, 2))
    assert house.here(7) == [1]


def test_a_new_name_is_told_where_its_person_is(house: House) -> None:
    house.enter(7, ANN, "sid")
    house.enter(8, BOB)
    house.told()
    house.presence.observe(events.user(1, "Anna", guest=False, role="member"))
    (told,) = house.told()
    assert told["chat_id"] == 7
    assert told["present"] == [{"user_id": 1, "username": "Anna", "guest": False}]


def test_a_sign_of_writing_is_good_for_six_seconds(house: House) -> None:
    house.presence.typing(7, 1, "Ann")
    house.pass_by(TYPING - 0.01)
    assert house.presence.present_in(7)["typing"] == [{"user_id": 1, "username": "Ann"}]
    assert house.presence.present_in(8)["typing"] == []
    house.pass_by(0.01)
    assert house.presence.present_in(7)["typing"] == []
    house.presence.tick()
    assert not house.presence._typing


def test_a_crowd_is_not_told_who_writes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presence, "CROWD", 1)
    house.enter(7, ANN)
    assert house.presence.typing(7, 1, "Ann")
    house.enter(7, BOB)
    assert not house.presence.typing(7, 2, "Bob")
    assert [who["user_id"] for who in house.presence.present_in(7)["typing"]] == [1]


def test_a_message_ends_its_authors_writing_and_nobody_elses(house: House) -> None:
    house.presence.typing(7, 1, "Ann")
    house.presence.typing(7, 2, "Bob")
    house.presence.typing(8, 1, "Ann")
    house.presence.observe(events.message({"chat_id": 7, "user_id": 1}))
    assert [who["user_id"] for who in house.presence.present_in(7)["typing"]] == [2]
    assert [who["user_id"] for who in house.presence.present_in(8)["typing"]] == [1]


def test_of_many_who_write_the_room_is_told_of_five(house: House) -> None:
    assert [house.presence.typing(7, user, "Somebody") for user in range(8)] == [True] * 5 + [False] * 3
    assert house.presence.typing(7, 4, "Somebody")  # who is shown goes on
    assert house.presence.typing(8, 7, "Somebody")  # and other rooms are other rooms
    house.pass_by(TYPING)
    assert house.presence.typing(7, 7, "Somebody")


def test_a_large_room_hears_who_is_there_less_often_and_newcomers_at_once(house: House) -> None:
    for number in range(1, 2001):
        house.enter(7, person(number), f"sid{number}")
    (told,) = house.told()
    assert told["count"] == 2000
    for number in range(2001, 2011):
        house.enter(7, person(number), f"sid{number}")
        house.pass_by(0.15)
        assert house.told_alone() == {f"sid{number}": {**told, "count": number}}
    house.pass_by(0.6)
    assert [payload["count"] for payload in house.told()] == [2010]


def test_of_those_who_are_not_there_a_bounded_number_is_remembered(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seats, "MOST_EMPTY", 10)
    for number in range(1, 51):
        house.enter(number, ANN)  # leaves the one before behind
    for number in range(2, 52):
        house.enter(1000, person(number))
    house.pass_by(3600)
    house.presence.tick()
    house.presence.tick()
    kept: Seats = house.presence._seats
    assert len(kept._empty) == len(list(kept)) == sum(len(chats) for chats in kept._of.values()) == 10
    assert len(kept._sessions_of) <= 10


def test_whoever_is_there_is_never_forgotten_for_others(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seats, "MOST_EMPTY", 0)
    house.enter(7, ANN, "sid")
    house.enter(7, BOB)
    house.presence.tick()
    assert house.here(7) == [1, 2]
    house.pass_by(AFTER_SILENCE)
    house.presence.tick()
    house.presence.keep(2, 7)
    assert house.here(7) == [1]


def test_nothing_is_kept_of_those_who_have_gone(house: House) -> None:
    for number in range(1, 20):
        house.enter(number % 3 + 1, person(number, number % 5 + 1), f"sid {number}" if number % 2 else None)
    for number in range(1, 20):
        house.presence.observe(events.session_ended(number))
    house.presence.tick()
    assert house.is_forgotten()
