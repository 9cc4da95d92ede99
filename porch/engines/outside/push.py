"""Web push: sends what somebody is to be told to the push service of their browser (RFC 8030, 8291, 8292).

What is sent is encrypted for the browser; its push service cannot read it. The keys by which this server is
known to push services are made once and kept in the data folder. No account is needed anywhere.
"""

from __future__ import annotations

import base64
import logging
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import http_ece
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02, VapidException
from urllib3 import PoolManager, Timeout
from urllib3.exceptions import HTTPError, LocationParseError
from urllib3.util import parse_url

from porch.config import SettingError
from porch.errors import Invalid
from porch.secret_key import kept_secret
from porch.texts import lazy_gettext

log = logging.getLogger(__name__)

KEPT_FOR = 24 * 60 * 60  # seconds that a push service keeps what it cannot deliver
PATIENCE = Timeout(connect=5.0, read=10.0)  # seconds to connect, and for an answer
GONE = (404, 410)  # RFC 8030, 7.3: the subscription has ended
ENDPOINT = re.compile(r"[!-\[\]-~]{1,2048}")  # ASCII that is seen, and no backslash
LOCAL = "127.0.0.1"  # a service to try things out with, where somebody has named it: any port, without TLS
SECRET = 16  # bytes of an authentication secret


class Subscription(NamedTuple):
    id: int
    endpoint: str
    p256dh: str
    auth: str


class Push:
    """`services` are the hosts that may be written to, a name that begins with a dot with all below it;
    `contact` is whom push services write to when something is wrong, a `mailto:` or `https:` address.
    """

    def __init__(self, key: Path, *, services: Sequence[str], contact: str) -> None:
        self._path = key
        self._services = tuple(services)
        self._contact = contact

    @cached_property
    def public_key(self) -> str:
        """What a browser subscribes with: a point of P-256, uncompressed, in base64url."""
        point = self._vapid.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return base64.urlsafe_b64encode(point).rstrip(b"=").decode()

    def confirm(self, endpoint: str, p256dh: str, auth: str) -> None:
        """Raise Invalid for what no push service that is known can have given."""
        if not ENDPOINT.fullmatch(endpoint) or not self._is_known(endpoint):
            raise Invalid(
                lazy_gettext("This push service is not known here."),
                fields={"endpoint": lazy_gettext("An https address of a known push service.")},
            )
        try:
            ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _decoded(p256dh))
        except ValueError:
            raise Invalid(
                lazy_gettext("p256dh is no key."),
                fields={"p256dh": lazy_gettext("A point of P-256 in base64url.")},
            ) from None
        if len(_decoded(auth)) != SECRET:
            raise Invalid(
                lazy_gettext("auth is no secret."),
                fields={"auth": lazy_gettext("%(size)s bytes in base64url.", size=SECRET)},
            )

    def _is_known(self, endpoint: str) -> bool:
        try:
            parts = parse_url(endpoint)  # as `send` reads it: there is more than one way to read an address
        except LocationParseError:
            return False
        host = parts.host or ""
        if parts.auth is not None or not any(
            host == name or (name.startswith(".") and host.endswith(name)) for name in self._services
        ):
            return False
        return host == LOCAL or (parts.scheme == "https" and parts.port in (None, 443))

    def send(self, to: Subscription, message: Any, *, urgent: bool, topic: str) -> bool:
        """Hand a message over; False when the subscription has ended for good. What cannot be delivered now
        is lost: the message waits in its chat.

        `topic` is up to 32 letters of base64url: a newer message takes the place of one that waits.
        """
        if not self._is_known(to.endpoint):  # any more
            return False
        try:
            answer = self._pool.request(
                "POST", to.endpoint, body=_sealed(to, msgspec.json.encode(message)), redirect=False,
                preload_content=False, headers={
                    **self._vapid.sign({"sub": self._contact, "aud": _origin(to.endpoint)}),
                    "Content-Encoding": "aes128gcm",
                    "TTL": str(KEPT_FOR),
                    "Urgency": "high" if urgent else "normal",
                    "Topic": topic,
                },
            )  # fmt: skip
        except HTTPError as error:
            log.warning("A push service cannot be reached: %s", type(error).__name__)
            return True
        # What follows the status is not read: it could be without end.
        if answer.length_remaining == 0:
            answer.release_conn()
        else:
            answer.close()
        if answer.status >= 300 and answer.status not in GONE:
            log.warning("A push service has refused a message: %d", answer.status)
        return answer.status not in GONE

    @cached_property
    def _pool(self) -> PoolManager:
        return PoolManager(timeout=PATIENCE, retries=False)

    @cached_property
    def _vapid(self) -> Vapid02:
        def make() -> bytes:
            made = Vapid02()
            made.generate_keys()
            return bytes(made.private_pem())

        try:
            return Vapid02.from_pem(kept_secret(self._path, make))
        except (ValueError, TypeError, VapidException):
            raise SettingError(
                f"{self._path} is damaged. Delete it; a new one is made, and browsers subscribe anew."
            ) from None


def _sealed(to: Subscription, content: bytes) -> bytes:
    sealed: bytes = http_ece.encrypt(
        content,
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=_decoded(to.p256dh),
        auth_secret=_decoded(to.auth),
        version="aes128gcm",
    )
    return sealed


def _origin(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    return f"{parts.scheme}://{parts.netloc}"


def _decoded(text: str) -> bytes:
    """Nothing, for what is not base64url."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return b""
