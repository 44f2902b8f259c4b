"""The one place where outside text is made harmless: escapes, controls, secrets, size and encoding."""

import codecs
import re
from typing import Final, NamedTuple

from kb.text.json_logs import expand
from kb.text.masking import mask_and_count, mask_private_keys

MAX_CHARS: Final = 1_000_000
"""Characters that are kept of a pasted text: its first and its last half."""
MAX_LINE: Final = 500
"""Characters that `one_line` keeps."""

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
_MARKER_ROOM: Final = 80
_SAMPLE: Final = 8192
_BINARY_SHARE: Final = 0.1


class Cleaned(NamedTuple):
    """A text that is safe to show, to match and to keep."""

    text: str
    masked: int = 0
    """How many secrets were replaced by tokens."""
    left_out: int = 0
    """How many characters in the middle of a huge text were left out."""

    @property
    def lines(self) -> list[str]:
        """The lines, without their ends."""
        return self.text.split("\n")


def mask_secrets(text: str) -> str:
    """Replace what looks like a secret by a token such as `<password>` or `<card number>`."""
    return mask_and_count(text)[0]


def harmless(text: str) -> str:
    """The text with its lines and tabs, without escapes, controls and what nobody can see."""
    if text.isascii() and text.isprintable():
        return text
    text = _ESCAPES.sub("", _BREAKS.sub("\n", text))
    return _CONTROLS.sub("\ufffd", _INVISIBLE.sub("", text))


def one_line(text: str) -> str:
    """Return one line that no terminal obeys: at most `MAX_LINE` characters, no escapes, no controls."""
    line = _SPACES.sub(" ", harmless(text))
    return line if len(line) <= MAX_LINE else line[: MAX_LINE - 1] + "…"


def clean(text: str) -> Cleaned:
    """Make pasted text harmless and keep its lines; JSON log lines become the text that they carry."""
    text, left_out = _bounded(text)
    text, keys = mask_private_keys(harmless(text))
    text = "\n".join(expand(text.split("\n"), harmless))
    text, secrets = mask_and_count(text)
    text, more = _bounded(text)
    return Cleaned(text, keys + secrets, left_out + more)


def decode(data: bytes) -> str:
    """Text of bytes: UTF-8 or UTF-16 by its mark, else UTF-8; what is neither becomes U+FFFD."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    return data.removeprefix(codecs.BOM_UTF8).decode("utf-8", "replace")


def looks_binary(data: bytes) -> bool:
    """Whether bytes are no text: NUL bytes without a UTF-16 mark, or more than a tenth controls."""
    sample = data[:_SAMPLE]
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return False
    controls = sum(byte < ord(" ") and byte not in b"\t\n\r\x0b\x0c\x1b" for byte in sample)
    return 0 in sample or controls > len(sample) * _BINARY_SHARE


def _bounded(text: str) -> tuple[str, int]:
    """Keep the first and the last half of a huge text, cut at the ends of lines where there are some."""
    if len(text) <= MAX_CHARS:
        return text, 0
    half = (MAX_CHARS - _MARKER_ROOM) // 2
    head, tail = text[:half], text[-half:]
    head = head.rpartition("\n")[0] or head
    tail = tail.partition("\n")[2] or tail
    left_out = len(text) - len(head) - len(tail)
    return f"{head}\n[{left_out} characters left out]\n{tail}", left_out
