"""All exceptions of the client."""

from clearpay.auth import (
    ApiKeyExpiredError,
    ApiKeyRejectedError,
    InvalidTokenError,
    TokenNotYetValidError,
)
from clearpay.errors import ClearPayError
from clearpay.permissions import PermissionDeniedError
from clearpay.rate_limiter import RateLimitExceededError

__all__ = [
    "ApiKeyExpiredError",
    "ApiKeyRejectedError",
    "ClearPayError",
    "InvalidTokenError",
    "PermissionDeniedError",
    "RateLimitExceededError",
    "TokenNotYetValidError",
]
