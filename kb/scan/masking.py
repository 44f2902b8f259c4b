"""Masking of the parts of log lines that vary: keys of equal records, and templates of errors."""

import re
from typing import Final

MAX_TEMPLATE: Final = 240
"""Characters of a template."""
_DIGITS: Final = bytes.maketrans(b"123456789", b"0" * 9)
_HEX: Final = re.compile(rb"(?i)(?=[a-f-]*0)[0a-f][0a-f-]{7,}")
_VARIABLE: Final = re.compile(
    r"(?P<url>[a-z][a-z0-9+.-]{1,20}://[^\s\"'<>]+)"
    r"|(?P<email>[\w.+-]{1,60}@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<path>(?<![\w.])/(?:[\w.@~-]+/)+[\w.@~-]*)"
    r"|(?P<quoted>\"[^\"\n]{1,80}\"|(?<![\w])'[^'\n]{1,80}'(?![\w]))"
    r"|(?P<hex>(?<![\w])(?=[a-fA-F-]*\d)[\da-fA-F][\da-fA-F-]{7,}(?![\w]))"
    r"|(?P<number>(?<![A-Za-z])[-+]?\d[\d.,:]*\d|\d+)"
)
_MASK: Final = "<*>"
_MASKS: Final = re.compile(r"<\*>(?:[\s,;:=/x.-]*<\*>)+")


def dedup_key(record: bytes) -> bytes:
    """Return the bytes of a record with a zero for each digit and for each hexadecimal id.

    Records with equal keys have the same literals but for numbers, so one of them is matched for all.
    """
    return _HEX.sub(b"0", record.translate(_DIGITS))


def template_of(line: str) -> str:
    """Return a line with `<*>` for numbers, ids, quoted texts, addresses and paths."""
    text = _VARIABLE.sub(_MASK, " ".join(line.split()))
    return _MASKS.sub(_MASK, text)[:MAX_TEMPLATE]
