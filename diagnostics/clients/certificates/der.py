"""DER decoder for the ASN.1 types that certificates use.

It is strict, except where OpenSSL accepts more than DER, so that every certificate OpenSSL accepts can be
read. Source: ITU-T X.690, chapters 8 and 10.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, OID = 0x01, 0x02, 0x03, 0x04, 0x06
SEQUENCE, SET = 0x30, 0x31
UTC_TIME, GENERALIZED_TIME = 0x17, 0x18
BMP_STRING, UNIVERSAL_STRING = 0x1E, 0x1C
MULTI_BYTE_TAG = 0x1F
LONG_FORM = 0x80
"""First length byte of the long form, less the number of bytes that follow (X.690, 8.1.3.5)."""
MAX_ITEMS = 20_000
"""Values of one sequence or set."""
MAX_OID_BYTES = 64
"""Bytes of an object identifier in dotted form; a UUID as a number takes 19."""
MAX_SMALL_INTEGER = 2**31
MAX_LENGTH_BYTES = 4
"""Bytes of a length in long form; four express 4 GiB."""


class Unreadable(ValueError):
    """The bytes are not the expected DER; the text names the field and the error."""


@dataclass(frozen=True, slots=True)
class Value:
    """One encoded value."""

    tag: int
    content: bytes
    raw: bytes
    """The whole encoding: tag, length and content."""

    def items(self) -> list["Value"]:
        """Return the values that the content consists of. Raises Unreadable."""
        values, data, at = [], self.content, 0
        while at < len(data):
            value, at = _read_at(data, at)
            values.append(value)
            if len(values) > MAX_ITEMS:
                raise Unreadable(f"more than {MAX_ITEMS} values side by side")
        return values

    def expect(self, tag: int, field: str) -> "Value":
        """Return the value itself. Raises Unreadable if it has another tag."""
        if self.tag != tag:
            raise Unreadable(f"{field}: tag {self.tag:#x}, expected {tag:#x}")
        return self


def read(data: bytes) -> tuple[Value, bytes]:
    """Return the first value and the bytes that follow it. Raises Unreadable."""
    value, end = _read_at(data, 0)
    return value, data[end:]


def _read_at(data: bytes, begin: int) -> tuple[Value, int]:
    """Return the value that begins at a position, and the position of its end. Raises Unreadable."""
    head = begin + 2
    if len(data) < head:
        raise Unreadable("the data ends before a value")
    tag, length = data[begin], data[begin + 1]
    if tag & MULTI_BYTE_TAG == MULTI_BYTE_TAG:
        raise Unreadable("a tag of several bytes")
    if length >= LONG_FORM:
        count = length - LONG_FORM
        if not 0 < count <= MAX_LENGTH_BYTES or len(data) < head + count:
            raise Unreadable("a length that is not in DER form")
        first, head = data[head], head + count
        length = int.from_bytes(data[begin + 2 : head])
        if length < LONG_FORM or not first:
            raise Unreadable("a length that is not in DER form")
    end = head + length
    if len(data) < end:
        raise Unreadable("a value that is longer than the data")
    return Value(tag, data[head:end], data[begin:end]), end


def read_whole(data: bytes, tag: int, field: str) -> Value:
    """Return the single value that the bytes encode. Raises Unreadable."""
    value, rest = read(data)
    if rest:
        raise Unreadable(f"{field}: trailing bytes")
    return value.expect(tag, field)


def parse_integer(value: Value, field: str) -> int:
    """Parse an INTEGER of any size. Raises Unreadable."""
    content = value.expect(INTEGER, field).content
    if not content:
        raise Unreadable(f"{field}: an empty integer")
    return int.from_bytes(content, signed=True)


def parse_small_integer(value: Value, field: str) -> int:
    """Parse an INTEGER that counts something; a huge one becomes the limit. Raises Unreadable."""
    number = parse_integer(value, field)
    return max(-MAX_SMALL_INTEGER, min(number, MAX_SMALL_INTEGER))


def parse_boolean(value: Value, field: str) -> bool:
    """Parse a BOOLEAN; any byte but 0 is true for OpenSSL, in DER only 0xFF. Raises Unreadable."""
    content = value.expect(BOOLEAN, field).content
    if len(content) != 1:
        raise Unreadable(f"{field}: a boolean that is not one byte")
    return content != b"\0"


def parse_bit_string(value: Value, field: str) -> bytes:
    """Return the bytes of a BIT STRING. Raises Unreadable."""
    content = value.expect(BIT_STRING, field).content
    if not content or content[0] > 7:  # noqa: PLR2004  unused bits of the last byte
        raise Unreadable(f"{field}: an invalid number of unused bits")
    return content[1:]


def parse_oid(value: Value, field: str) -> str:
    """Return an OBJECT IDENTIFIER in dotted form, a very long one as its hash. Raises Unreadable."""
    content = value.expect(OID, field).content
    if not content or content[-1] >= LONG_FORM:
        raise Unreadable(f"{field}: an incomplete object identifier")
    if len(content) > MAX_OID_BYTES:  # no table has it, and its decimal digits take quadratic time
        return f"identifier of {len(content)} bytes, SHA-256 {sha256(content).hexdigest()[:16]}"
    arcs, number = [], 0
    for byte in content:
        number = number << 7 | byte & 0x7F
        if byte < LONG_FORM:
            arcs.append(number)
            number = 0
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


def parse_string(value: Value) -> str:
    """Decode any of the string types; invalid bytes are replaced."""
    encodings = {BMP_STRING: "utf-16-be", UNIVERSAL_STRING: "utf-32-be"}
    return value.content.decode(encodings.get(value.tag, "utf-8"), "replace")


def parse_time(value: Value, field: str) -> datetime:
    """Parse a UTCTime or GeneralizedTime in the form of RFC 5280, 4.1.2.5. Raises Unreadable."""
    digits = value.content.decode("ascii", "replace")
    if value.tag == UTC_TIME and len(digits) == 13:  # noqa: PLR2004  YYMMDDHHMMSSZ
        digits = ("19" if digits[:2] >= "50" else "20") + digits
    elif value.tag != GENERALIZED_TIME or len(digits) != 15:  # noqa: PLR2004  YYYYMMDDHHMMSSZ
        raise Unreadable(f"{field}: not a time in the form of RFC 5280")
    if not (digits[:-1].isascii() and digits[:-1].isdigit() and digits.endswith("Z")):
        raise Unreadable(f"{field}: not a time in the form of RFC 5280")
    parts = (digits[:4], *(digits[at : at + 2] for at in range(4, 14, 2)))
    year, month, day, hour, minute, second = map(int, parts)
    try:
        # datetime has no year 0; the year 1 is as long ago.
        return datetime(max(year, 1), month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise Unreadable(f"{field}: {error}") from None
