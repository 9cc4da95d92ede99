"""HTTPS without a proxy: the certificate, and handshakes that keep nobody else waiting."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path
from typing import Any

import gevent
from gevent.pywsgi import WSGIServer

from porch.config import SettingError

# How long a client may take to begin, in seconds.
HANDSHAKE = 10
TLS_RECORD = b"\x16"  # how every handshake begins
PLAIN_HTTP = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
    b"Only HTTPS is spoken here: begin the address with https://\n"
)


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


class TlsServer(WSGIServer):
    """Each connection's handshake happens in the connection's own greenlet, within HANDSHAKE seconds."""

    def __init__(self, *arguments: Any, tls: ssl.SSLContext, **options: Any) -> None:
        super().__init__(*arguments, ssl_context=tls, **options)
        self._tls = tls

    def wrap_socket_and_handle(self, client: Any, address: Any) -> None:
        """Called by gevent for each connection; whoever does not manage a handshake is let go in silence."""
        try:
            with gevent.Timeout(HANDSHAKE):
                connection = self._shake_hands(client)
        except (OSError, gevent.Timeout):
            return
        if connection is not None:
            with connection:
                self.handle(connection, address)

    def _shake_hands(self, client: Any) -> ssl.SSLSocket | None:
        if not _begins_a_handshake(client):
            return None
        connection = self._tls.wrap_socket(client, server_side=True, do_handshake_on_connect=False)
        try:
            connection.do_handshake()
        except BaseException:
            connection.close()
            raise
        return connection


def _begins_a_handshake(client: Any) -> bool:
    first = client.recv(1, socket.MSG_PEEK)
    if first.isalpha():  # somebody typed http:// and waits for an answer
        client.recv(65536)  # what is left unread would cut the answer off
        client.sendall(PLAIN_HTTP)
    return bool(first == TLS_RECORD)
