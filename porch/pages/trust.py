"""How a device learns to trust a site that certifies itself: the steps, and the authority's certificate."""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_pem_x509_certificate
from cryptography.x509.oid import NameOID
from flask import Response, render_template

from porch.errors import NotFound
from porch.pages import blueprint
from porch.serving.local_tls import MEDIA_TYPE, certificate_path
from porch.web.identity import engines

STEPS = "/protected/tls/"
AUTHORITY = f"{STEPS}authority.crt"


@blueprint.get(STEPS)
def trust() -> str:
    certificate = load_pem_x509_certificate(_certificate())
    return render_template(
        "trust.html",
        authority=AUTHORITY,
        title=certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value,
        fingerprint=certificate.fingerprint(SHA256()).hex(":").upper(),
    )


@blueprint.get(AUTHORITY)
def authority() -> Response:
    return Response(_certificate(), mimetype=MEDIA_TYPE)


def _certificate() -> bytes:
    """Raises NotFound where the site does not certify itself."""
    settings = engines().settings
    if not settings.tls:
        raise NotFound
    return certificate_path(settings).read_bytes()
