"""Rate limits of the API."""

from clearpay.errors import ClearPayError


class RateLimitExceededError(ClearPayError):
    """The rate limit is exceeded."""

    def __init__(self, message: str, retry_after: str | None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        """The unparsed Retry-After header: seconds, an HTTP-date, or None."""
