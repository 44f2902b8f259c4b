"""X.509 certificate decoder that needs only the standard library.

Signatures are not verified here; OpenSSL does that. Source: RFC 5280, chapter 4.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from diagnostics.clients.certificates.der import (
    INTEGER,
    OCTET_STRING,
    OID,
    SEQUENCE,
    Unreadable,
    Value,
    parse_bit_string,
    parse_boolean,
    parse_integer,
    parse_oid,
    parse_small_integer,
    parse_time,
    read_whole,
)
from diagnostics.clients.certificates.distinguished_name import Name, parse_name
from diagnostics.clients.certificates.extensions import Extension, Extensions, parse_extensions
from diagnostics.clients.certificates.oids import CURVES, KEY_ALGORITHMS, SIGNATURE_ALGORITHMS

VERSION, EXTENSIONS = 0xA0, 0xA3
"""Context-specific tags of the optional fields [0] and [3]."""
MAX_CERTIFICATE_BYTES = 100_000
"""Bytes of one certificate; OpenSSL accepts a whole chain of that size."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Algorithm and size of a public key; 0 bits if the size is not known."""

    algorithm: str
    """`RSA`, `EC P-256`, `Ed25519`; a dotted object identifier if unknown."""
    bits: int

    def __str__(self) -> str:
        return f"{self.algorithm}, {self.bits} bits" if self.bits else self.algorithm


@dataclass(frozen=True, slots=True)
class Certificate:
    """Fields of a certificate."""

    der: bytes
    version: int
    serial: int
    signature_algorithm: str
    """The algorithm of the issuer's signature."""
    issuer: Name
    not_before: datetime
    not_after: datetime
    subject: Name
    key: PublicKey
    extensions: Extensions

    @property
    def self_issued(self) -> bool:
        """True if subject and issuer are the same name, as in a root certificate."""
        return self.subject.matches(self.issuer)

    @property
    def self_signed(self) -> bool:
        """True if the certificate is self-issued and names no other key as its issuer's."""
        authority, own = self.extensions.authority_key_id, self.extensions.subject_key_id
        return self.self_issued and not (authority and own and authority != own)

    @property
    def fingerprint(self) -> str:
        """SHA-256 fingerprint in the format of `openssl x509 -fingerprint -sha256`."""
        return sha256(self.der).digest().hex(":").upper()

    @property
    def names(self) -> tuple[str, ...]:
        """Subject alternative names; some clients fall back to the common name if there are none."""
        return self.extensions.names

    def may_have_issued(self, other: "Certificate") -> bool:
        """Return True if the other's issuer fields fit this subject, key and serial number."""
        authority, own = other.extensions.authority_key_id, self.extensions.subject_key_id
        if not self.subject.matches(other.issuer) or (authority and own and authority != own):
            return False
        return other.extensions.authority_serial in (None, self.serial)

    def names_key_of(self, issuer: "Certificate") -> bool:
        """Return True if the authority key identifier is the issuer's; it proves nothing by itself."""
        authority = self.extensions.authority_key_id
        return bool(authority) and authority == issuer.extensions.subject_key_id

    def is_valid_at(self, time: datetime) -> bool:
        """Return True if a time lies within the validity period."""
        return self.not_before <= time <= self.not_after

    def time_left(self, now: datetime) -> timedelta:
        """Return the time until the certificate expires; negative once it has."""
        return self.not_after - now


def parse(data: bytes) -> Certificate:
    """Parse one certificate in DER. Raises Unreadable."""
    if len(data) > MAX_CERTIFICATE_BYTES:
        raise Unreadable(f"larger than {MAX_CERTIFICATE_BYTES} bytes")
    outer = read_whole(data, SEQUENCE, "certificate").items()
    if len(outer) != 3:  # noqa: PLR2004  the signed part, the algorithm, the signature
        raise Unreadable("certificate: not three parts")
    parse_bit_string(outer[2], "signature")
    fields = outer[0].expect(SEQUENCE, "signed part").items()
    version = _pop_version(fields)
    if len(fields) < 6:  # noqa: PLR2004  up to the key
        raise Unreadable("signed part: fields are missing")
    serial, _, issuer, validity, subject, key, *rest = fields
    times = validity.expect(SEQUENCE, "validity").items()
    if len(times) != 2:  # noqa: PLR2004  notBefore and notAfter
        raise Unreadable("validity: not two times")
    return Certificate(
        der=data,
        version=version,
        serial=parse_integer(serial, "serial number"),
        signature_algorithm=_algorithm(outer[1], SIGNATURE_ALGORITHMS, "signature algorithm"),
        issuer=parse_name(issuer, "issuer"),
        not_before=parse_time(times[0], "valid from"),
        not_after=parse_time(times[1], "valid until"),
        subject=parse_name(subject, "subject"),
        key=_key(key),
        extensions=parse_extensions(_extensions(rest)),
    )


def _pop_version(fields: list[Value]) -> int:
    """Remove the version from the fields and return it; 1 if there is none."""
    if fields and fields[0].tag == VERSION:
        return parse_small_integer(read_whole(fields.pop(0).content, INTEGER, "version"), "version") + 1
    return 1


def _algorithm(value: Value, names: Mapping[str, str], field: str) -> str:
    parts = value.expect(SEQUENCE, field).items()
    if not parts:
        raise Unreadable(f"{field}: empty")
    oid = parse_oid(parts[0], field)
    return names.get(oid, oid)


def _key(value: Value) -> PublicKey:
    parts = value.expect(SEQUENCE, "public key").items()
    if len(parts) != 2:  # noqa: PLR2004  an algorithm and a key
        raise Unreadable("public key: not two parts")
    parameters = parts[0].expect(SEQUENCE, "public key").items()
    algorithm = _algorithm(parts[0], KEY_ALGORITHMS, "public key")
    content = parse_bit_string(parts[1], "public key")
    if algorithm == "EC" and len(parameters) > 1 and parameters[1].tag == OID:
        curve = parse_oid(parameters[1], "curve")
        name, size = CURVES.get(curve, (curve, 0))
        return PublicKey(f"EC {name}", size)
    if algorithm == "RSA":
        numbers = read_whole(content, SEQUENCE, "RSA key").items()
        return PublicKey(algorithm, parse_integer(numbers[0], "modulus").bit_length() if numbers else 0)
    return PublicKey(algorithm, 0)


def _extensions(optional: list[Value]) -> list[Extension]:
    """Return the extensions among the optional fields after the key."""
    found = [value for value in optional if value.tag == EXTENSIONS]
    if not found:
        return []
    return [_extension(value) for value in read_whole(found[0].content, SEQUENCE, "extensions").items()]


def _extension(value: Value) -> Extension:
    parts = value.expect(SEQUENCE, "extension").items()
    if not 2 <= len(parts) <= 3:  # noqa: PLR2004  a name, perhaps critical, a value
        raise Unreadable("extension: not two or three parts")
    critical = len(parts) == 3 and parse_boolean(parts[1], "critical")  # noqa: PLR2004
    oid = parse_oid(parts[0], "extension")
    return Extension(oid, critical, parts[-1].expect(OCTET_STRING, "extension").content)
