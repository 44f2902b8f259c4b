"""Sanitizing of untrusted text: terminal escapes, control characters, secrets, size and encoding."""

import codecs
import re
from typing import Final, NamedTuple

from kb.text.logs.json_logs import expand
from kb.text.masking import mask_and_count, mask_structures

MAX_CHARS: Final = 1_000_000
"""Limit of a pasted text, in characters; of a longer one the beginning and the end are kept."""
MAX_LINE: Final = 500
"""Limit of a line that `one_line` returns, in characters."""

_ESCAPES: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
_BREAKS: Final = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_INVISIBLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u2060-\u2064\ufeff\U000e0000-\U000e007f]"
)
_CONTROLS: Final = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_SPACES: Final = re.compile(r"[\n\t]")
_NOTICE_CHARS: Final = 80
_SAMPLE_BYTES: Final = 8192
_MAX_CONTROL_SHARE: Final = 0.1


class Cleaned(NamedTuple):
    """A text that is safe to print, to match and to store."""

    text: str
    masked: int = 0
    """Number of secrets replaced by tokens."""
    left_out: int = 0
    """Number of characters cut from the middle of an oversized text."""

    @property
    def lines(self) -> list[str]:
        """The lines without their line breaks."""
        return self.text.split("\n")


def mask_secrets(text: str) -> str:
    """Replace secrets by tokens such as `<password>` or `<card number>`."""
    return mask_and_count(text)[0]


def mask_message(text: str) -> str:
    """Replace secrets in a message of this program and keep its own words, as in `db-password: no entry`.

    Text from outside in the message must have been masked by `mask_secrets` before.
    """
    return mask_and_count(text, in_message=True)[0]


def strip_controls(text: str) -> str:
    """Remove terminal escapes and invisible characters and replace control characters by U+FFFD.

    Tabs stay; every kind of line break becomes a line feed.
    """
    if text.isascii() and text.isprintable():
        return text
    text = _ESCAPES.sub("", _BREAKS.sub("\n", text))
    return _CONTROLS.sub("\ufffd", _INVISIBLE.sub("", text))


def one_line(text: str) -> str:
    """Sanitize a text to one printable line of at most `MAX_LINE` characters."""
    line = _SPACES.sub(" ", strip_controls(text))
    return line if len(line) <= MAX_LINE else line[: MAX_LINE - 1] + "…"


def clean(text: str) -> Cleaned:
    """Sanitize a pasted text, expand its JSON log lines and mask its secrets."""
    text, cut = _truncated(text)
    text, keys = mask_structures(strip_controls(text))
    text = "\n".join(expand(text.split("\n"), strip_controls))
    text, secrets = mask_and_count(text)
    text, cut_again = _truncated(text)
    return Cleaned(text, keys + secrets, cut + cut_again)


def decode(data: bytes) -> str:
    """Decode bytes as UTF-16 if they begin with its byte order mark, else as UTF-8.

    Bytes that cannot be decoded become U+FFFD.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    return data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")


def looks_binary(data: bytes) -> bool:
    """Return True if bytes have a NUL byte without a UTF-16 mark, or over 10 % control characters."""
    sample = data[:_SAMPLE_BYTES]
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return False
    controls = sum(byte < ord(" ") and byte not in b"\t\n\r\x0b\x0c\x1b" for byte in sample)
    return 0 in sample or controls > len(sample) * _MAX_CONTROL_SHARE


def _truncated(text: str) -> tuple[str, int]:
    """Cut a text to `MAX_CHARS`, at line breaks if possible; return it with the number of characters cut."""
    if len(text) <= MAX_CHARS:
        return text, 0
    half = (MAX_CHARS - _NOTICE_CHARS) // 2
    head, tail = text[:half], text[-half:]
    head = head.rpartition("\n")[0] or head
    tail = tail.partition("\n")[2] or tail
    left_out = len(text) - len(head) - len(tail)
    return f"{head}\n[{left_out} characters left out]\n{tail}", left_out
