"""HTTPS of a site that certifies itself: its authority, what that certifies, and how both are kept."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import ssl
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from cryptography import x509
from cryptography.x509.oid import NameOID
from flask import Flask

from porch import addresses
from porch.addresses import addresses as addresses_of
from porch.config import SettingError, Settings
from porch.serving import authority, local_tls
from porch.serving.authority import Authority, names_of
from porch.serving.local_tls import LocalTls
from tests.conftest import UNLIMITED
from tests.support.people import TIMEOUT, Guest
from tests.support.server import Server
from tests.support.sockets import RawSocket

PAGE = "/protected/tls/"
CERTIFICATE = f"{PAGE}authority.crt"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "data").mkdir()
    return Settings(data=tmp_path / "data", tls=True, url="https://chat.example.org:8443")


def kept(settings: Settings) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (settings.data / "tls").iterdir()}


def certificate(settings: Settings) -> x509.Certificate:
    return x509.load_pem_x509_certificate(kept(settings)["site.pem"])


def speaks(context: ssl.SSLContext, name: str, authority_file: Path) -> bool:
    """Whether somebody who trusts this authority alone takes the server for this name."""
    trusting = ssl.create_default_context(cafile=str(authority_file))
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting.wrap_bio(to_client, to_server, server_hostname=name)
    server = context.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(3):
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError:
                return False
    return client.version() is not None and server.version() is not None


def test_every_name_of_the_computer_and_its_address_is_certified(settings: Settings) -> None:
    local = LocalTls(settings)
    names = names_of(certificate(settings))
    assert {"localhost", "127.0.0.1", "::1", "chat.example.org"} <= names
    assert set(addresses_of("0.0.0.0")) <= names
    for name in names:
        assert speaks(local.context, name, local.certificate), name
    assert not speaks(local.context, "bank.example.com", local.certificate)


def test_the_keys_are_the_owners_alone(settings: Settings) -> None:
    LocalTls(settings)
    folder = settings.data / "tls"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in folder.iterdir():
        secret = b"PRIVATE KEY" in file.read_bytes()
        assert secret == (file.name != "authority.crt")
        assert not secret or stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_next_start_changes_nothing(settings: Settings) -> None:
    LocalTls(settings)
    before = kept(settings)
    LocalTls(settings)
    assert kept(settings) == before


@pytest.fixture
def made(settings: Settings) -> LocalTls:
    return LocalTls(settings)


def test_it_is_renewed_before_its_end_under_a_running_server(
    made: LocalTls, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = certificate(settings)
    lasts = before.not_valid_after_utc - datetime.now(UTC)
    assert timedelta(days=60) < lasts < timedelta(days=825)
    made.look()
    assert certificate(settings) == before
    monkeypatch.setattr(local_tls, "AHEAD", lasts + timedelta(hours=1))
    made.look()
    after = certificate(settings)
    assert after != before
    assert after.public_key() != before.public_key()
    assert speaks(made.context, "localhost", made.certificate)
    assert served(made.context) == after


def served(context: ssl.SSLContext) -> x509.Certificate:
    """What a visitor is shown."""
    anybody = ssl.create_default_context()
    anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = anybody.wrap_bio(to_client, to_server)
    server = context.wrap_bio(to_server, to_client, server_side=True)
    for side in (client, server, client):
        with contextlib.suppress(ssl.SSLWantReadError):
            side.do_handshake()
    shown = client.getpeercert(binary_form=True)
    assert shown is not None
    return x509.load_der_x509_certificate(shown)


def test_another_network_is_another_certificate_by_the_same_authority(
    made: LocalTls, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "_outward", lambda *_: ["10.20.30.40"])
    made.look()
    assert "10.20.30.40" in names_of(certificate(settings))
    assert speaks(made.context, "10.20.30.40", made.certificate)


def test_a_name_that_the_authority_may_not_certify_is_left_out_and_said(
    made: LocalTls, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    later = LocalTls(replace(settings, url="https://elsewhere.example.net"))
    assert "elsewhere.example.net" not in names_of(certificate(settings))
    assert speaks(later.context, "localhost", made.certificate)
    (line,) = caplog.messages
    assert "elsewhere.example.net" in line
    later.look()
    assert len(caplog.messages) == 1


def test_who_steals_the_authority_is_nobodys_bank(made: LocalTls, tmp_path: Path) -> None:
    forged = tmp_path / "forged.pem"
    forged.write_bytes(made.authority.certify(["bank.example.com"]))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(forged)
    assert not speaks(context, "bank.example.com", made.certificate)
    forged.write_bytes(made.authority.certify(["93.184.216.34"]))
    context.load_cert_chain(forged)
    assert not speaks(context, "93.184.216.34", made.certificate)


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("chat.example.org", True),
        ("www.chat.example.org", True),
        ("example.org", False),
        ("evilchat.example.org", False),
        ("printer.local", True),
        ("192.168.178.20", True),
        ("fd12::1", True),
        ("8.8.8.8", False),
        ("203.0.113.5", True),
    ],
)
def test_what_an_authority_may_certify(name: str, may: bool) -> None:
    assert Authority.make("Porch", ["chat.example.org", "203.0.113.5"]).may_certify(name) is may


def test_what_is_left_of_another_authority_is_not_served(made: LocalTls, settings: Settings) -> None:
    (settings.data / "tls" / "authority.pem").unlink()
    anew = LocalTls(settings)
    assert anew.authority.fingerprint != made.authority.fingerprint
    assert speaks(anew.context, "localhost", anew.certificate)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_a_damaged_authority_ends_the_start_and_a_damaged_certificate_does_not(
    made: LocalTls, settings: Settings, content: bytes
) -> None:
    (settings.data / "tls" / "site.pem").write_bytes(content)
    assert speaks(LocalTls(settings).context, "localhost", made.certificate)
    (settings.data / "tls" / "authority.pem").write_bytes(content)
    with pytest.raises(SettingError, match="is damaged"):
        LocalTls(settings)


def test_an_authority_at_its_end_is_not_used(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authority, "LASTS", timedelta(days=80))
    with pytest.raises(SettingError, match="is at its end"):
        LocalTls(settings)


# A running server.


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("certified"), tls="on", **UNLIMITED) as running:
        yield running
    assert "Traceback" not in "".join(running.output)


@pytest.fixture
def trust(certified: Server, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Clients of this test trust that server's authority and no other."""
    path = certified.data / "tls" / "authority.crt"
    for name in ("REQUESTS_CA_BUNDLE", "WEBSOCKET_CLIENT_CA_BUNDLE"):
        monkeypatch.setenv(name, str(path))
    return path


@pytest.mark.usefixtures("trust")
def test_people_talk_who_trust_the_authority(certified: Server) -> None:
    ann = Guest.sign_in(certified.url)
    chat = ann.open_chat()
    with RawSocket(certified.url, str(ann.token)) as line:
        line.enter(chat)
        ann.send(chat, "Safe and sound")
        assert line.next_event("message")["content"] == "Safe and sound"


def test_nobody_else_is_served(certified: Server) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(certified.url, timeout=TIMEOUT)


@pytest.mark.usefixtures("trust")
def test_cookies_are_secure_and_browsers_are_not_bound(certified: Server) -> None:
    """Whoever goes back to plain HTTP, or loses the authority, would otherwise be locked out for a year."""
    answer = requests.post(
        f"{certified.url}/sessions",
        json={"username": "Ann"},
        headers={"Host": "chat.example.org"},
        timeout=TIMEOUT,
    )
    assert answer.headers["Set-Cookie"].startswith("__Host-porch=")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "Strict-Transport-Security" not in answer.headers


def test_the_certificate_is_there_for_everybody_and_in_the_clear_too(certified: Server, trust: Path) -> None:
    for url in (certified.url, certified.url.replace("https", "http")):
        answer = requests.get(url + CERTIFICATE, timeout=TIMEOUT)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "application/x-x509-ca-cert"
        assert answer.content == trust.read_bytes()
    for path in (PAGE, "/", "//", f"{CERTIFICATE}x"):
        answer = requests.get(certified.url.replace("https", "http") + path, timeout=TIMEOUT)
        assert answer.status_code == 400


def test_the_start_and_the_page_tell_the_same_fingerprint(certified: Server, trust: Path) -> None:
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(trust.read_text())).digest().hex(":").upper()
    said = "".join(certified.output)
    assert digest in said
    assert str(trust) in said
    assert f"{certified.url}{PAGE}" in said
    page = requests.get(certified.url + PAGE, timeout=TIMEOUT).text
    assert digest in page
    assert f'href="{CERTIFICATE}"' in page
    shown = x509.load_pem_x509_certificate(trust.read_bytes()).subject.get_attributes_for_oid(
        NameOID.COMMON_NAME
    )
    assert f"“{shown[0].value!s}”" in page
    for system in ("Windows", "macOS", "iPhone", "Android", "Linux", "Firefox"):
        assert f">{system}" in page


def test_a_word_in_the_clear_that_never_ends_is_no_hindrance(certified: Server, trust: Path) -> None:
    parts = urlsplit(certified.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=TIMEOUT) as connection:
        connection.sendall(b"GET")
        assert b"begin the address with https" in connection.recv(1000)
    assert requests.get(certified.url, timeout=TIMEOUT, verify=str(trust)).status_code == 200


def test_a_site_that_does_not_certify_itself_has_nothing_of_it(app: Flask) -> None:
    client = app.test_client()
    for path in (PAGE, CERTIFICATE):
        assert client.get(path).status_code == 404
    assert PAGE not in client.get("/protected/").text
    assert not (app.extensions["porch_engines"].settings.data / "tls").exists()
