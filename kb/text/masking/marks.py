"""Marks: private-use characters that stand for tokens such as `<password>` while the rules run.

A token is one character then, so no rule can match a part of it.
"""

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
"""Pattern of any mark."""


class Marks:
    """Tokens of one text and their marks."""

    def __init__(self, *, in_message: bool = False) -> None:
        self._marks: dict[str, str] = {}
        self.in_message = in_message
        """True if the text is a message of this program, in which `api-token: no entry ...` is a sentence."""
        self.count = 0
        """Number of secrets masked."""

    def read(self, text: str) -> str:
        """Replace the tokens that a text already has by marks."""
        text = re.sub(MARK, "\ufffd", text)
        return re.sub(_TOKEN, lambda token: self._mark(token[0]), text)

    def hide(self, value: str, name: str) -> str:
        """Return the mark for a secret; of a value that has marks already, return these alone."""
        marks = "".join(re.findall(MARK, value))
        if marks or not value:
            return marks
        self.count += 1
        return self._mark(f"<{name}>")

    def restore(self, text: str) -> str:
        """Replace the marks by their tokens."""
        return text.translate({ord(mark): token for token, mark in self._marks.items()})

    def _mark(self, token: str) -> str:
        if token not in self._marks and len(self._marks) == len(_PRIVATE_USE):
            return token
        return self._marks.setdefault(token, chr(_PRIVATE_USE[len(self._marks) % len(_PRIVATE_USE)]))


Rule = Callable[[Marks, str], str]
"""Returns the text with the secrets of one kind replaced by marks."""
