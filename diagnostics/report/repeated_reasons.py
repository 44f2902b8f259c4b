"""Reasons of results, each printed once: a later one of the same kind is `as above`."""

import re

AS_ABOVE = "as above"
_NUMBER = re.compile(r"\d[\d.,]*")


class RepeatedReasons:
    """Reasons that were printed so far; two that differ in numbers only are of the same kind."""

    def __init__(self) -> None:
        self._printed: set[str] = set()

    def text(self, before: str, reason: str) -> str:
        """Return `before` + `reason`, the latter replaced if one of its kind was printed before."""
        kind = _NUMBER.sub("#", reason)
        if reason and kind in self._printed:
            return f"{before}{AS_ABOVE}"
        self._printed.add(kind)
        return f"{before}{reason}"
