"""How often the API may be asked."""

from clearpay.errors import ClearPayError


class RateLimitExceededError(ClearPayError):
    """A limit is used up."""

    def __init__(self, message: str, retry_after: str | None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """The Retry-After header as it came: seconds, an HTTP-date, or None."""
