"""A certificate authority of this site's own, and what it certifies.

Made with `cryptography`, not with trustme, which is for tests: an authority that people put into their
browsers is bound by name constraints (RFC 5280, 4.2.1.10), so that whoever steals its key cannot be their
bank.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LASTS = timedelta(days=3650)
# Of a site's certificate. Apple's systems take none from an authority of one's own that lasts over 825 days.
SITE_LASTS = timedelta(days=90)
# Clocks of other devices may be behind.
ALREADY = timedelta(days=1)
# What is nobody's but a local network's, and may be certified whatever becomes of this computer's names and
# addresses.
PRIVATE_NAMES = ("localhost", "local")
PRIVATE_NETWORKS = tuple(
    map(
        ipaddress.ip_network,
        (
            *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"),
            *("100.64.0.0/10", "::1/128", "fc00::/7", "fe80::/10"),
        ),
    )
)


@dataclass(frozen=True)
class Authority:
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @classmethod
    def make(cls, title: str, names: Iterable[str]) -> Authority:
        """An authority that can certify names of local networks, and these, each with what is below it."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title[:64])])
        usage = _usage(sign_certificates=True)
        certificate = (
            _builder(subject, subject, key.public_key(), LASTS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(x509.NameConstraints(_bounds(names), None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .sign(key, SHA256())
        )
        return cls(key, certificate)

    @classmethod
    def read(cls, pem: bytes) -> Authority:
        """What `pem` gave. Raises ValueError."""
        key = load_pem_private_key(pem, None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError("not a key of an authority")
        return cls(key, x509.load_pem_x509_certificate(pem))

    @property
    def pem(self) -> bytes:
        """The key and the certificate."""
        return _key_pem(self.key) + self.certificate.public_bytes(Encoding.PEM)

    @property
    def fingerprint(self) -> str:
        """As devices show it."""
        return self.certificate.fingerprint(SHA256()).hex(":").upper()

    def may_certify(self, name: str) -> bool:
        """Whether it is within the constraints. One name outside would make a whole certificate worthless."""
        constraints = self.certificate.extensions.get_extension_for_class(x509.NameConstraints).value
        address = as_address(name)
        return any(
            f".{name}".endswith(f".{bound.value}")
            if isinstance(bound, x509.DNSName)
            else address is not None and address in bound.value
            for bound in constraints.permitted_subtrees or ()
            if isinstance(bound, x509.DNSName) == (address is None)
        )

    def certify(self, names: Iterable[str]) -> bytes:
        """The key and the certificate of a site with these names, in the PEM format."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Porch")])
        usage = _usage(sign_certificates=False)
        server = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        certificate = (
            _builder(subject, self.certificate.subject, key.public_key(), SITE_LASTS)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(server, critical=False)
            .add_extension(x509.SubjectAlternativeName(map(_general_name, names)), critical=False)
            .add_extension(issuer, critical=False)
            .sign(self.key, SHA256())
        )
        return _key_pem(key) + certificate.public_bytes(Encoding.PEM)

    def has_certified(self, certificate: x509.Certificate) -> bool:
        try:
            certificate.verify_directly_issued_by(self.certificate)
        except (InvalidSignature, ValueError):
            return False
        return True


def names_of(certificate: x509.Certificate) -> set[str]:
    """The names and addresses of a site's certificate."""
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))}


def as_address(name: str) -> Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None


def _bounds(names: Iterable[str]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = [x509.DNSName(name) for name in PRIVATE_NAMES]
    found += [x509.IPAddress(network) for network in PRIVATE_NETWORKS]
    for name in names:
        address = as_address(name)
        if address is None:
            found.append(x509.DNSName(name))
        elif not any(address in network for network in PRIVATE_NETWORKS):
            found.append(x509.IPAddress(ipaddress.ip_network(address)))
    return list(dict.fromkeys(found))


def _general_name(name: str) -> x509.GeneralName:
    address = as_address(name)
    return x509.DNSName(name) if address is None else x509.IPAddress(address)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, lasts: timedelta
) -> x509.CertificateBuilder:
    now = datetime.now(UTC).replace(microsecond=0)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - ALREADY)
        .not_valid_after(now + lasts)
    )


def _usage(*, sign_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not sign_certificates,
        key_cert_sign=sign_certificates,
        crl_sign=sign_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
