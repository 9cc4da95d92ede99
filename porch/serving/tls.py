"""HTTPS without a proxy: the certificate, and how a handshake begins."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from porch.config import SettingError

TLS_RECORD = b"\x16"  # how every handshake begins
ONLY_HTTPS = b"Only HTTPS is spoken here: begin the address with https://\n"


def plain_answer(status: str, media_type: str, content: bytes) -> bytes:
    """An answer in the clear, after which the connection ends."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {len(content)}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + content


PLAIN_HTTP = plain_answer("400 Bad Request", "text/plain", ONLY_HTTPS)


def tls_context(cert: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.2 and newer with this certificate chain and its private key. Raises SettingError."""
    for name, path in (("PORCH_CERT", cert), ("PORCH_KEY", key)):
        try:
            path.open("rb").close()
        except OSError as error:
            raise SettingError(f"{name}={path} cannot be read: {error.strerror}.") from None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # Tickets of one process are good for nothing in the next, and weaken forward secrecy until then.
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION
    context.num_tickets = 0
    context.set_alpn_protocols(["http/1.1"])
    try:
        context.load_cert_chain(cert, key, password=_refuse_passphrase)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise SettingError(f"PORCH_KEY={key} is not the key of PORCH_CERT={cert}.") from None
        raise SettingError(
            f"PORCH_CERT={cert} and PORCH_KEY={key} must hold a certificate and its key in the PEM format."
        ) from None
    except PermissionError:
        raise SettingError(
            f"PORCH_KEY={key} is locked with a passphrase; Porch needs it without one."
        ) from None
    return context


def _refuse_passphrase() -> str:
    raise PermissionError  # else the terminal would be asked for it


def begin_tls(client: Any, context: ssl.SSLContext, plain: Mapping[bytes, bytes]) -> ssl.SSLSocket | None:
    """The encryption around a connection, before the handshake; None for one that does not begin with one.

    `plain` has the whole answers to those who ask for some paths in the clear.
    """
    if not _begins_a_handshake(client, plain):
        return None
    return context.wrap_socket(client, server_side=True, do_handshake_on_connect=False)


def _begins_a_handshake(client: Any, plain: Mapping[bytes, bytes]) -> bool:
    first = client.recv(1, socket.MSG_PEEK)
    if first.isalpha():  # somebody typed http:// and waits for an answer
        request = client.recv(65536)  # what is left unread would cut the answer off
        path = (*request.split(b" ", 2), b"")[1]
        client.sendall(plain.get(path, PLAIN_HTTP))
    return bool(first == TLS_RECORD)
