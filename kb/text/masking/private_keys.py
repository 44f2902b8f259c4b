"""Private keys as PEM blocks (RFC 7468), complete or truncated, also behind the prefixes of a log."""

import re
from typing import Final

from kb.text.masking.marks import Marks
from kb.text.masking.shapes import shape_of

_BOUNDARY: Final = (
    r"-{4,5}[ +]?(?:%20)?(?P<kind>BEGIN|END)(?: |\+|%20)(?:[A-Z0-9]{1,12}(?: |\+|%20)){0,5}"
    r"PRIVATE(?: |\+|%20)KEY(?:(?: |\+|%20)BLOCK)?(?: ?-{4,5})"
)
_MAX_BODY: Final = 20_000
"""Characters of a block; the boundaries of one that is longer do not belong together."""
_TAIL: Final = r"(?:[\\\"',;:)\]}.`]|\x1b\[[0-9;]*m)*"
_LINE: Final = rf"[\w+/=\\\"',]*{_TAIL}|(?:Proc-Type|DEK-Info|Comment|Version):.*"
_BASE64: Final = r"[A-Za-z0-9+/=\\]{16,}"
_LAST_WORD: Final = rf"(?:.{{0,200}}?[^\w+/=])?([\w+/]{{16,}}={{0,2}}){_TAIL}"
_FIRST_LINES: Final = 200
"""Lines before an END without BEGIN that are examined."""


def hide_private_keys(marks: Marks, text: str) -> str:
    """Mask private keys; of a truncated block, the lines that may belong to it."""
    out, done = "", 0
    boundaries = list(re.finditer(_BOUNDARY, text))
    for i, boundary in enumerate(boundaries):
        if boundary.start() < done:
            continue
        following = boundaries[i + 1] if i + 1 < len(boundaries) else None
        before = text[done : boundary.start()]
        if boundary["kind"] == "END":
            out += _hide_tail(marks, before)
            done = boundary.end()
        elif following and following["kind"] == "END" and following.start() - boundary.end() <= _MAX_BODY:
            out += before + marks.hide("key", "private key")
            done = following.end()
        else:
            limit = following.start() if following else len(text)
            prefix = before.rpartition("\n")[2]
            out += before + marks.hide("key", "private key")
            kept, done = _hide_head(text, boundary.end(), limit, prefix)
            out += kept
    return out + text[done:]


def _hide_head(text: str, start: int, limit: int, prefix: str) -> tuple[str, int]:
    """Return what stays of the lines after a BEGIN without END, and the position behind the last of them."""
    first, newline, _ = text[start:limit].partition("\n")
    kept = "" if re.fullmatch(_LINE, first.strip()) else re.sub(_BASE64, "", first)
    at = start + len(first)
    shape = shape_of(prefix)
    while newline and at < limit:
        line, newline, _ = text[at + 1 : min(limit, at + 1 + _MAX_BODY)].partition("\n")
        if not _is_body(line, shape):
            break
        at += 1 + len(line)
    return kept, at


def _hide_tail(marks: Marks, before: str) -> str:
    """Return the text before an END without BEGIN, with a mask for the lines that may belong to the block."""
    lines = before.split("\n")
    prefix = lines[-1]
    shape = shape_of(prefix)
    first = len(lines) - 1
    while first > 0 and len(lines) - first <= _FIRST_LINES and _is_body(lines[first - 1], shape):
        first -= 1
    if first == len(lines) - 1 and not re.search(_BASE64, prefix):
        return before + marks.hide("key", "private key")
    return "\n".join([*lines[:first], marks.hide("key", "private key")])


def _is_body(line: str, shape: str) -> bool:
    """Return True for a line of base64, alone or behind a prefix of the form of that before the boundary."""
    if shape.strip() and shape_of(line[: len(shape)]) == shape:
        line = line[len(shape) :]
    elif shape.strip():
        return bool(re.fullmatch(_LAST_WORD, line.strip()))
    return bool(re.fullmatch(_LINE, line.strip()) or re.fullmatch(_LAST_WORD, line.strip()))
