"""`X-Forwarded-*`: believed from trusted proxies, and from nobody else."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder, run_wsgi_app

from porch.values import Rate
from porch.web.proxies import TrustedProxies

PROXY = "10.0.0.1"
VISITOR = "203.0.113.7"
TRUSTED = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8"))
FORWARDED = {
    "X-Forwarded-For": VISITOR,
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "chat.example.org",
    "Forwarded": f"for={VISITOR};proto=https",
}


def seen(
    sender: str, headers: dict[str, str], trusted: tuple[Any, ...] = TRUSTED
) -> tuple[str, str, str, set[str]]:
    """What an application behind the proxies sees: address, scheme, host, forwarding headers left."""
    met: list[WSGIEnvironment] = []

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        met.append(environ)
        start_response("200 OK", [])
        return [b""]

    builder = EnvironBuilder(headers=[("Host", "inside:5000"), *headers.items()])
    run_wsgi_app(TrustedProxies(app, trusted), builder.get_environ() | {"REMOTE_ADDR": sender})
    (environ,) = met
    left = {name for name in environ if "FORWARDED" in name}
    return environ["REMOTE_ADDR"], environ["wsgi.url_scheme"], environ["HTTP_HOST"], left


@pytest.mark.parametrize("sender", [PROXY, "10.255.255.255", "fd00::1"])
def test_a_trusted_proxy_is_believed(sender: str) -> None:
    assert seen(sender, FORWARDED)[:3] == (VISITOR, "https", "chat.example.org")


@pytest.mark.parametrize("sender", [VISITOR, "127.0.0.1", "11.0.0.1", "::1", "", "unknown"])
def test_nobody_else_is_believed(sender: str) -> None:
    assert seen(sender, FORWARDED)[:3] == (sender, "http", "inside:5000")


def test_nobody_is_trusted_by_default() -> None:
    assert seen("127.0.0.1", FORWARDED, trusted=())[:3] == ("127.0.0.1", "http", "inside:5000")


@pytest.mark.parametrize("sender", [PROXY, VISITOR])
def test_the_headers_go_no_further_whoever_sent_them(sender: str) -> None:
    assert seen(sender, FORWARDED)[3] == set()


def test_a_proxy_on_a_dual_stack_socket_is_the_same_proxy() -> None:
    assert seen(f"::ffff:{PROXY}", FORWARDED)[:3] == (VISITOR, "https", "chat.example.org")


@pytest.mark.parametrize(
    ("chain", "address"),
    [
        (VISITOR, VISITOR),
        (f"1.2.3.4, {VISITOR}", VISITOR),
        (f"{VISITOR}, 10.0.0.2", VISITOR),
        (f"1.2.3.4,10.9.9.9, {VISITOR} ,10.0.0.3,10.0.0.2", VISITOR),
        ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("2001:db8::7", "2001:db8::7"),
        (f"{VISITOR}, <script>", PROXY),
        (f"{VISITOR}, unknown, 10.0.0.2", "10.0.0.2"),
        ("", PROXY),
        (" , ,", PROXY),
    ],
)
def test_the_visitor_is_the_last_address_that_is_no_proxy(chain: str, address: str) -> None:
    assert seen(PROXY, {"X-Forwarded-For": chain})[0] == address


@pytest.mark.parametrize(
    ("header", "scheme"),
    [
        ("https", "https"),
        ("http", "http"),
        ("http, https", "https"),
        ("https, http", "http"),
        ("gopher", "http"),
        ("", "http"),
        ("javascript:", "http"),
    ],
)
def test_the_scheme_is_http_or_https_as_the_nearest_proxy_says(header: str, scheme: str) -> None:
    assert seen(PROXY, {"X-Forwarded-Proto": header})[1] == scheme


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("chat.example.org", "chat.example.org"),
        ("evil.example, chat.example.org", "chat.example.org"),
        ("chat.example.org:8443", "chat.example.org:8443"),
        ("", "inside:5000"),
    ],
)
def test_the_host_is_as_the_nearest_proxy_says(header: str, host: str) -> None:
    assert seen(PROXY, {"X-Forwarded-Host": header})[2] == host


def test_each_header_is_believed_without_the_others() -> None:
    assert seen(PROXY, {"X-Forwarded-Proto": "https"})[:3] == (PROXY, "https", "inside:5000")


def sign_in(client: FlaskClient, name: str, sender: str, visitor: str) -> int:
    answer = client.post(
        "/sessions",
        json={"username": name},
        headers={"X-Forwarded-For": visitor},
        environ_overrides={"REMOTE_ADDR": sender},
    )
    return answer.status_code


def test_visitors_of_a_trusted_proxy_have_a_limit_each(make_app: Callable[..., Flask]) -> None:
    app = make_app(trusted_proxies=TRUSTED, sign_in_rate=Rate(1, 1 / 3600))
    visits = [("Ann", "203.0.113.1"), ("Bob", "203.0.113.2"), ("Cy", "203.0.113.1")]
    assert [sign_in(app.test_client(), name, PROXY, visitor) for name, visitor in visits] == [201, 201, 429]


def test_an_invented_address_is_no_way_round_a_limit(make_app: Callable[..., Flask]) -> None:
    app = make_app(trusted_proxies=TRUSTED, sign_in_rate=Rate(1, 1 / 3600))
    invented = [("Ann", "203.0.113.1"), ("Bob", "203.0.113.2")]
    assert [sign_in(app.test_client(), name, VISITOR, address) for name, address in invented] == [201, 429]


def test_under_https_the_cookie_is_secure_and_bound_to_the_host(make_app: Callable[..., Flask]) -> None:
    client = make_app(trusted_proxies=TRUSTED).test_client()
    answer = client.post(
        "/sessions",
        json={"username": "Ann"},
        headers=FORWARDED,
        environ_overrides={"REMOTE_ADDR": PROXY},
    )
    name, _, attributes = answer.headers["Set-Cookie"].partition("=")
    assert name == "__Host-porch"
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(attributes.split("; "))
    assert "Domain" not in attributes


def test_on_plain_http_the_cookie_has_a_name_that_browsers_keep(client: FlaskClient) -> None:
    answer = client.post("/sessions", json={"username": "Ann"})
    name, _, attributes = answer.headers["Set-Cookie"].partition("=")
    assert name == "porch"
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(attributes.split("; "))
    assert "Secure" not in attributes


def test_the_link_to_share_is_the_one_the_visitor_came_by(make_app: Callable[..., Flask]) -> None:
    client = make_app(trusted_proxies=TRUSTED).test_client()
    through: dict[str, Any] = {"environ_overrides": {"REMOTE_ADDR": PROXY}}
    headers = FORWARDED | {"Origin": "https://chat.example.org"}
    session = client.post("/sessions", json={"username": "Ann"}, headers=headers, **through).get_json()
    bearer = headers | {"Authorization": f"Bearer {session['token']}"}
    chat = client.post("/chats", json={"name": "Supper"}, headers=bearer, **through).get_json()
    page = client.get(chat["url"], headers=bearer, **through).text
    assert f"https://chat.example.org{chat['url']}" in page
    assert "inside" not in page
    assert "localhost" not in page
