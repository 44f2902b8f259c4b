"""Certificate extensions that the probes need; others are recorded by identifier only.

Source: RFC 5280, 4.2.
"""

import ipaddress
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from diagnostics.clients.certificates.der import (
    BIT_STRING,
    BOOLEAN,
    OCTET_STRING,
    SEQUENCE,
    Unreadable,
    Value,
    parse_bit_string,
    parse_boolean,
    parse_oid,
    parse_small_integer,
    read_whole,
)
from diagnostics.clients.certificates.name_constraints import (
    DNS_NAME,
    IP_ADDRESS,
    URI,
    GeneralName,
    NameConstraints,
    parse_general_name,
    parse_name_constraints,
)
from diagnostics.clients.certificates.oids import (
    EXTENSIONS,
    KEY_USAGES,
    NOT_PARSED_BY_OPENSSL,
    PURPOSES,
    SUPPORTED_CRITICAL,
)

DISTRIBUTION_POINT = 0xA0
"""Tag of a CRL distribution point name, and of the full name within it."""
MAX_POINT_DEPTH = 3
"""Levels of a distribution point: the point, its name, the full name."""
KEY_ID, AUTHORITY_SERIAL = 0x80, 0x82
MAX_DNS_NAME = 255
"""Characters of a DNS name; a longer one is cut."""
OCSP, CA_ISSUERS = "1.3.6.1.5.5.7.48.1", "1.3.6.1.5.5.7.48.2"
SAN, BASIC_CONSTRAINTS, KEY_USAGE, EXTENDED_KEY_USAGE = "2.5.29.17", "2.5.29.19", "2.5.29.15", "2.5.29.37"
SUBJECT_KEY, AUTHORITY_KEY = "2.5.29.14", "2.5.29.35"
CRL_POINTS, AUTHORITY_INFORMATION, NAME_CONSTRAINTS = "2.5.29.31", "1.3.6.1.5.5.7.1.1", "2.5.29.30"
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension, not yet decoded."""

    oid: str
    critical: bool
    content: bytes


@dataclass(frozen=True, slots=True)
class Extensions:
    """Decoded extensions; None if the certificate lacks the extension or the field."""

    names: tuple[str, ...] = ()
    """Subject alternative names: DNS names and IP addresses."""
    addresses: tuple[str, ...] = ()
    """The IP addresses among the names."""
    is_ca: bool | None = None
    path_length: int | None = None
    key_usage: frozenset[str] | None = None
    purposes: tuple[str, ...] | None = None
    """Extended key usage."""
    subject_key_id: str = ""
    authority_key_id: str = ""
    authority_serial: int | None = None
    """The serial number of the issuer's certificate, which few certificates have."""
    crl_uris: tuple[str, ...] = ()
    ocsp_uris: tuple[str, ...] = ()
    issuer_uris: tuple[str, ...] = ()
    """Addresses from which the issuer's certificate can be fetched."""
    critical_constraints: bool = False
    """True if basic constraints are critical, as they must be in an authority's certificate."""
    critical_names: bool = False
    """True if the alternative names are critical, as they must be without a subject."""
    critical_key_ids: bool = False
    """True if a key identifier is critical, which RFC 5280 forbids."""
    unknown_critical: tuple[str, ...] = ()
    """Critical extensions that OpenSSL does not support, so that it refuses the certificate."""
    general_names: tuple[GeneralName, ...] = ()
    """Subject alternative names of every kind, as name constraints compare them."""
    name_constraints: NameConstraints | None = None
    unusable: str = ""
    """The first error for which OpenSSL marks the whole certificate invalid; empty if there is none."""
    errors: tuple[str, ...] = ()
    """Extensions that cannot be read or that are repeated; their fields have the default."""


def parse_extensions(extensions: Sequence[Extension]) -> Extensions:
    """Decode the extensions; an unreadable one becomes an error and does not affect the others."""
    content = {extension.oid: extension.content for extension in extensions}
    critical = {extension.oid for extension in extensions if extension.critical}
    repeated = {oid: f"{EXTENSIONS[oid]}: present more than once" for oid in _repeated(extensions)}
    fatal = [error for oid, error in repeated.items() if oid not in NOT_PARSED_BY_OPENSSL]
    ignored = [error for oid, error in repeated.items() if oid in NOT_PARSED_BY_OPENSSL]
    decode = partial(_decode, content, fatal)
    decode_leniently = partial(_decode, content, ignored)
    absent: tuple[bool | None, int | None] = (None, None)
    is_ca, path_length = decode(_basic_constraints, absent)
    return Extensions(
        names=decode(_names, ()),
        addresses=decode(partial(_names, tags=(IP_ADDRESS,)), ()),
        is_ca=is_ca,
        path_length=path_length,
        key_usage=decode(_key_usage, None),
        purposes=decode(_purposes, None),
        subject_key_id=decode(_subject_key_id, ""),
        authority_key_id=decode(_authority_key_id, ""),
        authority_serial=decode(_authority_serial, None),
        crl_uris=decode(_crl_uris, ()),
        ocsp_uris=decode_leniently(partial(_authority_information, method=OCSP), ()),
        issuer_uris=decode_leniently(partial(_authority_information, method=CA_ISSUERS), ()),
        critical_constraints=BASIC_CONSTRAINTS in critical,
        critical_names=SAN in critical,
        critical_key_ids=bool(critical & {SUBJECT_KEY, AUTHORITY_KEY}),
        unknown_critical=tuple(sorted(critical - SUPPORTED_CRITICAL)),
        general_names=decode(_general_names, ()),
        name_constraints=decode(_name_constraints, None),
        unusable=next(iter(fatal), ""),
        errors=tuple(dict.fromkeys((*fatal, *ignored))),
    )


def _repeated(extensions: Sequence[Extension]) -> Iterator[str]:
    """Yield the identifiers of repeated extensions; OpenSSL accepts repeated ones that it does not know."""
    counted = Counter(extension.oid for extension in extensions)
    return (oid for oid, count in counted.items() if count > 1 and oid in EXTENSIONS)


def _decode(
    content: Mapping[str, bytes], errors: list[str], parse: Callable[[Mapping[str, bytes]], T], default: T
) -> T:
    try:
        return parse(content)
    except Unreadable as error:
        errors.append(str(error))
        return default


def _items(content: Mapping[str, bytes], oid: str) -> list[Value]:
    return read_whole(content[oid], SEQUENCE, EXTENSIONS[oid]).items() if oid in content else []


def _names(content: Mapping[str, bytes], tags: Container[int] = (DNS_NAME, IP_ADDRESS)) -> tuple[str, ...]:
    return tuple(_name(value) for value in _items(content, SAN) if value.tag in tags)


def _name(value: Value) -> str:
    if value.tag == DNS_NAME:
        return value.content[:MAX_DNS_NAME].decode("utf-8", "replace")
    try:
        return str(ipaddress.ip_address(value.content))
    except ValueError:  # OpenSSL ignores the entry, so the others still count
        return f"{value.content[:MAX_DNS_NAME].hex(':')} (not an IP address)"


def _basic_constraints(content: Mapping[str, bytes]) -> tuple[bool | None, int | None]:
    if BASIC_CONSTRAINTS not in content:
        return None, None
    is_ca, path_length = False, None
    for value in _items(content, BASIC_CONSTRAINTS):
        if value.tag == BOOLEAN:
            is_ca = parse_boolean(value, "basic constraints")
        else:
            path_length = parse_small_integer(value, "basic constraints")
    return is_ca, path_length


def _general_names(content: Mapping[str, bytes]) -> tuple[GeneralName, ...]:
    return tuple(parse_general_name(value) for value in _items(content, SAN))


def _name_constraints(content: Mapping[str, bytes]) -> NameConstraints | None:
    return parse_name_constraints(_items(content, NAME_CONSTRAINTS)) if NAME_CONSTRAINTS in content else None


def _key_usage(content: Mapping[str, bytes]) -> frozenset[str] | None:
    if KEY_USAGE not in content:
        return None
    flags = parse_bit_string(read_whole(content[KEY_USAGE], BIT_STRING, "key usage"), "key usage")[:1]
    return frozenset(name for bit, name in enumerate(KEY_USAGES) if flags and flags[0] & (0x80 >> bit))


def _purposes(content: Mapping[str, bytes]) -> tuple[str, ...] | None:
    if EXTENDED_KEY_USAGE not in content:
        return None
    oids = [parse_oid(value, "extended key usage") for value in _items(content, EXTENDED_KEY_USAGE)]
    return tuple(PURPOSES.get(oid, oid) for oid in oids)


def _subject_key_id(content: Mapping[str, bytes]) -> str:
    if SUBJECT_KEY not in content:
        return ""
    return read_whole(content[SUBJECT_KEY], OCTET_STRING, "subject key identifier").content.hex()


def _authority_key_id(content: Mapping[str, bytes]) -> str:
    return next((value.content.hex() for value in _items(content, AUTHORITY_KEY) if value.tag == KEY_ID), "")


def _authority_serial(content: Mapping[str, bytes]) -> int | None:
    serials = (value.content for value in _items(content, AUTHORITY_KEY) if value.tag == AUTHORITY_SERIAL)
    return next((int.from_bytes(serial, signed=True) for serial in serials), None)


def _authority_information(content: Mapping[str, bytes], method: str) -> tuple[str, ...]:
    """Return the URIs with an access method."""
    field, uris = EXTENSIONS[AUTHORITY_INFORMATION], []
    for value in _items(content, AUTHORITY_INFORMATION):
        parts = value.expect(SEQUENCE, field).items()
        if len(parts) == 2 and parse_oid(parts[0], field) == method and parts[1].tag == URI:  # noqa: PLR2004
            uris.append(parts[1].content.decode("ascii", "replace"))
    return tuple(uris)


def _crl_uris(content: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the URIs of the CRL distribution points, whose names are nested three levels deep."""
    points = _items(content, CRL_POINTS)
    return tuple(uri for point in points for field in point.items() for uri in _nested_uris(field))


def _nested_uris(value: Value, depth: int = 0) -> Iterator[str]:
    if value.tag == URI:
        yield value.content.decode("ascii", "replace")
    elif value.tag == DISTRIBUTION_POINT and depth < MAX_POINT_DEPTH:
        for nested in value.items():
            yield from _nested_uris(nested, depth + 1)
