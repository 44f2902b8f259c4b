"""Issuer and validity of certificate revocation lists (CRL), as far as a refusal needs them.

Source: RFC 5280, 5.1.
"""

from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from diagnostics.clients.certificates.der import (
    GENERALIZED_TIME,
    INTEGER,
    SEQUENCE,
    UTC_TIME,
    Unreadable,
    parse_time,
    read_whole,
)
from diagnostics.clients.certificates.distinguished_name import Name, parse_name

BEGIN, END = "-----BEGIN X509 CRL-----", "-----END X509 CRL-----"
TIMES = frozenset({UTC_TIME, GENERALIZED_TIME})
MAX_BYTES = 8_000_000
"""Bytes of a file that are read."""


@dataclass(frozen=True, slots=True)
class RevocationList:
    """Head of a revocation list."""

    issuer: Name
    this_update: datetime
    next_update: datetime | None
    """The time until which the list is valid; None if it names none."""


def parse_list(data: bytes) -> RevocationList:
    """Parse the head of one list in DER. Raises Unreadable."""
    signed = read_whole(data, SEQUENCE, "revocation list").items()[:1]
    fields = signed[0].expect(SEQUENCE, "signed part").items() if signed else []
    fields = fields[1:] if fields and fields[0].tag == INTEGER else fields  # the version is optional
    if len(fields) < 3:  # noqa: PLR2004  the algorithm, the issuer, thisUpdate
        raise Unreadable("revocation list: fields are missing")
    _, issuer, begin, *rest = fields
    end = parse_time(rest[0], "next update") if rest and rest[0].tag in TIMES else None
    return RevocationList(parse_name(issuer, "issuer"), parse_time(begin, "this update"), end)


def lists_in(file: Path) -> Iterator[RevocationList]:
    """Yield the readable lists of a PEM file; none if the file cannot be read."""
    try:
        with file.open("rb") as opened:
            text = opened.read(MAX_BYTES).decode("ascii", "replace")
    except OSError:
        return
    for block in text.split(BEGIN)[1:]:
        try:
            yield parse_list(b64decode(block.partition(END)[0]))
        except (Unreadable, ValueError):
            continue
