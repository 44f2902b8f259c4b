"""A certificate as a reader wants it, from its bytes alone: nothing but the standard library is needed.

Signatures are not checked here; that is OpenSSL's. Source: RFC 5280, chapter 4.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from diagnostics.clients.certificates.der import (
    OID,
    SEQUENCE,
    Unreadable,
    Value,
    bits,
    boolean,
    integer,
    oid,
    parse_time,
    text,
    whole,
)
from diagnostics.clients.certificates.extensions import Extension, Extensions, extensions_of
from diagnostics.clients.certificates.oids import ATTRIBUTES, CURVES, KEYS, SIGNATURES

VERSION, EXTENSIONS = 0xA0, 0xA3
LONGEST_NAME = 300
"""Characters of a name that are shown."""
LONGEST = 100_000
"""Bytes of one certificate; OpenSSL takes a whole chain of that size."""


@dataclass(frozen=True, slots=True)
class Name:
    """A subject or an issuer: as it is shown, as it is written, and as it is compared."""

    shown: str
    raw: bytes
    compared: str
    """Without regard to case, spaces and types of strings, as OpenSSL compares names."""
    common: str
    """Its first common name; empty where it has none."""

    def same(self, other: "Name") -> bool:
        """Whether both name the same one."""
        return self.compared == other.compared

    def __str__(self) -> str:
        return self.shown or "(empty)"


@dataclass(frozen=True, slots=True)
class Key:
    """A public key's kind and size; 0 bits where its size is not known."""

    kind: str
    bits: int

    def __str__(self) -> str:
        return f"{self.kind}, {self.bits} bits" if self.bits else self.kind


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says."""

    der: bytes
    version: int
    serial: int
    signature: str
    """The algorithm that its issuer signed it with."""
    issuer: Name
    not_before: datetime
    not_after: datetime
    subject: Name
    key: Key
    extensions: Extensions

    @property
    def self_issued(self) -> bool:
        """Whether subject and issuer are the same name, as in a root."""
        return self.subject.same(self.issuer)

    @property
    def self_signed(self) -> bool:
        """Whether it names itself as its issuer, and no other key of that name."""
        theirs, own = self.extensions.authority_key, self.extensions.subject_key
        return self.self_issued and not (theirs and own and theirs != own)

    @property
    def fingerprint(self) -> str:
        """SHA-256 over all of it, as `openssl x509 -fingerprint -sha256` prints it."""
        return sha256(self.der).digest().hex(":").upper()

    @property
    def names(self) -> tuple[str, ...]:
        """Names that a client may ask for; the common name counts for some only where there are none."""
        return self.extensions.names

    def issued(self, other: "Certificate") -> bool:
        """Whether its name, its key and its serial number are those that the other names as its issuer's."""
        theirs, own = other.extensions.authority_key, self.extensions.subject_key
        if not self.subject.same(other.issuer) or (theirs and own and theirs != own):
            return False
        return other.extensions.authority_serial in (None, self.serial)

    def signed_with(self, issuer: "Certificate") -> bool:
        """Whether it says itself that this key signed it; OpenSSL alone knows whether that is true."""
        said = self.extensions.authority_key
        return bool(said) and said == issuer.extensions.subject_key

    def valid(self, now: datetime) -> bool:
        """Whether a moment is within its time."""
        return self.not_before <= now <= self.not_after

    def left(self, now: datetime) -> timedelta:
        """How long it is still valid; negative once it has expired."""
        return self.not_after - now


def parse(data: bytes) -> Certificate:
    """Read one certificate. Raises Unreadable."""
    if len(data) > LONGEST:
        raise Unreadable(f"larger than {LONGEST} bytes")
    outer = whole(data, SEQUENCE, "certificate").items()
    if len(outer) != 3:  # noqa: PLR2004  what is signed, the algorithm, the signature
        raise Unreadable("certificate: not three parts")
    bits(outer[2], "signature")
    fields = outer[0].expect(SEQUENCE, "what is signed").items()
    version = _version(fields)
    if len(fields) < 6:  # noqa: PLR2004  up to the key
        raise Unreadable("what is signed: parts are missing")
    serial, _, issuer, validity, subject, key, *rest = fields
    times = validity.expect(SEQUENCE, "validity").items()
    if len(times) != 2:  # noqa: PLR2004  from and until
        raise Unreadable("validity: not two times")
    return Certificate(
        der=data,
        version=version,
        serial=integer(serial, "serial number"),
        signature=_algorithm(outer[1], SIGNATURES, "signature's algorithm"),
        issuer=_name(issuer, "issuer"),
        not_before=parse_time(times[0], "valid from"),
        not_after=parse_time(times[1], "valid until"),
        subject=_name(subject, "subject"),
        key=_key(key),
        extensions=extensions_of(_extensions(rest)),
    )


def _version(fields: list[Value]) -> int:
    """Take the version off the fields; without one it is the first."""
    if fields and fields[0].tag == VERSION:
        return integer(whole(fields.pop(0).content, 0x02, "version"), "version") + 1
    return 1


def _algorithm(value: Value, known: Mapping[str, str], what: str) -> str:
    parts = value.expect(SEQUENCE, what).items()
    if not parts:
        raise Unreadable(f"{what}: empty")
    name = oid(parts[0], what)
    return known.get(name, name)


def _name(value: Value, what: str) -> Name:
    pairs = []
    for group in value.expect(SEQUENCE, what).items():
        for pair in group.items():
            parts = pair.expect(SEQUENCE, what).items()
            if len(parts) != 2:  # noqa: PLR2004  a type and a value
                raise Unreadable(f"{what}: not a type and a value")
            kind = oid(parts[0], what)
            pairs.append((ATTRIBUTES.get(kind, kind), text(parts[1])))
    shown = ", ".join(f"{kind}={said}" for kind, said in pairs)[:LONGEST_NAME]
    compared = "\n".join(f"{kind}={' '.join(said.casefold().split())}" for kind, said in pairs)
    return Name(shown, value.raw, compared, next((said for kind, said in pairs if kind == "CN"), ""))


def _key(value: Value) -> Key:
    parts = value.expect(SEQUENCE, "public key").items()
    if len(parts) != 2:  # noqa: PLR2004  an algorithm and a key
        raise Unreadable("public key: not two parts")
    algorithm = parts[0].expect(SEQUENCE, "public key").items()
    kind = _algorithm(parts[0], KEYS, "public key")
    content = bits(parts[1], "public key")
    if kind == "EC" and len(algorithm) > 1 and algorithm[1].tag == OID:
        curve = oid(algorithm[1], "curve")
        name, size = CURVES.get(curve, (curve, 0))
        return Key(f"EC {name}", size)
    if kind == "RSA":
        numbers = whole(content, SEQUENCE, "RSA key").items()
        return Key(kind, integer(numbers[0], "modulus").bit_length() if numbers else 0)
    return Key(kind, 0)


def _extensions(rest: list[Value]) -> list[Extension]:
    found = [value for value in rest if value.tag == EXTENSIONS]
    if not found:
        return []
    return [_extension(one) for one in whole(found[0].content, SEQUENCE, "extensions").items()]


def _extension(value: Value) -> Extension:
    parts = value.expect(SEQUENCE, "extension").items()
    if not 2 <= len(parts) <= 3:  # noqa: PLR2004  a name, perhaps critical, a value
        raise Unreadable("extension: not two or three parts")
    critical = len(parts) == 3 and boolean(parts[1], "critical")  # noqa: PLR2004
    return Extension(oid(parts[0], "extension"), critical, parts[-1].expect(0x04, "extension").content)
