"""A reader of DER, as far as certificates need it: what is not as written is Unreadable.

It is strict but where OpenSSL takes more, so that it reads the certificates that OpenSSL takes.

Source: ITU-T X.690, chapters 8 and 10 (DER).
"""

from dataclasses import dataclass
from datetime import UTC, datetime

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, OID = 0x01, 0x02, 0x03, 0x04, 0x06
SEQUENCE, SET = 0x30, 0x31
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18
BMP_STRING, UNIVERSAL_STRING = 0x1E, 0x1C
MULTI_BYTE_TAG = 0x1F
LONG = 0x80
LONGEST_LENGTH = 4
"""Bytes of a length; four say 4 GiB, far more than any certificate has."""


class Unreadable(ValueError):
    """The bytes are not what they should be; the text says where reading ended."""


@dataclass(frozen=True, slots=True)
class Value:
    """One value: its tag and its content."""

    tag: int
    content: bytes
    raw: bytes
    """All of it, with tag and length."""

    def items(self) -> list["Value"]:
        """The values inside, to the last byte. Raises Unreadable."""
        found, rest = [], self.content
        while rest:
            one, rest = read(rest)
            found.append(one)
        return found

    def expect(self, tag: int, what: str) -> "Value":
        """Itself where it has this tag. Raises Unreadable."""
        if self.tag != tag:
            raise Unreadable(f"{what}: tag {self.tag:#x} where {tag:#x} belongs")
        return self


def read(data: bytes) -> tuple[Value, bytes]:
    """The first value of some bytes, and what follows it. Raises Unreadable."""
    if len(data) < 2:  # noqa: PLR2004  a tag and a length
        raise Unreadable("the end comes before a value")
    tag, length, head = data[0], data[1], 2
    if tag & MULTI_BYTE_TAG == MULTI_BYTE_TAG:
        raise Unreadable("a tag of several bytes")
    if length >= LONG:
        count = length - LONG
        head += count
        length = int.from_bytes(data[2:head])
        shortest = length >= LONG and data[2:3] != b"\0"
        if not 0 < count <= LONGEST_LENGTH or len(data) < head or not shortest:
            raise Unreadable("a length that is not written as DER does")
    end = head + length
    if len(data) < end:
        raise Unreadable("a value that is longer than what is left")
    return Value(tag, data[head:end], data[:end]), data[end:]


def whole(data: bytes, tag: int, what: str) -> Value:
    """The one value that the bytes are. Raises Unreadable."""
    value, rest = read(data)
    if rest:
        raise Unreadable(f"{what}: bytes follow its end")
    return value.expect(tag, what)


def integer(value: Value, what: str) -> int:
    """A number of any size. Raises Unreadable."""
    content = value.expect(INTEGER, what).content
    if not content:
        raise Unreadable(f"{what}: a number without digits")
    return int.from_bytes(content, signed=True)


def boolean(value: Value, what: str) -> bool:
    """True or False; DER writes the first as 0xFF, and OpenSSL takes anything but 0. Raises Unreadable."""
    content = value.expect(BOOLEAN, what).content
    if len(content) != 1:
        raise Unreadable(f"{what}: neither true nor false")
    return content != b"\0"


def bits(value: Value, what: str) -> bytes:
    """The bytes of a string of bits. Raises Unreadable."""
    content = value.expect(BIT_STRING, what).content
    if not content or content[0] > 7:  # noqa: PLR2004  bits of the last byte that do not count
        raise Unreadable(f"{what}: a wrong number of unused bits")
    return content[1:]


def oid(value: Value, what: str) -> str:
    """An object identifier with dots. Raises Unreadable."""
    content = value.expect(OID, what).content
    if not content or content[-1] >= LONG:
        raise Unreadable(f"{what}: an object identifier that does not end")
    arcs, number = [], 0
    for byte in content:
        number = number << 7 | byte & 0x7F
        if byte < LONG:
            arcs.append(number)
            number = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


def text(value: Value) -> str:
    """Any of the string types; what its encoding does not know is replaced."""
    encodings = {BMP_STRING: "utf-16-be", UNIVERSAL_STRING: "utf-32-be"}
    return value.content.decode(encodings.get(value.tag, "utf-8"), "replace")


def parse_time(value: Value, what: str) -> datetime:
    """A time in UTC, as RFC 5280, 4.1.2.5 has it written. Raises Unreadable."""
    shown = value.content.decode("ascii", "replace")
    if value.tag == UTC_TIME and len(shown) == 13:  # noqa: PLR2004  YYMMDDHHMMSSZ
        shown = ("19" if shown[:2] >= "50" else "20") + shown
    elif value.tag != GENERALIZED_TIME or len(shown) != 15:  # noqa: PLR2004  YYYYMMDDHHMMSSZ
        raise Unreadable(f"{what}: no time that certificates may have")
    if not (shown[:-1].isascii() and shown[:-1].isdigit() and shown.endswith("Z")):
        raise Unreadable(f"{what}: no time that certificates may have")
    parts = (shown[:4], *(shown[at : at + 2] for at in range(4, 14, 2)))
    year, month, day, hour, minute, second = map(int, parts)
    try:
        # The year 0, which a datetime has not, is long ago either way.
        return datetime(max(year, 1), month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise Unreadable(f"{what}: {error}") from None
