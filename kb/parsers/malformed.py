"""Error of the bounded parsers."""


class Malformed(ValueError):
    """A text is not what it should be, or exceeds a limit; the message is one line without excerpts of it."""

    def __init__(self, message: str, line: int = 0) -> None:
        self.line = line
        """Line of the error, from 1; 0 if it is not known."""
        super().__init__(message)
