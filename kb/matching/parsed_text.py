"""A text prepared for matching: folded, with its signs, its words and the order of its errors."""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Final

from kb.matching.templates import Folded, fold
from kb.text.log_prefixes import bare
from kb.text.signs import Sign, find_signs

_TOKEN: Final = re.compile(r"[a-z0-9_]+")
_NEAR: Final = 3
"""Lines before and behind a line that belong to its context."""
_SHORT: Final = 20
"""A text of so few lines is one context."""
_ATTEMPT: Final = "connection to server "
_CAUSED_BY: Final = "Caused by:"


class ParsedText:
    """One text and what was read from it."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def lines(self) -> list[str]:
        """The lines as they are."""
        return self.text.split("\n")

    @cached_property
    def bare(self) -> str:
        """The lines without what loggers put before them."""
        return "\n".join(bare(line) for line in self.lines)

    @cached_property
    def is_printed(self) -> bool:
        """Whether a program speaks, not a person: it names exceptions, or puts prefixes before its lines."""
        return any(sign.kind == "exception" for sign in self.signs) or len(self.bare) < len(self.text)

    @cached_property
    def folded(self) -> Folded:
        """The text as templates see it."""
        return fold(self.text)

    @cached_property
    def lower(self) -> str:
        """The text as it is, in lower case: what loggers put before lines may name the system that speaks."""
        return self.text.lower()

    @cached_property
    def signs(self) -> tuple[Sign, ...]:
        """The typed signs."""
        return find_signs(self.lines)

    @cached_property
    def tokens(self) -> frozenset[str]:
        """Every word in lower case."""
        return frozenset(_TOKEN.findall(self.folded.lower))

    @cached_property
    def order(self) -> list[float]:
        """For each line, its place in time: see `order_of`."""
        return order_of(self.bare.split("\n"))

    @cached_property
    def filled(self) -> int:
        """How many lines are not empty."""
        return sum(bool(line.strip()) for line in self.lines)

    def near(self, line: int) -> str:
        """Return the lines around a line, or the whole of a short text, in lower case."""
        if self.filled <= _SHORT:
            return self.lower
        return "\n".join(self.lines[max(0, line - 1 - _NEAR) : line + _NEAR]).lower()


def mentions(text: str, known: Iterable[str]) -> bool:
    """Whether a text in lower case has one of the words or phrases; words only as a whole."""
    tokens = set(_TOKEN.findall(text))
    return any(word in tokens or (not _TOKEN.fullmatch(word) and word in text) for word in known)


def order_of(lines: Sequence[str]) -> list[float]:
    """Give each line its place in time: two kinds of lines are printed in another order than they happened.

    Java prints the root last, behind `Caused by:`. libpq prints a line for each address that it tried: what a
    server answered counts before addresses that gave no answer.
    """
    order = [float(number) for number in range(len(lines))]
    head, depth, attempt = 0.0, 0, -_NEAR
    for number, line in enumerate(lines):
        if _CAUSED_BY in line:
            depth += 1
            order[number] = head - depth / 1000
        elif not line.lstrip().startswith(("at ", "... ")):
            head, depth = float(number), 0
        if _ATTEMPT in line:
            if number - attempt < _NEAR and "FATAL:" in line and "FATAL:" not in lines[attempt]:
                order[number] = order[attempt] - 0.5
            attempt = number
    return order
