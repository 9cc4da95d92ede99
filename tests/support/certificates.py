"""Certificates for servers of the tests, by an authority of the tests' own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Certificate:
    """Files in the PEM format; `authority` is what a client has to trust."""

    authority: Path
    cert: Path
    key: Path


def make_certificate(folder: Path, *names: str) -> Certificate:
    authority = trustme.CA()
    issued = authority.issue_cert(*(names or ("127.0.0.1", "localhost")))
    made = Certificate(folder / "authority.pem", folder / "cert.pem", folder / "key.pem")
    authority.cert_pem.write_to_path(str(made.authority))
    for position, part in enumerate(issued.cert_chain_pems):
        part.write_to_path(str(made.cert), append=position > 0)
    issued.private_key_pem.write_to_path(str(made.key))
    return made
