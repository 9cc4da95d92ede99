"""Every route, for each kind of person."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import replace

import pytest
from flask import Flask

from porch.engines import Engines
from tests.authorization.routes import OF_TWO, ROUTES, call, described, is_api
from tests.authorization.scenes import ROOM, DirectScene, EncryptedScene, Scene, SealedScene, Site
from tests.authorization.tables import cells
from tests.support.database import version
from tests.support.openapi import confirm_described
from tests.support.people import PASSWORD

# Which kinds of room each may open.
KINDS = cells("""
         stranger guest member creator admin removed revoked

link     201      201   201    201     201   201     201
private  403      201   201    201     201   201     403
listed   403      403   403    201     201   403     403
""")
CELLS = [(route, person) for route, row in ROUTES.items() for person, answer in row.items() if answer != "-"]
LETS_IN = (
    "GET /chatrooms/<hash_key>/",
    "GET /chatrooms/<hash_key>/messages/<int:seq>/",
    "GET /direct/<name:username>",
)
# What the link of a sealed room is answered by to who has no key.
DOORS = {
    "GET /chatrooms/<hash_key>/": "200",
    "GET /chatrooms/<hash_key>/messages/<int:seq>/": "200",
    # These lead there.
    "GET /chatrooms/<hash_key>/answer/": "302",
    "GET /chatrooms/<hash_key>/level/": "302",
    "GET /chatrooms/<hash_key>/verify/": "302",
}
# What carries a text.
READABLE = (
    "POST /chats/<int:chat_id>/messages",
    "PATCH /chats/<int:chat_id>/messages/<int:seq>",
    "POST /chatrooms/<hash_key>/",
    "POST /chatrooms/<hash_key>/messages/<int:seq>/edit/",
)
OF_A_ROOM = ("<int:chat_id>", "<hash_key>", "/invitations/<token>")
CODES = {
    400: "invalid",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    410: "room_deleted",
}
PLACES = {"login": "/login/", "name": "/sessions/new/"}


@pytest.fixture(scope="module")
def site(shared_app: Flask) -> Iterator[Site]:
    """One application for all: each call has people and a room of its own."""
    engines: Engines = shared_app.extensions["porch_engines"]
    settings = engines.settings
    with version(settings.data) as known:
        hashed = engines.passwords.hash(PASSWORD)
        visitor = shared_app.test_client(use_cookies=False)
        yield Site(shared_app, visitor, settings.data, settings.site, known, hashed)


@pytest.fixture(scope="module")
def looked_at(site: Site) -> Callable[..., Scene]:
    """Scenes in which nothing is changed; they are made once."""

    made: dict[tuple[type[Scene], str], Scene] = {}

    def look(kind: type[Scene], who: str) -> Scene:
        if (kind, who) not in made:
            made[kind, who] = kind(site, who)
        scene = made[kind, who]
        scene.appoint()
        return scene

    return look


def changes_nothing(route: str, expected: str) -> bool:
    """Whether an answer says that all is as it was, which is confirmed."""
    if route.startswith("GET") and route not in LETS_IN:
        return True
    return expected in PLACES or (expected.isdigit() and int(expected) >= 400)


@pytest.mark.parametrize(("route", "person"), CELLS)
def test_each_person_is_answered_as_the_table_says(
    site: Site, looked_at: Callable[..., Scene], route: str, person: str
) -> None:
    expected = ROUTES[route][person]
    only_looks = changes_nothing(route, expected)
    scene = looked_at(Scene, person) if only_looks else Scene(site, person)
    before = site.version()
    with call(scene, route) as answer:
        if place := PLACES.get(expected):
            assert answer.status_code == 303
            assert answer.location.startswith(place)
        else:
            assert answer.status_code == int(expected), answer.get_data(as_text=True)
        if is_api(route):
            json = answer.get_json() if answer.is_json else None
            confirm_described(described(route), route.split()[0], answer.status_code, json)
        if answer.status_code in (401, 404):
            assert ROOM not in answer.get_data(as_text=True)
        if answer.status_code >= 400 and answer.is_json:
            assert answer.get_json()["error"]["code"] == CODES[answer.status_code]
    if only_looks:
        assert site.version() == before, "it has written something"


@pytest.mark.parametrize("route", OF_TWO)
@pytest.mark.parametrize("person", next(iter(OF_TWO.values())))
def test_on_a_direct_chat_each_person_is_answered_as_its_table_says(
    site: Site, looked_at: Callable[..., Scene], route: str, person: str
) -> None:
    expected = OF_TWO[route][person]
    refused = expected in PLACES or int(expected) >= 400  # opening a direct chat's page reads it
    scene = looked_at(DirectScene, person) if refused else DirectScene(site, person)
    before = site.version()
    with call(scene, route) as answer:
        text = answer.get_data().decode(errors="replace")
        if place := PLACES.get(expected):
            assert answer.status_code == 303
            assert answer.location.startswith(place)
        else:
            assert answer.status_code == int(expected), text
        if is_api(route):
            json = answer.get_json() if answer.is_json else None
            confirm_described(described(route), route.split()[0], answer.status_code, json)
        if answer.status_code in (401, 404):
            assert not any(one.name in text for one in (scene.owner, scene.other))
    if refused:
        assert site.version() == before, "it has written something"


@pytest.mark.parametrize("who", ["guest", "admin"])
def test_the_link_of_a_sealed_room_without_its_key_leads_to_its_door_alone(site: Site, who: str) -> None:
    scene = SealedScene(site, who)
    for route in ROUTES:
        if "<int:chat_id>" in route:
            absent, there = call(scene, route, chat_id=str(10**9)), call(scene, route)
            assert (there.status_code, there.data) == (absent.status_code, absent.data), route
        elif "<hash_key>" in route:
            answer = call(scene, route)
            text = answer.get_data(as_text=True)
            assert answer.status_code == int(DOORS.get(route, "404")), route
            assert ('id="sealed-door"' in text) == (DOORS.get(route) == "200"), route


@pytest.mark.parametrize("route", READABLE)
@pytest.mark.parametrize("kind", [SealedScene, EncryptedScene])
def test_where_messages_are_locked_nothing_readable_is_taken(
    site: Site, kind: type[Scene], route: str
) -> None:
    scene = kind(site, "member")
    before = site.version()
    assert call(scene, route).status_code == 400
    assert site.version() == before, "it has written something"


@pytest.mark.parametrize("who", ["third", "admin"])
def test_the_direct_chat_of_others_looks_like_one_that_is_not_there(site: Site, who: str) -> None:
    scene = DirectScene(site, who)
    for route in OF_TWO:
        absent = call(scene, route, chat_id=str(10**9), hash_key="x" * 22)
        there = call(scene, route)
        assert (there.status_code, there.data) == (absent.status_code, absent.data), route


def test_every_route_of_a_chat_has_a_row_for_direct_ones() -> None:
    assert set(OF_TWO) == {
        route for route in ROUTES if any(name in route for name in ("<int:chat_id>", "<hash_key>"))
    }


def test_every_route_has_a_row(site: Site) -> None:
    routes = {
        f"{method} {rule.rule}"
        for rule in site.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert routes == set(ROUTES)


def test_every_row_of_a_room_says_what_a_deleted_one_answers() -> None:
    assert {route for route in ROUTES if any(name in route for name in OF_A_ROOM)} == {
        route for route, row in ROUTES.items() if row["gone"] != "-"
    }


@pytest.mark.parametrize("is_deleted", [False, True], ids=["there", "deleted"])
@pytest.mark.parametrize(
    ("who", "kind"),
    [
        *itertools.product(["stranger", "guest", "removed", "revoked"], ["listed", "link", "private"]),
        *itertools.product(["admin"], ["link", "private"]),  # the host decides about listed rooms alone
    ],
)
def test_a_room_that_is_not_ones_own_looks_like_one_that_is_not_there(
    site: Site, who: str, kind: str, is_deleted: bool
) -> None:
    scene = Scene(site, who, kind)
    if is_deleted:
        site.asked("DELETE", scene.here, scene.owner)
    for route in ROUTES:
        if "<int:chat_id>" in route:
            absent, there = call(scene, route, chat_id=str(10**9)), call(scene, route)
            assert (there.status_code, there.data) == (absent.status_code, absent.data), route


@pytest.mark.parametrize(("kind", "is_deleted"), [("private", False), ("link", True), ("listed", True)])
def test_a_link_that_does_not_let_in_looks_like_one_that_leads_nowhere(
    site: Site, kind: str, is_deleted: bool
) -> None:
    scene = Scene(site, "guest", kind)
    if is_deleted:
        site.asked("DELETE", scene.here, scene.owner)
    for route in ROUTES:
        if "<hash_key>" in route:
            there, nowhere = call(scene, route), call(scene, route, hash_key="x" * 22)
            assert (there.status_code, there.data) == (404, nowhere.data), route


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("who", KINDS["link"])
def test_who_may_open_which_kind_of_room(
    site: Site, looked_at: Callable[..., Scene], who: str, kind: str
) -> None:
    scene = looked_at(Scene, who)
    body = {"name": "Another room", "kind": kind}
    answer = site.open("POST", "/chats", scene.person, json=body)
    by_form = site.open("POST", "/chatrooms/", scene.person, data=body)
    assert answer.status_code == int(KINDS[kind][who])
    assert by_form.status_code == {201: 303}.get(answer.status_code, answer.status_code)


OF_A_MESSAGE = [route for route in ROUTES if "<int:seq>" in route and route not in LETS_IN]
# What anybody in the room may do with it.
FOR_ALL = re.compile(r"reactions|/pin$|^GET /chats/")
OF_ITS_AUTHOR = [route for route in OF_A_MESSAGE if not FOR_ALL.search(route)]
# Everybody reads and reports it; those who keep order take it back.
OWN_ALONE = [route for route in OF_ITS_AUTHOR if re.search("/edit/|^PATCH|/preview$", route)]
OWN_FOR_MEMBERS = [route for route in OF_ITS_AUTHOR if "/delete/" in route or route.startswith("DELETE")]


@pytest.mark.parametrize(
    ("who", "route"),
    [
        *itertools.product(["member", "creator", "admin"], OWN_ALONE),
        *itertools.product(["member"], OWN_FOR_MEMBERS),
    ],
)
def test_a_message_of_somebody_else_is_not_ones_own_to_change(site: Site, who: str, route: str) -> None:
    scene = Scene(site, who)
    if who == "admin":
        site.asked("POST", f"{scene.here}members", scene.owner, {"username": scene.person.name})
    seq = scene.say(scene.other)
    before = site.version()
    answer = call(scene, route, seq=str(seq))
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "forbidden")
    assert site.version() == before


@pytest.mark.parametrize("route", OF_A_MESSAGE)
def test_a_message_that_is_not_there_is_not_found(
    site: Site, looked_at: Callable[..., Scene], route: str
) -> None:
    for seq in (0, 10**6, 2**63, 10**30):
        assert call(looked_at(Scene, "creator"), route, seq=str(seq)).status_code == 404


@pytest.mark.parametrize("path", ["/sessions/{0}", "/account/sessions/{0}/"])
def test_nobody_ends_the_session_of_somebody_else(site: Site, path: str) -> None:
    victim = site.sign_in()
    method = "DELETE" if path.startswith("/sessions") else "POST"
    for who in ("guest", "creator", "admin"):
        site.open(method, path.format(site.session_of(victim)), Scene(site, who).person)
    assert site.asked("GET", "/sessions/current", victim)["user_id"] == victim.user_id


FOREIGN: list[dict[str, str]] = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Referer": "https://evil.example/"},
    {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost:81"},
    {"Origin": "https://localhost"},
    {},
]


@pytest.mark.parametrize("route", [route for route in ROUTES if not route.startswith("GET")])
def test_another_site_cannot_act_in_a_visitors_name(
    site: Site, looked_at: Callable[..., Scene], route: str
) -> None:
    scene = copy(looked_at(Scene, "creator"))
    token = scene.person.headers["Authorization"].removeprefix("Bearer ")
    before = site.version()
    for foreign in FOREIGN:
        scene.person = replace(scene.person, headers={"Cookie": f"porch={token}"} | foreign)
        answer = call(scene, route)
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (403, "foreign_origin"), foreign
    assert site.version() == before
