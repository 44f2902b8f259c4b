"""Permissions of keys and tokens."""

from clearpay.errors import ClearPayError


class PermissionDeniedError(ClearPayError):
    """The key or token lacks a scope."""
