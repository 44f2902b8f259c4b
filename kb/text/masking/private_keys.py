"""PEM blocks of private keys (RFC 7468), complete or truncated."""

import re
from typing import Final

from kb.text.masking.marks import Marks

_BLOCK: Final = (
    r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----((?:[^-]|-(?!----))*)(-----END [A-Z ]{0,30}PRIVATE KEY-----)?"
)
_TAIL: Final = r"(?m)(?:^[A-Za-z0-9+/=]{16,}\n){1,200}-----END [A-Z ]{0,30}PRIVATE KEY-----"
_LINE: Final = r"[\w+/=\\\"',]*|(?:Proc-Type|DEK-Info):.*"


def hide_private_keys(marks: Marks, text: str) -> str:
    """Mask private keys; of a truncated block, the lines that may belong to it."""
    text = re.sub(_BLOCK, lambda block: _hide_block(marks, block), text)
    return re.sub(_TAIL, lambda _: marks.hide("key", "private key"), text)


def _hide_block(marks: Marks, block: re.Match[str]) -> str:
    mark = marks.hide("key", "private key")
    if block[2]:
        return mark
    lines = block[1].split("\n")
    first = next((i for i, line in enumerate(lines) if not re.fullmatch(_LINE, line.strip())), len(lines))
    return "\n".join([mark, *lines[first:]])
