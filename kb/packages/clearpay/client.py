"""ClearPay's API client, which raises the API's errors as exceptions."""

from collections.abc import Mapping
from typing import Any

import requests

from clearpay.auth import (
    ApiKeyExpiredError,
    ApiKeyRejectedError,
    Auth,
    InvalidTokenError,
    TokenNotYetValidError,
)
from clearpay.errors import ClearPayError
from clearpay.permissions import PermissionDeniedError
from clearpay.rate_limiter import RateLimitExceededError

TIMEOUT_S = (3.05, 10.0)
PLAIN: dict[str, type[ClearPayError]] = {
    "api_key_expired": ApiKeyExpiredError,
    "invalid_token": InvalidTokenError,
    "insufficient_scope": PermissionDeniedError,
}
REJECTED = {"api_key_revoked", "invalid_api_key", "api_key_wrong_environment"}


class Client:
    """Client with one API key and one HTTP session."""

    def __init__(self, url: str, *, api_key: str, ca_file: str) -> None:
        self._url = url
        self._key = api_key
        self._session = requests.Session()
        self._ca_file = ca_file
        self.auth = Auth(self)

    def pay(self, amount: int, currency: str, *, token: str) -> str:
        """Make a payment of an amount in minor units and return its id. Raises ClearPayError."""
        document = {"amount": amount, "currency": currency}
        return str(self.request("POST", "/payments", document, token=token)["id"])

    def refund(self, payment: str, amount: int, *, token: str) -> str:
        """Refund an amount in minor units and return the refund's id. Raises ClearPayError."""
        document = {"payment": payment, "amount": amount}
        return str(self.request("POST", "/refunds", document, token=token)["id"])

    def payments(self) -> list[Any]:
        """List the payments. Raises ClearPayError."""
        return list(self.request("GET", "/payments")["payments"])

    def request(
        self, method: str, path: str, document: Mapping[str, Any] | None = None, *, token: str = ""
    ) -> Mapping[str, Any]:
        """Send a request with a token, or else with the API key.

        Raises ClearPayError and requests.RequestException.
        """
        headers = {"Authorization": f"Bearer {token}"} if token else {"X-Api-Key": self._key}
        response = self._session.request(
            method,
            self._url + path,
            headers=headers,
            json=document,
            timeout=TIMEOUT_S,
            verify=self._ca_file,
        )
        if not response.ok:
            raise error_of(response)
        result: Mapping[str, Any] = response.json()
        return result


def error_of(response: requests.Response) -> ClearPayError:
    """Return the exception for an error response."""
    try:
        error = response.json()["error"]
        kind, message = str(error["type"]), str(error["message"])
    except (ValueError, KeyError, TypeError):
        return ClearPayError(f"{response.status_code} {response.reason} for {response.url}")
    if kind == "rate_limit_exceeded":
        return RateLimitExceededError(message, response.headers.get("Retry-After"))
    if kind == "invalid_token" and "not yet valid" in message:
        return TokenNotYetValidError(message)
    if kind in PLAIN:
        return PLAIN[kind](message)
    return (ApiKeyRejectedError if kind in REJECTED else ClearPayError)(f"{kind}: {message}")
