"""Errors of records and other files that people write."""

from collections.abc import Iterable
from typing import Final

MAX_PROBLEMS: Final = 200
"""Problems that are listed; a file with more is not the file that it was taken for."""
MAX_LENGTH: Final = 1000
"""Characters of one problem."""


class InvalidRecord(Exception):
    """Invalid records or files; `problems` has one line for each problem, with file and field."""

    def __init__(self, problems: Iterable[str]) -> None:
        listed = [_cut(problem) for problem in problems]
        more = len(listed) - MAX_PROBLEMS
        self.problems = (*listed[:MAX_PROBLEMS], *((f"and {more} more problems",) if more > 0 else ()))
        super().__init__("\n".join(self.problems))


def _cut(problem: str) -> str:
    return problem if len(problem) <= MAX_LENGTH else f"{problem[: MAX_LENGTH - 1]}…"
