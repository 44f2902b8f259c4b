"""Base of the client's exceptions."""


class ClearPayError(Exception):
    """The API rejected a request."""
