"""Names of settings: their normal form, and the settings that names of applications mean."""

import re
from collections.abc import Mapping
from typing import Final

from diagnostics.clients.config.mapping.durations import unit_of_name

OWN: Final = "clearpay"
EVERYBODYS: Final = frozenset({
    "secret_key", "environment", "env", "debug", "timeout", "secret", "token", "key", "retries", "api_key",
    "currency",
})  # fmt: skip
"""Names that frameworks and other systems use too; alone they claim nothing."""
FORMS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "credentials": {
        "api_key": ("api_key", "apikey"),
        "merchant_id": ("merchant_id", "merchantid"),
        "secret_key": ("secret_key", "secretkey"),
        "environment": ("environment",),
        "webhook_secret": ("webhook_secret",),
    },
    "network": {
        "connection_timeout": ("connection_timeout", "connect_timeout", "conn_timeout", "timeout_connect"),
        "read_timeout": ("read_timeout", "response_timeout", "timeout_read"),
        "timeout": ("timeout", "request_timeout", "http_timeout", "api_timeout", "client_timeout"),
        "max_retries": ("max_retries", "retry_count", "max_network_retries", "num_retries", "retries"),
        "retry_delay": ("retry_delay", "retry_wait", "retry_interval"),
        "backoff_factor": ("backoff_factor",),
        "retry_methods": ("retry_methods",),
        "idempotency_keys": ("idempotency_keys",),
    },
    "currency": {
        "supported_currencies": (
            "supported_currencies", "allowed_currencies", "available_currencies", "accepted_currencies",
            "enabled_currencies", "currencies", "currency_codes", "currency_choices",
        ),
        "default_currency": (
            "default_currency", "default_currency_code", "base_currency", "currency", "currency_code",
        ),
        "min_amount": ("min_amount", "minimum_amount"),
        "max_amount": ("max_amount", "maximum_amount"),
    },
    "webhook": {
        "verify_signatures": (
            "verify_signatures", "verify_signature", "signature_verification", "webhook_verify",
            "verify_webhooks", "verify_webhook_signature", "verify_webhook_signatures",
            "webhook_signature_verification",
        ),
        "signature_header": ("signature_header",),
        "webhook_secret": ("webhook_secret", "webhook_signing_secret"),
        "tolerance_seconds": ("tolerance_seconds", "webhook_tolerance", "signature_tolerance", "tolerance"),
        "events_to_process": ("events_to_process",),
    },
    "logging": {
        key: (key,)
        for key in (
            "version", "handlers", "loggers", "formatters", "root", "disable_existing_loggers", "filters",
        )
    },
}  # fmt: skip
"""Names of each setting by role, in the normal form and without a unit; the first is that of the page."""
TIMES: Final = frozenset({"connection_timeout", "read_timeout", "timeout", "retry_delay"})
"""Settings whose names may end in a unit."""
WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "credentials": ("api_key", "apikey", "secret", "token", "merchant", "credential", "_key"),
    "network": ("timeout", "_retr", "backoff"),
    "currency": ("_currenc", "_amount"),
    "webhook": ("webhook", "signature", "hmac"),
    "logging": ("logging", "loggers", "handlers", "log_level"),
}
"""Parts of names, after an underscore, that are near those of a role."""
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OTHER: Final = re.compile(r"[^a-z0-9]+")
_LIMIT: Final = re.compile(r"(.*)(min|max)(?:imum)?_amount_([a-z]{3})")


def normal(name: str) -> str:
    """Return a name in lower case with words between underscores, as read_timeout for `readTimeout`."""
    return _OTHER.sub("_", _CAMEL.sub("_", name).lower()).strip("_")


def setting_of(name: str, role: str) -> tuple[str, str] | None:
    """Return the setting that a name in its normal form means, and the prefix before it; None without one."""
    best: tuple[str, str] | None = None
    length = 0
    for setting, forms in FORMS[role].items():
        plain = unit_of_name(name)[0] if setting in TIMES else name
        for form in forms:
            if len(form) > length and (plain == form or plain.endswith(f"_{form}")):
                best, length = (setting, plain[: -len(form)].rstrip("_")), len(form)
    return best


def limit_of(name: str) -> tuple[str, str, str] | None:
    """Return prefix, setting and currency of a name as `min_amount_usd`; None for another one."""
    found = _LIMIT.fullmatch(name)
    return (found[1].rstrip("_"), f"{found[2]}_amount", found[3].upper()) if found else None
