"""What the extensions of a certificate say; those that no question of ours needs are only counted.

Source: RFC 5280, 4.2.
"""

import ipaddress
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from diagnostics.clients.certificates.der import (
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
from diagnostics.clients.certificates.oids import CRITICAL, EXTENSIONS, PASSED_BY, PURPOSES, USAGES

DNS, URI, ADDRESS = 0x82, 0x86, 0x87
POINT = 0xA0
"""The name of a place where a CRL is, and the full name within it."""
KEY_ID, ISSUERS_SERIAL = 0x80, 0x82
LONGEST_NAME = 255
"""Characters of a DNS name; a longer one is none, and is cut."""
OCSP, CA_ISSUERS = "1.3.6.1.5.5.7.48.1", "1.3.6.1.5.5.7.48.2"
SAN, CONSTRAINTS, USAGE, PURPOSE = "2.5.29.17", "2.5.29.19", "2.5.29.15", "2.5.29.37"
SUBJECT_KEY, AUTHORITY_KEY = "2.5.29.14", "2.5.29.35"
CRLS, INFORMATION, NAME_CONSTRAINTS = "2.5.29.31", "1.3.6.1.5.5.7.1.1", "2.5.29.30"
T = TypeVar("T")


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
    addresses: tuple[str, ...] = ()
    """The addresses among them."""
    authority: bool | None = None
    path_length: int | None = None
    usage: frozenset[str] | None = None
    purposes: tuple[str, ...] | None = None
    subject_key: str = ""
    authority_key: str = ""
    authority_serial: int | None = None
    """The serial number of its issuer's certificate, which few say."""
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
    restricts_names: bool = False
    """Whether it says for which names the authority may sign."""
    unusable: str = ""
    """The first flaw for which OpenSSL puts the certificate aside; empty where it passes by all of them."""
    flaws: tuple[str, ...] = ()
    """Those that cannot be read or stand there twice; what they say counts as not said."""


def extensions_of(found: Sequence[Extension]) -> Extensions:
    """Read all of them; one that cannot be read is a flaw, and the others count."""
    content = {one.kind: one.content for one in found}
    critical = {one.kind for one in found if one.critical}
    twice = {kind: f"{EXTENSIONS[kind]}: there more than once" for kind in _repeated(found)}
    flaws = [said for kind, said in twice.items() if kind not in PASSED_BY]
    passed_by = [said for kind, said in twice.items() if kind in PASSED_BY]
    attempt = partial(_attempt, content, flaws)
    inform = partial(_attempt, content, passed_by)
    unsaid: tuple[bool | None, int | None] = (None, None)
    authority, path_length = attempt(_constraints, unsaid)
    return Extensions(
        names=attempt(_names, ()),
        addresses=attempt(partial(_names, tags=(ADDRESS,)), ()),
        authority=authority,
        path_length=path_length,
        usage=attempt(_usage, None),
        purposes=attempt(_purposes, None),
        subject_key=attempt(_subject_key, ""),
        authority_key=attempt(_authority_key, ""),
        authority_serial=attempt(_authority_serial, None),
        crls=attempt(_crls, ()),
        ocsp=inform(partial(_information, method=OCSP), ()),
        issuers=inform(partial(_information, method=CA_ISSUERS), ()),
        firm_constraints=CONSTRAINTS in critical,
        firm_names=SAN in critical,
        firm_keys=bool(critical & {SUBJECT_KEY, AUTHORITY_KEY}),
        unknown_critical=tuple(sorted(critical - CRITICAL)),
        restricts_names=attempt(_restricts, otherwise=False),
        unusable=next(iter(flaws), ""),
        flaws=tuple(dict.fromkeys((*flaws, *passed_by))),
    )


def _repeated(found: Sequence[Extension]) -> Iterator[str]:
    """Kinds that stand there twice and that OpenSSL knows; it minds no others."""
    counted = Counter(one.kind for one in found)
    return (kind for kind, count in counted.items() if count > 1 and kind in EXTENSIONS)


def _attempt(
    content: Mapping[str, bytes], flaws: list[str], read: Callable[[Mapping[str, bytes]], T], otherwise: T
) -> T:
    try:
        return read(content)
    except Unreadable as error:
        flaws.append(str(error))
        return otherwise


def _items(content: Mapping[str, bytes], kind: str) -> list[Value]:
    return whole(content[kind], SEQUENCE, EXTENSIONS[kind]).items() if kind in content else []


def _names(content: Mapping[str, bytes], tags: Container[int] = (DNS, ADDRESS)) -> tuple[str, ...]:
    return tuple(_name(one) for one in _items(content, SAN) if one.tag in tags)


def _name(value: Value) -> str:
    if value.tag == DNS:
        return value.content[:LONGEST_NAME].decode("utf-8", "replace")
    try:
        return str(ipaddress.ip_address(value.content))
    except ValueError:  # OpenSSL passes it by, so that it is no reason to read no others
        return f"{value.content[:LONGEST_NAME].hex(':')} (no IP address)"


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


def _restricts(content: Mapping[str, bytes]) -> bool:
    return bool(_items(content, NAME_CONSTRAINTS))


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


def _authority_serial(content: Mapping[str, bytes]) -> int | None:
    found = (value.content for value in _items(content, AUTHORITY_KEY) if value.tag == ISSUERS_SERIAL)
    return next((int.from_bytes(digits, signed=True) for digits in found), None)


def _information(content: Mapping[str, bytes], method: str) -> tuple[str, ...]:
    found = []
    for value in _items(content, INFORMATION):
        parts = value.expect(SEQUENCE, "authority information").items()
        if len(parts) == 2 and oid(parts[0], "authority information") == method and parts[1].tag == URI:  # noqa: PLR2004
            found.append(parts[1].content.decode("ascii", "replace"))
    return tuple(found)


def _crls(content: Mapping[str, bytes]) -> tuple[str, ...]:
    """Every address in a list of CRL addresses, whose names are nested three deep."""
    points = _items(content, CRLS)
    return tuple(uri for point in points for field in point.items() for uri in _nested_uris(field))


def _nested_uris(value: Value) -> Iterator[str]:
    if value.tag == URI:
        yield value.content.decode("ascii", "replace")
    elif value.tag == POINT:
        for one in value.items():
            yield from _nested_uris(one)
