"""What is said of records and files that cannot be used."""

from collections.abc import Iterable


class InvalidRecord(Exception):
    """Records that cannot be used; `problems` has one line for each, with file and field."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))
