"""A browser and its push service, as far as the server meets them: takes what is pushed and reads it."""

from __future__ import annotations

import base64
import json
import os
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.support.people import Guest, Json

# Keys as a browser has them; the point is the generator of P-256.
KEYS = {
    "p256dh": "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
    "auth": "A" * 22,
}
# Bytes, far more than a kernel takes for somebody who does not read.
ENDLESS, PIECE = 64 * 1024**2, 64 * 1024


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


class PushedBrowser:
    """One browser's keys, at an address of the service."""

    def __init__(self, service: PushService, name: str) -> None:
        self.endpoint = f"{service.url}/{name}"
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._auth = os.urandom(16)
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.keys = {"p256dh": _text(point), "auth": _text(self._auth)}

    def subscribe(self, guest: Guest) -> None:
        guest.put("/push/subscription", {"endpoint": self.endpoint, **self.keys})

    def read(self, content: bytes) -> Json:
        opened: Json = json.loads(
            http_ece.decrypt(content, private_key=self._key, auth_secret=self._auth, version="aes128gcm")
        )
        return opened


class PushService:
    """Keeps what it is sent: path, headers by small letters, body. `status` is what it answers; one that is
    `talkative` goes on with ENDLESS bytes, and `cut_off` says whether it had to stop before.
    """

    status = 201
    talkative = False

    def __enter__(self) -> Self:
        service = self
        self.sent: queue.SimpleQueue[tuple[str, dict[str, str], bytes]] = queue.SimpleQueue()
        self.cut_off: queue.SimpleQueue[bool] = queue.SimpleQueue()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): text for name, text in self.headers.items()}
                service.sent.put((self.path[1:], headers, body))
                self.send_response(service.status)
                self.send_header("Content-Length", str(ENDLESS if service.talkative else 0))
                self.end_headers()
                if service.talkative:
                    try:
                        for _ in range(ENDLESS // PIECE):
                            self.wfile.write(bytes(PIECE))
                    except ConnectionError:
                        service.cut_off.put(True)
                    else:
                        service.cut_off.put(False)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def browser(self, name: str) -> PushedBrowser:
        return PushedBrowser(self, name)

    def next(self, within: float = 30.0) -> tuple[str, dict[str, str], bytes]:
        return self.sent.get(timeout=within)
