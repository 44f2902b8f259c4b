"""API keys and access tokens."""

from typing import TYPE_CHECKING

from clearpay.errors import ClearPayError

if TYPE_CHECKING:
    from clearpay.client import Client


class InvalidTokenError(ClearPayError):
    """The API rejected the token."""


class TokenNotYetValidError(ClearPayError):
    """The token is not yet valid by the API's clock."""


class ApiKeyExpiredError(ClearPayError):
    """The API key has expired."""


class ApiKeyRejectedError(ClearPayError):
    """The API rejected the key for another reason than its expiry."""


class Auth:
    """Token requests of a client, as `client.auth`."""

    def __init__(self, client: "Client") -> None:
        self._client = client

    def generate_token(self) -> tuple[str, float]:
        """Request a token; return it with its lifetime in seconds. Raises ClearPayError."""
        response = self._client.request("POST", "/auth/token")
        return str(response["access_token"]), float(response["expires_in"])
