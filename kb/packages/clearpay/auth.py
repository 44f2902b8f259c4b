"""Keys and tokens."""

from typing import TYPE_CHECKING

from clearpay.errors import ClearPayError

if TYPE_CHECKING:
    from clearpay.client import Client


class InvalidTokenError(ClearPayError):
    """The API does not take the token."""


class TokenNotYetValidError(ClearPayError):
    """The token begins in the future, by the API's clock."""


class ApiKeyExpiredError(ClearPayError):
    """The time of the API key is over."""


class ApiKeyRejectedError(ClearPayError):
    """The API does not take the key, for another reason than its end."""


class Auth:
    """`client.auth`."""

    def __init__(self, client: "Client") -> None:
        self._client = client

    def generate_token(self) -> tuple[str, float]:
        """A new token, and the seconds for which it is valid. Raises ClearPayError."""
        answer = self._client.request("POST", "/auth/token")
        return str(answer["access_token"]), float(answer["expires_in"])
