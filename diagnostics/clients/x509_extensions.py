"""What the extensions of a certificate say; those that no question of ours needs are only counted.

Source: RFC 5280, 4.2.
"""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from diagnostics.clients.der import (
    OCTET_STRING,
    SEQUENCE,
    Unreadable,
    Value,
    bits,
    boolean,
    integer,
    oid,
    whole,
)
from diagnostics.clients.oids import EXTENSIONS, PURPOSES, USAGES

DNS, URI, ADDRESS = 0x82, 0x86, 0x87
POINT = 0xA0
"""The name of a place where a CRL is, and the full name within it."""
KEY_ID = 0x80
LONGEST_NAME = 255
"""Characters of a DNS name; a longer one is none, and is cut."""
OCSP, CA_ISSUERS = "1.3.6.1.5.5.7.48.1", "1.3.6.1.5.5.7.48.2"
SAN, CONSTRAINTS, USAGE, PURPOSE = "2.5.29.17", "2.5.29.19", "2.5.29.15", "2.5.29.37"
SUBJECT_KEY, AUTHORITY_KEY = "2.5.29.14", "2.5.29.35"
CRLS, INFORMATION = "2.5.29.31", "1.3.6.1.5.5.7.1.1"


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension as it stands there."""

    kind: str
    critical: bool
    content: bytes


@dataclass(frozen=True, slots=True)
class Extensions:
    """What is said; None where the certificate does not say it."""

    names: tuple[str, ...] = ()
    """DNS names and IP addresses that it is for."""
    authority: bool | None = None
    path_length: int | None = None
    usage: frozenset[str] | None = None
    purposes: tuple[str, ...] | None = None
    subject_key: str = ""
    authority_key: str = ""
    crls: tuple[str, ...] = ()
    ocsp: tuple[str, ...] = ()
    issuers: tuple[str, ...] = ()
    """Where its issuer's certificate can be fetched."""
    firm_constraints: bool = False
    """Whether basic constraints are critical, as they must be in an authority."""
    firm_names: bool = False
    """Whether the alternative names are critical, as they must be without a subject."""
    firm_keys: bool = False
    """Whether a key identifier is critical, which none may be."""
    unknown_critical: tuple[str, ...] = ()
    """Critical ones that OpenSSL does not know, so that it refuses the certificate."""


def extensions_of(found: Sequence[Extension]) -> Extensions:
    """Read all of them. Raises Unreadable."""
    content = {one.kind: one.content for one in found}
    authority, path_length = _constraints(content)
    critical = {one.kind for one in found if one.critical}
    return Extensions(
        names=tuple(_names(content)),
        authority=authority,
        path_length=path_length,
        usage=_usage(content),
        purposes=_purposes(content),
        subject_key=_subject_key(content),
        authority_key=_authority_key(content),
        crls=tuple(_uris(content.get(CRLS, b""))),
        ocsp=tuple(_information(content, OCSP)),
        issuers=tuple(_information(content, CA_ISSUERS)),
        firm_constraints=CONSTRAINTS in critical,
        firm_names=SAN in critical,
        firm_keys=bool(critical & {SUBJECT_KEY, AUTHORITY_KEY}),
        unknown_critical=tuple(sorted(critical - set(EXTENSIONS))),
    )


def _items(content: Mapping[str, bytes], kind: str) -> list[Value]:
    return whole(content[kind], SEQUENCE, EXTENSIONS[kind]).items() if kind in content else []


def _names(content: Mapping[str, bytes]) -> Iterator[str]:
    for value in _items(content, SAN):
        if value.tag == DNS:
            yield value.content[:LONGEST_NAME].decode("ascii", "replace")
        elif value.tag == ADDRESS:
            try:
                yield str(ipaddress.ip_address(value.content))
            except ValueError:
                raise Unreadable("subject alternative name: no IP address") from None


def _constraints(content: Mapping[str, bytes]) -> tuple[bool | None, int | None]:
    if CONSTRAINTS not in content:
        return None, None
    authority, length = False, None
    for value in _items(content, CONSTRAINTS):
        if value.tag == 0x01:
            authority = boolean(value, "basic constraints")
        else:
            length = integer(value, "basic constraints")
    return authority, length


def _usage(content: Mapping[str, bytes]) -> frozenset[str] | None:
    if USAGE not in content:
        return None
    flags = bits(whole(content[USAGE], 0x03, "key usage"), "key usage")[:1]
    return frozenset(name for place, name in enumerate(USAGES) if flags and flags[0] & (0x80 >> place))


def _purposes(content: Mapping[str, bytes]) -> tuple[str, ...] | None:
    if PURPOSE not in content:
        return None
    found = [oid(value, "extended key usage") for value in _items(content, PURPOSE)]
    return tuple(PURPOSES.get(one, one) for one in found)


def _subject_key(content: Mapping[str, bytes]) -> str:
    if SUBJECT_KEY not in content:
        return ""
    return whole(content[SUBJECT_KEY], OCTET_STRING, "subject key identifier").content.hex()


def _authority_key(content: Mapping[str, bytes]) -> str:
    return next((value.content.hex() for value in _items(content, AUTHORITY_KEY) if value.tag == KEY_ID), "")


def _information(content: Mapping[str, bytes], method: str) -> Iterator[str]:
    for value in _items(content, INFORMATION):
        parts = value.expect(SEQUENCE, "authority information").items()
        if len(parts) == 2 and oid(parts[0], "authority information") == method and parts[1].tag == URI:  # noqa: PLR2004
            yield parts[1].content.decode("ascii", "replace")


def _uris(data: bytes) -> Iterator[str]:
    """Every address in a list of CRL addresses, whose names are nested three deep."""
    for point in whole(data, SEQUENCE, "CRL addresses").items() if data else ():
        for field in point.items():
            yield from _nested_uris(field)


def _nested_uris(value: Value) -> Iterator[str]:
    if value.tag == URI:
        yield value.content.decode("ascii", "replace")
    elif value.tag == POINT:
        for one in value.items():
            yield from _nested_uris(one)
