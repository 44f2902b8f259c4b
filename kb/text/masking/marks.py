"""Tokens such as `<password>` stand as single private characters while rules run: no rule can cut one."""

import re
from collections.abc import Callable
from typing import Final

NAMES: Final = (
    "password",
    "password hash",
    "token",
    "api key",
    "access key",
    "secret",
    "card number",
    "private key",
    "cookie",
    "value",
    "values",
)
_TOKEN: Final = rf"<(?:[a-z][a-z ]{{0,23}}:\d{{1,9}}|{'|'.join(NAMES)})>"
_PRIVATE_USE: Final = range(0xF0000, 0xFFFFE)
MARK: Final = "[\U000f0000-\U000ffffd]"
"""What matches any of the characters that stand for tokens."""


class Marks:
    """The tokens of one text and the characters that stand for them."""

    def __init__(self) -> None:
        self._marks: dict[str, str] = {}
        self.count = 0
        """How many secrets were hidden."""

    def read(self, text: str) -> str:
        """Put marks for the tokens that a text has already."""
        text = re.sub(MARK, "\ufffd", text)
        return re.sub(_TOKEN, lambda found: self._mark(found[0]), text)

    def hide(self, value: str, name: str) -> str:
        """Return the mark for a secret; a value that is or holds tokens already keeps only these."""
        kept = "".join(re.findall(MARK, value))
        if kept or not value:
            return kept
        self.count += 1
        return self._mark(f"<{name}>")

    def restore(self, text: str) -> str:
        """Put the tokens where the marks are."""
        return text.translate({ord(mark): token for token, mark in self._marks.items()})

    def _mark(self, token: str) -> str:
        if token not in self._marks and len(self._marks) == len(_PRIVATE_USE):
            return token
        return self._marks.setdefault(token, chr(_PRIVATE_USE[len(self._marks) % len(_PRIVATE_USE)]))


Rule = Callable[[Marks, str], str]
