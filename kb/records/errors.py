"""Errors of records and other files that people write."""

from collections.abc import Iterable


class InvalidRecord(Exception):
    """Invalid records or files; `problems` has one line for each problem, with file and field."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))
