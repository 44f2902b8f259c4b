"""What the API is expected to answer, and what the application presents to it."""

from dataclasses import dataclass, field

from kb.records.models import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Token(Record):
    """What a token must say; the token itself is `secrets.token`."""

    issuer: str = ""
    """What `iss` must be; default: any."""
    audience: str = ""
    """What `aud` must name; default: any."""
    scopes: tuple[str, ...] = ()
    """What the application needs to be allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract(Record):
    """What the API is expected to answer, so that the probes serve other APIs too. Paths follow the base."""

    health_path: str = "/healthz"
    """Answers 200 without credentials while the API is up."""
    me_path: str = "/me"
    """Says who is asking, free of charge: scopes, environment, the key's end, what is left of the limits."""
    proxy: str = field(default="", repr=False)
    """URL of the proxy that the application goes through; default: what the doctor's environment says."""
    key_header: str = "X-Api-Key"
    """The header that carries the API key."""
    key_scheme: str = ""
    """The word before the key in that header."""
    token_header: str = "Authorization"  # noqa: S105  a name
    """The header that carries the token."""
    token_scheme: str = "Bearer"  # noqa: S105  a name
    """The word before the token in that header."""
    environment: str = ""
    """The environment that the API must say it serves this key in, as `live` or `test`; default: any."""
    environment_field: str = "environment"
    """Where the answer of `me_path` says so; dots lead into objects."""
    merchant_field: str = "merchant"
    """Where it says whose key it is; compared with `merchant_id` of the configuration."""
    currencies_field: str = "currencies"
    """Where it lists the currencies of the account; compared with those of the configuration."""
    expires_field: str = "key.expires_at"
    """Where it says until when the key is valid: RFC 3339, or seconds since the epoch."""
    scopes_field: str = "scopes"
    """Where it lists what is allowed: a list, or words in one text."""
    error_field: str = "error.type"
    """Where an error says its type."""
    key_expired_error: str = "api_key_expired"
    """The error type of a key whose time is over."""
    key_revoked_error: str = "api_key_revoked"
    """The error type of a key that somebody has withdrawn."""
    key_unknown_error: str = "invalid_api_key"
    """The error type of a key that the API does not know."""
    key_environment_error: str = "api_key_wrong_environment"
    """The error type of a key of another environment."""
    token_limit: str = "auth"  # noqa: S105  a name
    """The name of the limit that counts requests for tokens, where limits have names."""
    business_limit: str = "api"
    """The name of the limit that counts all other requests."""
