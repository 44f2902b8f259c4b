"""Usual names of credentials of payment providers, and the forms of their values.

The names are those of the providers' own examples and libraries; each row names its source.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

WEBHOOK: Final = "webhook_secret"
MODES: Final = {"live": "live", "production": "live", "prod": "live", "test": "test", "sandbox": "test"}
"""Kind of a key by the words of names and settings."""


@dataclass(frozen=True, slots=True)
class VendorKey:
    """One credential of a provider."""

    key: str
    """Its key in a mapped table."""
    names: tuple[str, ...]
    """Names after that of the provider, without `live` and `test`."""
    form: str = ""
    """Beginning of a value as a regular expression with the group `kind`; empty if none is known."""
    secret: bool = True
    mode: bool = False
    """True for the setting that selects the environment."""


@dataclass(frozen=True, slots=True)
class Vendor:
    """Payment provider."""

    name: str
    words: tuple[str, ...]
    """Words of its name in keys."""
    keys: tuple[VendorKey, ...]
    source: str
    """Page that describes names and forms."""
    forms: Mapping[str, str] = field(default_factory=dict)
    """Description of each form, for messages."""


STRIPE: Final = Vendor(
    "Stripe",
    ("stripe", "djstripe"),
    (
        VendorKey("api_key", ("secret_key", "api_key", "secret", "private_key", "sk", "api_secret", "key"),
                  r"(?:sk|rk)_(?P<kind>live|test)_"),
        VendorKey("publishable_key", ("publishable_key", "public_key", "publishable", "pk"),
                  r"pk_(?P<kind>live|test)_", secret=False),
        VendorKey(WEBHOOK, ("webhook_secret", "wh_secret", "webhook_signing_secret", "endpoint_secret",
                            "webhook_key", "signing_secret", "webhook_endpoint_secret"), r"whsec_"),
    ),
    "https://docs.stripe.com/keys, https://docs.stripe.com/webhooks",
    {"api_key": "a secret key", "publishable_key": "a publishable key", WEBHOOK: "a webhook secret"},
)  # fmt: skip
ADYEN: Final = Vendor(
    "Adyen",
    ("adyen",),
    (
        VendorKey(
            "api_key", ("api_key", "apikey", "x_api_key", "checkout_api_key", "password", "ws_password")
        ),
        VendorKey("client_key", ("client_key", "origin_key"), r"(?P<kind>live|test)_", secret=False),
        VendorKey("merchant_id", ("merchant_account", "merchant_account_code", "account"), secret=False),
        VendorKey(WEBHOOK, ("hmac_key", "hmac", "hmac_secret", "notification_hmac_key", "webhook_hmac_key")),
        VendorKey("mode", ("environment", "env", "mode", "platform"), secret=False, mode=True),
    ),
    "https://docs.adyen.com/development-resources/api-credentials",
    {"client_key": "a client key"},
)
PAYPAL: Final = Vendor(
    "PayPal",
    ("paypal",),
    (
        VendorKey("client_id", ("client_id", "clientid", "app_id", "api_username"), secret=False),
        VendorKey("api_key", ("client_secret", "secret", "secret_key", "clientsecret", "api_password",
                              "api_signature", "app_secret")),
        VendorKey("webhook_id", ("webhook_id",), secret=False),
        VendorKey("mode", ("mode", "environment", "env"), secret=False, mode=True),
    ),
    "https://developer.paypal.com/api/rest/",
)  # fmt: skip
BRAINTREE: Final = Vendor(
    "Braintree",
    ("braintree", "bt"),
    (
        VendorKey("merchant_id", ("merchant_id",), secret=False),
        VendorKey("public_key", ("public_key",), secret=False),
        VendorKey(
            "api_key", ("private_key", "access_token"), r"(?:access_token\$(?P<kind>production|sandbox)\$)?"
        ),
        VendorKey("mode", ("environment", "env", "mode"), secret=False, mode=True),
    ),
    "https://developer.paypal.com/braintree/articles/control-panel/important-gateway-credentials",
)
MOLLIE: Final = Vendor(
    "Mollie",
    ("mollie",),
    (
        VendorKey("api_key", ("api_key", "key", "apikey", "secret_key"), r"(?P<kind>live|test)_"),
        VendorKey("access_token", ("access_token", "organization_access_token"), r"access_"),
        VendorKey(WEBHOOK, ("webhook_secret", "webhook_signing_secret", "signing_secret")),
        VendorKey("profile_id", ("profile_id",), secret=False),
    ),
    "https://docs.mollie.com/reference/authentication",
    {"api_key": "an API key", "access_token": "an organization's token"},
)
SQUARE: Final = Vendor(
    "Square",
    ("square", "squareup"),
    (
        VendorKey("api_key", ("access_token", "token", "api_key", "access_key")),
        VendorKey("application_id", ("application_id", "app_id"), secret=False),
        VendorKey("application_secret", ("application_secret", "app_secret", "client_secret")),
        VendorKey("location_id", ("location_id",), secret=False),
        VendorKey(WEBHOOK, ("webhook_signature_key", "signature_key", "webhook_secret", "webhook_key")),
        VendorKey("mode", ("environment", "env", "mode"), secret=False, mode=True),
    ),
    "https://developer.squareup.com/docs/build-basics/access-tokens",
)
VENDORS: Final = (STRIPE, ADYEN, PAYPAL, BRAINTREE, MOLLIE, SQUARE)
_MODE: Final = "|".join(MODES)
_BEFORE: Final = re.compile(rf"(?P<mode>{_MODE})_(?P<rest>.+)")
_AFTER: Final = re.compile(rf"(?P<rest>.+)_(?P<mode>{_MODE})")


@dataclass(frozen=True, slots=True)
class VendorName:
    """Meaning of a key's name."""

    vendor: Vendor
    key: VendorKey
    kind: str
    """`live` or `test` if the name says so, else empty."""


def vendor_name(name: str, path: str) -> VendorName | None:
    """Return the meaning of a name in its normal form, within a table of that path; None if it has none.

    The provider's name may stand in the name itself, after a prefix, or in the path of the table.
    """
    for vendor, rest in _candidates(name, path):
        kind, bare = _without_mode(rest)
        for own in vendor.keys:
            if rest in own.names or bare in own.names:
                return VendorName(vendor, own, kind if rest not in own.names else "")
    return None


def _candidates(name: str, path: str) -> Iterator[tuple[Vendor, str]]:
    words = name.split("_")
    in_path = set(re.split(r"[^a-z0-9]+", path))
    for vendor in VENDORS:
        for number, word in enumerate(words[:-1]):
            if word in vendor.words and (word != "bt" or number == 0):
                yield vendor, "_".join(words[number + 1 :])
        if in_path & (set(vendor.words) - {"bt"}):
            yield vendor, name


def _without_mode(name: str) -> tuple[str, str]:
    found = _BEFORE.fullmatch(name) or _AFTER.fullmatch(name)
    return (MODES[found["mode"]], found["rest"]) if found else ("", name)


def kind_of(value: str, key: VendorKey) -> str:
    """Return `live` or `test` for a value whose form shows it, else an empty text."""
    found = re.match(key.form, value) if "kind" in key.form else None
    return MODES.get(found["kind"] or "", "") if found else ""


def other_key(value: str, vendor: Vendor, key: VendorKey) -> VendorKey | None:
    """Return another key of the provider whose form a value has; None if it has that of `key`."""
    if not key.form or re.match(key.form, value):
        return None
    return next(
        (
            other
            for other in vendor.keys
            if other.key in vendor.forms and other.form and re.match(other.form, value)
        ),
        None,
    )
