"""HTTPS of a site that certifies itself (PORCH_TLS): what is kept for it in the data folder, and renewed."""

from __future__ import annotations

import logging
import os
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import gevent
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from porch.addresses import own_names
from porch.config import SettingError, Settings
from porch.secret_key import kept_secret
from porch.serving.authority import SITE_LASTS, Authority, names_of
from porch.serving.tls import plain_answer, tls_context

log = logging.getLogger(__name__)

FOLDER = "tls"
KEY = "authority.pem"  # with its certificate; nobody else's
CERTIFICATE = "authority.crt"  # for everybody
MEDIA_TYPE = "application/x-x509-ca-cert"  # which phones offer to install
SITE = "site.pem"  # the site's key and certificate
# How long before its end a certificate is renewed, and what is left of an authority that is still used.
AHEAD = timedelta(days=30)
# Seconds between two looks whether the names have changed (a laptop in another network), or the end is near.
LOOK = 60.0


class LocalTls:
    """Read or made on the first use of a data folder. Raises SettingError for what is damaged or too old."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._folder = settings.data / FOLDER
        self._left_out: set[str] = set()
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self.authority = self._authority()
        self.certificate.write_bytes(self.authority.certificate.public_bytes(Encoding.PEM))
        self._renew()
        self.context = tls_context(self._site, self._site)

    @property
    def certificate(self) -> Path:
        """The authority's, as devices take it."""
        return certificate_path(self._settings)

    @property
    def plain_answer(self) -> bytes:
        """The certificate for whoever asks in the clear: a device that does not trust it yet may take no
        other way. What it gets is compared by the fingerprint, which the start prints.
        """
        return plain_answer("200 OK", MEDIA_TYPE, self.certificate.read_bytes())

    @property
    def _site(self) -> Path:
        return self._folder / SITE

    def watch(self) -> gevent.Greenlet[[], None]:
        """Keep the certificate new for as long as the greenlet runs; connections that are open stay."""
        return gevent.spawn(self._watch)

    def _watch(self) -> None:
        while True:
            gevent.sleep(LOOK)
            try:
                self.look()
            except OSError:
                log.exception("the certificate was not renewed")

    def look(self) -> None:
        """Renew the certificate if it is time; who comes from now on gets the new one."""
        if self._renew():
            self.context.load_cert_chain(self._site)

    def _authority(self) -> Authority:
        path = self._folder / KEY
        names = own_names(self._settings)
        title = f"Porch at {names[-1]}, {datetime.now(UTC):%Y-%m-%d}"
        try:
            found = Authority.read(kept_secret(path, lambda: Authority.make(title, names).pem))
        except (ValueError, TypeError):
            raise SettingError(f"{path} is damaged. {ANEW}") from None
        if found.certificate.not_valid_after_utc - datetime.now(UTC) < SITE_LASTS:
            raise SettingError(f"The authority in {path} is at its end. {ANEW}")
        return found

    def _renew(self) -> bool:
        names = own_names(self._settings)
        allowed = [name for name in names if self.authority.may_certify(name)]
        for name in set(names) - set(allowed) - self._left_out:
            log.warning("the certificate is not for %s, which the authority in %s may not certify. %s",
                        name, self._folder, ANEW)  # fmt: skip
            self._left_out.add(name)
        if self._is_good(allowed):
            return False
        draft = self._site.with_name(f".{SITE}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(self.authority.certify(allowed))
        draft.replace(self._site)
        return True

    def _is_good(self, names: list[str]) -> bool:
        """Whether the certificate that is there is by this authority, for these names, and lasts a while."""
        try:
            pem = self._site.read_bytes()
            found = x509.load_pem_x509_certificate(pem)
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(self._site)
        except (OSError, ValueError):
            return False
        return (
            self.authority.has_certified(found)
            and names_of(found) == set(names)
            and found.not_valid_after_utc - datetime.now(UTC) > AHEAD
        )


ANEW = "Delete the folder, and the next start makes a new authority, which every device has to trust anew."


def certificate_path(settings: Settings) -> Path:
    """Where the authority's certificate is, if there is one."""
    return settings.data / FOLDER / CERTIFICATE
