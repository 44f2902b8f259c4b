"""What a key or a token is allowed to do."""

from clearpay.errors import ClearPayError


class PermissionDeniedError(ClearPayError):
    """A scope is missing."""
