"""Connection to ClearPay's API over TLS."""

import ssl
from typing import Any

import requests
from requests.adapters import HTTPAdapter

TIMEOUT_S = 5


class CertificateVerificationError(ConnectionError):
    """TLS with the API failed; `__cause__` is the error of the library."""


class Config:
    """Settings of all clients in the process."""

    CA_BUNDLE_PATH: str | None = None


config = Config()


class Revocation(HTTPAdapter):
    """HTTP adapter that rejects revoked certificates."""

    def __init__(self, ca_file: str, crl_file: str) -> None:
        self._context = ssl.create_default_context(cafile=ca_file)
        self._context.load_verify_locations(crl_file)
        self._context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **named: Any) -> None:
        """Pass the TLS context to urllib3."""
        super().init_poolmanager(*arguments, ssl_context=self._context, **named)


class Client:
    """Client of the API; `ca_file` is set for each request, the shared bundle for the session."""

    def __init__(
        self, base: str, *, ca_file: str | None = None, crl_file: str | None = None, ssl_verify: bool = True
    ) -> None:
        self._base = base
        self._ca_file = ca_file
        self._session = requests.Session()
        shared = config.CA_BUNDLE_PATH
        self._session.verify = (shared or True) if ssl_verify else False
        bundle = ca_file or shared
        if crl_file and bundle:
            self._session.mount(base, Revocation(bundle, crl_file))

    def get(self, path: str) -> Any:
        """Get a JSON document. Raises CertificateVerificationError if TLS fails."""
        try:
            response = self._session.get(self._base + path, timeout=TIMEOUT_S, verify=self._ca_file)
        except (requests.exceptions.SSLError, requests.exceptions.ConnectionError) as error:
            raise CertificateVerificationError(f"TLS with {self._base} failed: {error}") from error
        response.raise_for_status()
        return response.json()
