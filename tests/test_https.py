"""HTTPS, spoken by Porch itself or by a trusted proxy before it."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import socket
import ssl
import struct
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
import websocket
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from porch.config import SettingError
from porch.realtime.websocket import WholeSends
from porch.serving.tls import tls_context
from tests.conftest import UNLIMITED
from tests.support.certificates import Certificate, make_certificate
from tests.support.people import TIMEOUT, Guest, Json, a_name
from tests.support.programs import app
from tests.support.server import Server
from tests.support.sockets import RawSocket
from tests.support.waiting import eventually

SITE = "chat.example.org"
HANDSHAKE = "/socket.io/?EIO=4&transport=polling"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(autouse=True)
def trust(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients of this test trust the tests' authority and no other."""
    for name in ("REQUESTS_CA_BUNDLE", "WEBSOCKET_CLIENT_CA_BUNDLE"):
        monkeypatch.setenv(name, str(certificate.authority))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, certificate: Certificate) -> Iterator[Server]:
    """In place of the one without a certificate."""
    data = tmp_path_factory.mktemp("https")
    with Server(data, cert=certificate.cert, key=certificate.key, **UNLIMITED) as running:
        yield running
    assert "Traceback" not in "".join(running.output)


def encrypted(url: str, certificate: Certificate, **bounds: ssl.TLSVersion) -> ssl.SSLSocket:
    """A connection with its handshake done, and nothing said yet."""
    context = ssl.create_default_context(cafile=str(certificate.authority))
    for name, version in bounds.items():
        setattr(context, name, version)
    return context.wrap_socket(plain(url), server_hostname=urlsplit(url).hostname)


def plain(url: str) -> socket.socket:
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    return socket.create_connection((parts.hostname, parts.port), timeout=TIMEOUT)


def rest(connection: socket.socket) -> bytes:
    """What comes until the other side ends the connection, however it does that."""
    found = b""
    with contextlib.suppress(ConnectionResetError, ssl.SSLError):
        while data := connection.recv(65536):
            found += data
    return found


def test_the_link_that_is_printed_is_https_and_answers(server: Server) -> None:
    assert server.url.startswith("https://127.0.0.1:")
    assert requests.get(server.url, timeout=TIMEOUT).status_code == 200


def test_the_options_are_as_good_as_the_settings(certificate: Certificate, tmp_path: Path) -> None:
    command = ("app.py", "--cert", str(certificate.cert), "--key", str(certificate.key))
    with Server(tmp_path / "data", command=command) as running:
        assert running.url.startswith("https://")
        assert running.stop() == 0


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_it_speaks_todays_versions(server: Server, certificate: Certificate, version: ssl.TLSVersion) -> None:
    with encrypted(server.url, certificate, minimum_version=version, maximum_version=version) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 200"


def test_it_speaks_no_older_version(certificate: Certificate) -> None:
    assert tls_context(certificate.cert, certificate.key).minimum_version == ssl.TLSVersion.TLSv1_2


def test_the_cookie_is_secure_and_bound_to_the_host(server: Server) -> None:
    answer = requests.post(f"{server.url}/sessions", json={"username": a_name()}, timeout=TIMEOUT)
    name, _, attributes = answer.headers["Set-Cookie"].partition("=")
    assert name == "__Host-porch"
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(attributes.split("; "))
    assert "Domain" not in attributes


def test_the_cookie_is_good_for_sockets_of_its_own_pages(server: Server) -> None:
    session = requests.Session()
    session.post(f"{server.url}/sessions", json={"username": a_name()}, timeout=TIMEOUT)
    assert session.get(f"{server.url}/sessions/current", timeout=TIMEOUT).status_code == 200
    for origin, status in ((server.url, 200), (server.url.replace("https", "http"), 403)):
        answer = session.get(server.url + HANDSHAKE, headers={"Origin": origin}, timeout=TIMEOUT)
        assert answer.status_code == status


def test_browsers_are_told_to_come_back_by_https(server: Server) -> None:
    for path in ("/", "/static/js/log/feed.js", "/nowhere"):
        answer = requests.get(server.url + path, headers={"Host": SITE}, timeout=TIMEOUT)
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_pages_may_open_encrypted_sockets_alone(server: Server) -> None:
    policy = requests.get(server.url, timeout=TIMEOUT).headers["Content-Security-Policy"]
    assert f"connect-src 'self' {server.url.replace('https', 'wss')};" in policy


def test_people_talk_over_encrypted_sockets(ann: Guest, bob: Guest, chat: Json) -> None:
    with ann.socket() as hers, bob.socket() as his:
        hers.enter(chat)
        his.enter(chat)
        hers.send(chat, "Is this private?")
        his.send(chat, "As the grave.")
        eventually(lambda: len(hers.contents()) == len(his.contents()) == 2)
        for one in (hers, his):
            assert one.contents() == ["Is this private?", "As the grave."]


def test_a_client_that_polls_is_upgraded(ann: Guest) -> None:
    with ann.socket(transports=["polling", "websocket"]) as socket:
        eventually(lambda: socket.client.eio.current_transport == "websocket")
        assert socket.enter(ann.open_chat())["head"] == 0


def test_200_kilobytes_arrive_in_one_piece_both_ways(ann: Guest) -> None:
    chat = ann.open_chat()
    texts = [f"{number} " + "€" * 9_900 for number in range(8)]
    with RawSocket(ann.url, str(ann.token)) as line:
        line.enter(chat)
        for text in texts:
            ann.send(chat, text)
            assert line.next_event("message")["content"] == text
        too_long = {"chat_id": chat["id"], "client_id": str(uuid.uuid4()), "content": "x" * 200_000}
        line.connection.send("427" + json.dumps(["send", too_long]))
        assert json.loads(line.answer(7)[3:])[0]["error"]["code"] == "invalid"
        line.connection.send("428" + json.dumps(["enter", {"chat_id": chat["id"], "after": 0}]))
        packet = line.answer(8)
        assert len(packet.encode()) > 200_000
        assert [message["content"] for message in json.loads(packet[3:])[0]["messages"]] == texts


ENOUGH = 6_000_000  # bytes: above what the system buffers of a connection by itself
LONGEST_PAUSE = 6.0  # seconds, below the first ping


@pytest.mark.long
def test_a_reader_who_pauses_gets_everything_and_delays_nobody(ann: Guest, bob: Guest, chat: Json) -> None:
    # One thread for all of them: Python's own TLS sockets are no good for two threads at once.
    texts = [f"{number:04d} " + "€" * 9_900 for number in range(ENOUGH // 29_700)]
    with (
        RawSocket(ann.url, str(bob.token), receive_buffer=4096) as slow,
        RawSocket(ann.url, str(bob.token)) as quick,
        RawSocket(ann.url, str(ann.token)) as hers,
    ):
        slow.enter(chat)
        quick.enter(chat)
        end = time.monotonic() + LONGEST_PAUSE
        sent: list[str] = []
        for text in itertools.takewhile(lambda _: time.monotonic() < end, texts):
            sent.append(text)
            data = {"chat_id": chat["id"], "content": text, "client_id": str(uuid.uuid4())}
            hers.connection.send("427" + json.dumps(["send", data]))
            assert hers.receive().startswith('437[{"ok":true')
            assert quick.next_event("message")["content"] == text
            slow.connection.ping("are you there?")  # the answer finds no room in the buffers
        assert [slow.next_event("message")["content"] for _ in sent] == sent


def test_a_connection_that_is_cut_off_is_never_spoken_to_in_the_clear(certificate: Certificate) -> None:
    context = tls_context(certificate.cert, certificate.key)
    trusting = ssl.create_default_context(cafile=str(certificate.authority))
    ours, theirs = socket.socketpair()
    with ThreadPoolExecutor() as pool:
        client = pool.submit(trusting.wrap_socket, theirs, server_hostname="localhost")
        connection = context.wrap_socket(ours, server_side=True)
    with connection, client.result():
        WholeSends(connection).shutdown(socket.SHUT_RDWR)
        assert connection.cipher() is not None


def test_a_session_that_ends_closes_its_socket(ann: Guest) -> None:
    with RawSocket(ann.url, str(ann.token)) as line:
        ann.delete("/sessions/current")
        assert line.is_closed()


def test_a_socket_that_says_goodbye_hears_it_back(ann: Guest) -> None:
    with RawSocket(ann.url, str(ann.token)) as line:
        line.connection.send_close()
        assert line.connection.recv_data(control_frame=True)[0] == websocket.ABNF.OPCODE_CLOSE
        assert line.is_closed()


# A server that has less patience with a handshake.
HASTY = ("-m", "tests.support.hasty", json.dumps({"HEADERS": 0.3, "SWEEP": 0.3}))
HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"  # how a handshake begins


def test_a_handshake_that_never_ends_delays_nobody_and_is_ended(
    certificate: Certificate, tmp_path: Path
) -> None:
    cert, key = certificate.cert, certificate.key
    with (
        Server(tmp_path / "data", command=HASTY, cert=cert, key=key) as running,
        contextlib.ExitStack() as stack,
    ):
        lazy = [stack.enter_context(plain(running.url)) for _ in range(40)]
        for connection in lazy[::2]:
            connection.sendall(HELLO)
        assert requests.get(running.url, timeout=TIMEOUT).status_code == 200
        assert {rest(connection) for connection in lazy} == {b""}
        running.stop()
        running.kill()
    assert "Traceback" not in "".join(running.output)


def test_plain_http_is_told_to_begin_with_https(server: Server) -> None:
    answer = requests.get(server.url.replace("https", "http"), timeout=TIMEOUT)
    assert answer.status_code == 400
    assert "https://" in answer.text


def speak_plainly(url: str, certificate: Certificate) -> None:
    with plain(url) as connection:
        connection.sendall(b"POST /sessions HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000)
        rest(connection)


def speak_nonsense(url: str, certificate: Certificate) -> None:
    for nonsense in (
        b"\0" * 1000,
        b"\x80\x2e\x01\x00\x02",
        b"SSH-2.0-x\r\n",
        HELLO + os.urandom(2000),
        b"\r\n",
    ):
        with plain(url) as connection:
            connection.sendall(nonsense)
            with contextlib.suppress(OSError):  # the server may have ended it already
                connection.shutdown(socket.SHUT_WR)
            rest(connection)


def say_nothing(url: str, certificate: Certificate) -> None:
    plain(url).close()


def hang_up_hard(url: str, certificate: Certificate) -> None:
    with plain(url) as connection:
        connection.sendall(HELLO)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def distrust(url: str, certificate: Certificate) -> None:
    with pytest.raises(ssl.SSLError), plain(url) as connection:
        ssl.create_default_context().wrap_socket(connection, server_hostname="127.0.0.1")


def fall_out_of_the_encryption(url: str, certificate: Certificate) -> None:
    for begun in (
        b"",
        b"GET / HTTP/1.1\r\nHo",
        b"POST /sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n1",
    ):
        with encrypted(url, certificate) as connection:
            if begun:
                connection.sendall(begun)
            os.write(connection.fileno(), b"GET / HTTP/1.1\r\n\r\n")
            rest(connection)


def leave_while_being_answered(url: str, certificate: Certificate) -> None:
    for _ in range(5):
        with encrypted(url, certificate) as connection:
            connection.sendall(b"GET /static/vendor/socket.io.esm.min.js HTTP/1.1\r\nHost: x\r\n\r\n" * 50)
            connection.recv(100)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def leave_a_socket_hard(url: str, certificate: Certificate) -> None:
    for hard in (True, False):
        line = RawSocket(url, str(Guest.sign_in(url).token))
        if hard:
            line.wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            os.write(line.wire.fileno(), b"nonsense in the middle of it all")
            line.is_closed()
        line.connection.shutdown()  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    "rude",
    [
        speak_plainly,
        speak_nonsense,
        say_nothing,
        hang_up_hard,
        distrust,
        fall_out_of_the_encryption,
        leave_while_being_answered,
        leave_a_socket_hard,
    ],
)
def test_whoever_breaks_the_protocol_is_no_hindrance_to_others(
    patient: Server, certificate: Certificate, rude: Callable[[str, Certificate], None]
) -> None:
    rude(patient.url, certificate)
    assert requests.get(patient.url, timeout=TIMEOUT).status_code == 200


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory, certificate: Certificate) -> Iterator[Server]:
    """Whoever breaks the protocol leaves no trace in what it prints, and does not keep it from stopping."""
    with Server(tmp_path_factory.mktemp("patient"), cert=certificate.cert, key=certificate.key) as running:
        greeting = len(running.output)
        yield running
        assert running.stop() == 0
        running.kill()
        assert [line for line in running.output[greeting:] if not GREETING.search(line)] == []


GREETING = re.compile(r"Ctrl\+C|Become its host")

# What a host sees who gives wrong files.


@pytest.fixture
def other(tmp_path: Path) -> Certificate:
    folder = tmp_path / "other"
    folder.mkdir()
    return make_certificate(folder)


def complaint(cert: Path, key: Path) -> str:
    with pytest.raises(SettingError) as refused:
        tls_context(cert, key)
    return str(refused.value)


def test_a_file_that_is_missing_is_named(certificate: Certificate, tmp_path: Path) -> None:
    missing = tmp_path / "missing.pem"
    end = f"={missing} cannot be read: No such file or directory."
    assert complaint(missing, certificate.key) == f"PORCH_CERT{end}"
    assert complaint(certificate.cert, missing) == f"PORCH_KEY{end}"


def test_a_file_that_cannot_be_read_is_named(certificate: Certificate, tmp_path: Path) -> None:
    assert complaint(certificate.cert, tmp_path) == f"PORCH_KEY={tmp_path} cannot be read: Is a directory."


def test_the_key_of_another_certificate_is_refused(certificate: Certificate, other: Certificate) -> None:
    said = complaint(certificate.cert, other.key)
    assert said == f"PORCH_KEY={other.key} is not the key of PORCH_CERT={certificate.cert}."


@pytest.mark.parametrize("content", ["", "not a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_files_of_another_kind_are_refused(certificate: Certificate, tmp_path: Path, content: str) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text(content)
    assert "PEM format" in complaint(wrong, certificate.key)
    assert "PEM format" in complaint(certificate.cert, wrong)
    assert "PEM format" in complaint(certificate.key, certificate.cert)


def test_a_key_with_a_passphrase_is_refused_without_asking_for_it(
    certificate: Certificate, tmp_path: Path
) -> None:
    locked = tmp_path / "locked.pem"
    key = load_pem_private_key(certificate.key.read_bytes(), None)
    passphrase = BestAvailableEncryption(b"open sesame")
    locked.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, passphrase))
    assert "passphrase" in complaint(certificate.cert, locked)


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        (
            {"cert": "/nowhere/cert.pem", "key": "/nowhere/key.pem"},
            "PORCH_CERT=/nowhere/cert.pem cannot be read",
        ),
        ({"cert": "/nowhere/cert.pem"}, "PORCH_CERT and PORCH_KEY go together"),
    ],
)
def test_wrong_files_end_the_start_with_one_sentence(
    tmp_path: Path, files: dict[str, str], sentence: str
) -> None:
    settings = {"data": str(tmp_path / "data"), "port": "0"} | files
    done = app(**{f"PORCH_{name.upper()}": value for name, value in settings.items()})
    assert done.returncode == 1
    (line,) = done.stdout.splitlines()
    assert line.startswith(f"Error: {sentence}")


# Behind a proxy that speaks HTTPS for Porch.

FORWARDED = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": SITE, "X-Forwarded-For": "203.0.113.7"}
HTTPS_ORIGIN = {"Origin": f"https://{SITE}"}


@pytest.fixture
def trusting(start_server: Callable[..., Server]) -> Server:
    return start_server(trusted_proxies="127.0.0.1", **UNLIMITED)


@pytest.fixture
def distrusting(start_server: Callable[..., Server]) -> Server:
    return start_server(**UNLIMITED)


def come_in(server: Server, headers: dict[str, str]) -> requests.Response:
    body = {"username": a_name()}
    return requests.post(f"{server.url}/sessions", json=body, headers=headers, timeout=TIMEOUT)


def handshake(server: Server, headers: dict[str, str]) -> int:
    """The status with which a socket's first request is answered."""
    return requests.get(server.url + HANDSHAKE, headers=headers, timeout=TIMEOUT).status_code


def test_behind_a_trusted_proxy_it_is_all_as_with_https_of_ones_own(trusting: Server) -> None:
    answer = come_in(trusting, FORWARDED | HTTPS_ORIGIN)
    assert answer.status_code == 201
    assert answer.headers["Set-Cookie"].startswith("__Host-porch=")
    assert "; Secure;" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    page = requests.get(trusting.url, headers=FORWARDED, timeout=TIMEOUT)
    assert f" wss://{SITE};" in page.headers["Content-Security-Policy"]


def test_behind_a_trusted_proxy_sockets_are_for_pages_of_https(trusting: Server) -> None:
    assert handshake(trusting, FORWARDED | {"Origin": f"https://{SITE}"}) == 200
    assert handshake(trusting, FORWARDED | {"Origin": f"http://{SITE}"}) == 403


def test_a_proxy_that_is_not_trusted_makes_no_https(distrusting: Server) -> None:
    answer = come_in(distrusting, FORWARDED)
    assert answer.status_code == 201
    assert answer.headers["Set-Cookie"].startswith("porch=")
    assert "Secure" not in answer.headers["Set-Cookie"]
    assert "Strict-Transport-Security" not in answer.headers
    refused = come_in(distrusting, FORWARDED | HTTPS_ORIGIN)
    assert refused.status_code == 403
    assert refused.json()["error"]["code"] == "foreign_origin"
    assert handshake(distrusting, FORWARDED | HTTPS_ORIGIN) == 403
