"""Becoming the host in a browser with scripts switched off."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from porch.claim import claim_token
from tests.support.account_pages import (
    assert_refused,
    me,
    sign_up,
)
from tests.support.people import PASSWORD
from tests.support.server import Server
from tests.support.visitors import Visitor


@pytest.fixture
def new_site(start_server: Callable[..., Server]) -> Server:
    return start_server()


@pytest.fixture
def link(new_site: Server) -> str:
    return f"/claim/{claim_token(new_site.data)}/"


def test_who_opens_the_link_first_becomes_the_host(new_site: Server, link: str) -> None:
    with Visitor(new_site.url) as visitor, Visitor(new_site.url) as late:
        page = visitor.get(link)
        assert "You are the host of" in page.text
        assert visitor.get(link).status == 200, "looking uses nothing up"
        assert_refused(visitor.submit(page.form(link), username="Oda", password="short"), 400, "password")
        lobby = visitor.submit(page.form(link), username="Oda", password=PASSWORD)
        assert lobby.path == "/chatrooms/"
        assert me(visitor)["role"] == "admin"
        assert "You are the host of" in visitor.get("/account/").text
        used = late.get(link)
        assert used.status == 404
        assert "the host already" in used.text
        assert late.post(link, [("username", "Eve"), ("password", PASSWORD)]).status == 404


def test_a_guest_becomes_the_host_as_the_same_person(new_site: Server, link: str) -> None:
    with Visitor(new_site.url) as visitor:
        visitor.sign_in("Oda")
        before = me(visitor)
        page = visitor.get(link)
        assert page.form(link)["username"] == "Oda"
        visitor.submit(page.form(link), password=PASSWORD)
        assert me(visitor) == before | {"guest": False, "role": "admin"}
        assert "Oda changed the role of Oda" in visitor.get("/account/audit/").text


def test_an_account_becomes_the_hosts_by_one_button(new_site: Server, link: str) -> None:
    with Visitor(new_site.url) as visitor:
        sign_up(visitor, "Oda")
        page = visitor.get(link)
        assert page.form(link).fields == []
        visitor.submit(page.form(link))
        assert me(visitor)["role"] == "admin"
        assert "Oda changed the role of Oda" in visitor.get("/account/audit/").text
        assert visitor.get(link).status == 404


def test_a_link_with_a_letter_missing_makes_nobody_the_host(new_site: Server, link: str) -> None:
    with Visitor(new_site.url) as visitor:
        for wrong in (link[:-2] + "/", link[:-1] + "x/", "/claim/%C3%A9/", "/claim/x/"):
            assert visitor.get(wrong).status == 404
            assert visitor.post(wrong, [("username", "Eve"), ("password", PASSWORD)]).status == 404
        assert "porch" not in visitor.session.cookies


def test_where_nobody_signs_up_the_host_still_can(start_server: Callable[..., Server]) -> None:
    server = start_server(sign_up="off", guests="off")
    link = f"/claim/{claim_token(server.data)}/"
    with Visitor(server.url) as visitor:
        visitor.submit(visitor.get(link).form(link), username="Oda", password=PASSWORD)
        assert me(visitor)["role"] == "admin"
