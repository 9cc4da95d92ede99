"""The pages of direct chats, which work without scripts."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlsplit

import pytest

from tests.support.people import Guest, Json, a_name


def test_the_page_of_a_person_is_the_chat_with_them(ann: Guest, bob: Guest, direct: Json) -> None:
    ann.send(direct, "Between us")
    page = ann.raw("GET", f"/direct/{bob.username}/")
    assert page.status_code == 200
    assert "Between us" in page.text
    assert ann.raw("GET", f"/direct/{a_name('Nobody')}/").status_code == 404
    answer = ann.raw("POST", "/direct/", data={"username": bob.username.upper()})
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        direct["url"],
    )


@pytest.mark.parametrize("spelling", ["A/{}", "{}/verify", "/{}", "//{}", "{}/", "{}//", "a//{}", "a/../{}"])
def test_somebody_with_slashes_in_their_name_is_taken_for_nobody_else(ann: Guest, spelling: str) -> None:
    plain = a_name()
    name = spelling.format(plain)
    for one in (plain, name):
        Guest.sign_in(ann.url, one)
    address = f"/direct/{quote(name, safe='')}/"
    assert ann.raw("GET", address).status_code == 200
    assert [row["name"] for row in ann.directs()] == [name]
    log_in = Guest(ann.url).raw("GET", address)
    assert parse_qs(urlsplit(log_in.headers["Location"]).query)["next"] == [address]


def test_the_address_of_a_person_ends_in_a_slash(ann: Guest, bob: Guest) -> None:
    page = ann.raw("GET", f"/direct/{quote(bob.username)}")
    assert (page.status_code, page.headers["Location"]) == (308, f"/direct/{quote(bob.username)}/")
    assert ann.raw("GET", "/direct//").status_code == 404
    assert ann.directs() == []


FOREIGN: list[dict[str, str]] = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Referer": "https://evil.example/"},
    {},
    {"Sec-Fetch-Site": "none", "Sec-Purpose": "prefetch"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
@pytest.mark.parametrize("by_number", [False, True], ids=["name", "number"])
def test_another_site_cannot_ask_somebody_in_a_visitors_name(
    ann: Guest, bob: Guest, chat: Json, headers: dict[str, str], by_number: bool
) -> None:
    path = f"/direct/?to={bob.user_id}" if by_number else f"/direct/{bob.username}/"
    cookie = {"Cookie": f"porch={ann.token}"}
    page = Guest(ann.url).raw("GET", path, headers=cookie | headers)
    assert page.status_code == 200
    assert "You two have not talked yet" in page.text
    assert bob.directs() == []
    own = Guest(ann.url).raw("GET", path, headers=cookie | {"Sec-Fetch-Site": "same-origin"})
    assert own.status_code in (200, 302)
    assert [row["state"] for row in bob.directs()] == ["asked"]


def test_who_only_looks_has_not_answered(ann: Guest, bob: Guest, direct: Json) -> None:
    assert bob.raw("GET", f"/direct/{ann.username}/").status_code == 200
    assert bob.direct(direct)["state"] == "asked"


def test_somebody_can_be_found_by_the_number_that_stands_over_old_words(
    ann: Guest, bob: Guest, third: Guest, chat: Json
) -> None:
    name = a_name("Renamed")
    bob.patch("/users/current", {"username": name})
    answer = ann.raw("GET", "/direct/", params={"to": bob.user_id})
    (direct,) = ann.directs()
    assert (direct["name"], answer.headers["Location"]) == (name, direct["url"])
    for user_id in (third.user_id, 10**9):
        assert ann.raw("GET", "/direct/", params={"to": user_id}).status_code == 404


@pytest.mark.parametrize(
    ("answer", "state", "blocked"),
    [("open", "open", False), ("ignored", "ignored", False), ("block", "asked", True)],
)
def test_a_form_answers_too(
    ann: Guest, bob: Guest, direct: Json, answer: str, state: str, blocked: bool
) -> None:
    form = bob.raw("POST", f"{direct['url']}answer/", data={"answer": answer})
    assert form.status_code == 303
    seen = bob.get(f"/chats/{direct['id']}/")
    assert (seen["state"], seen["blocked"]) == (state, blocked)
    assert bob.raw("POST", f"{direct['url']}answer/", data={"answer": "unblock"}).status_code == 303
    assert bob.get(f"/chats/{direct['id']}/")["blocked"] is False
    assert bob.raw("POST", f"{direct['url']}answer/", data={"answer": "wave"}).status_code == 400
