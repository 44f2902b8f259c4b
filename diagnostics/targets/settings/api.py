"""Settings of the API: its paths, fields and error types, and the claims of the token."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from diagnostics.targets.settings.address import Url
from kb.records.models import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Token(Record):
    """Claims that the token must have; the token itself is `secrets.token`."""

    issuer: str = ""
    """Required value of `iss`; default: any."""
    audience: str = ""
    """Audience that `aud` must contain; default: any."""
    scopes: tuple[str, ...] = ()
    """Scopes that the application needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract(Record):
    """Paths, headers and fields of the API, for use with other APIs. Paths are relative to the base URL."""

    health_path: str = "/healthz"
    """Path that answers 200 without credentials while the API is up."""
    health_text: str = ""
    """Text that the answer to `health_path` contains, as `"up":true`; default: any but an HTML page."""
    me_path: str = "/me"
    """Path that describes the caller free of charge: scopes, environment, end of the key, rate limits."""
    caller_field: str = ""
    """Field that only an accepted credential gets; default: those of merchant, scopes, end of the key."""
    proxy: Url = field(default="", repr=False)
    """URL of the proxy that the application uses; default: the proxy variables of the environment."""
    key_header: str = "X-Api-Key"
    """Header that contains the API key."""
    key_scheme: str = ""
    """Word before the key in that header."""
    token_header: str = "Authorization"  # noqa: S105  a name
    """Header that contains the token."""
    token_scheme: str = "Bearer"  # noqa: S105  a name
    """Word before the token in that header."""
    environment: str = ""
    """Environment that the API must state for this key, as `live` or `test`; default: any."""
    environment_field: str = "environment"
    """Field of the answer to `me_path` with the environment; a dot separates the names of nested objects."""
    merchant_field: str = "merchant"
    """Field with the merchant of the key; compared with `merchant_id` of the configuration."""
    currencies_field: str = "currencies"
    """Field with the currencies of the account; compared with those of the configuration."""
    expires_field: str = "key.expires_at"
    """Field with the end of the key's validity: RFC 3339, an HTTP date, or seconds or ms since the epoch."""
    scopes_field: str = "scopes"
    """Field with the granted scopes: a list, or one text with spaces between them."""
    error_field: str = "error.type"
    """Field of an error answer with the error type."""
    key_expired_error: str = "api_key_expired"
    """Error type for an expired key."""
    key_revoked_error: str = "api_key_revoked"
    """Error type for a revoked key."""
    key_unknown_error: str = "invalid_api_key"
    """Error type for an unknown key."""
    key_environment_error: str = "api_key_wrong_environment"
    """Error type for a key of another environment."""
    token_limit: str = "auth"  # noqa: S105  a name
    """Name of the rate limit on token requests, if limits have names."""
    business_limit: str = "api"
    """Name of the rate limit on all other requests."""

    @property
    def key_errors(self) -> Mapping[str, str]:
        """Findings of the probe `key` by the error type that proves them."""
        return {
            self.key_expired_error: "key.expired",
            self.key_revoked_error: "key.revoked",
            self.key_unknown_error: "key.unknown",
            self.key_environment_error: "key.wrong_environment",
        }
