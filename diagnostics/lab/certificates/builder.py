"""Build one certificate, valid in everything that the caller does not change."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

VALID = timedelta(days=90)
CLOCK_SKEW = timedelta(hours=1)
ORGANISATION = "ClearPay lab"
Key: TypeAlias = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
SERVER_NAMES = ("localhost", "127.0.0.1")


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key."""

    certificate: x509.Certificate
    key: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Fields of a certificate; each variant of the lab changes one."""

    name: str
    organisation: str = ORGANISATION
    begins: timedelta = -CLOCK_SKEW
    ends: timedelta = VALID
    """Validity, as offsets from now."""
    names: Sequence[str] = ()
    authority: bool = False
    path_length: int | None = None
    usage: bool | None = None
    """True for keyCertSign, False for digitalSignature, None without a key usage extension."""
    purpose: ObjectIdentifier | None = None
    key: Key | None = None
    authority_key: bool = True
    """Include the authority key identifier."""
    further: Sequence[tuple[x509.ExtensionType, bool]] = ()
    """Further extensions with their critical flag."""


AUTHORITY = Recipe(name="", authority=True, usage=True)
LEAF = Recipe(name="localhost", names=SERVER_NAMES, purpose=ExtendedKeyUsageOID.SERVER_AUTH)


def authority(name: str, issuer: Pair | None = None, **changes: Any) -> Pair:
    """Return a root, or an intermediate of an issuer."""
    return make(replace(AUTHORITY, **{"name": name, **changes}), issuer)


def leaf(issuer: Pair | None, **changes: Any) -> Pair:
    """Return a server certificate for localhost and 127.0.0.1, self-signed without an issuer."""
    return make(replace(LEAF, **changes), issuer)


def make(recipe: Recipe, issuer: Pair | None) -> Pair:
    """Return the certificate of a recipe, signed by its issuer or by itself."""
    key = recipe.key or ec.generate_private_key(ec.SECP256R1())
    subject = _name(recipe)
    signer = issuer.key if issuer else key
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + recipe.begins)
        .not_valid_after(now + recipe.ends)
    )
    for extension, critical in (*_extensions(recipe, key, signer), *recipe.further):
        builder = builder.add_extension(extension, critical=critical)
    return Pair(builder.sign(signer, hashes.SHA256()), key)


def _extensions(recipe: Recipe, key: Key, signer: Key) -> list[tuple[x509.ExtensionType, bool]]:
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=recipe.authority, path_length=recipe.path_length), True),
        (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
    ]
    if recipe.authority_key:
        extensions.append((x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), False))
    if recipe.usage is not None:
        extensions.append((_usage(recipe.usage), True))
    if recipe.names:
        extensions.append(
            (x509.SubjectAlternativeName([_general_name(name) for name in recipe.names]), False)
        )
    if recipe.purpose is not None:
        extensions.append((x509.ExtendedKeyUsage([recipe.purpose]), False))
    return extensions


def _usage(signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs,
        crl_sign=signs,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _name(recipe: Recipe) -> x509.Name:
    attributes = ((NameOID.ORGANIZATION_NAME, recipe.organisation), (NameOID.COMMON_NAME, recipe.name))
    return x509.Name([x509.NameAttribute(kind, text) for kind, text in attributes if text])
