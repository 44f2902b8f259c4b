"""One GET with the application's API key: acceptance, environment and expiry of the key."""

from diagnostics.clients.clearpay_api.acceptance import require_acceptance
from diagnostics.clients.clearpay_api.credentialed_request import (
    credential_digest,
    send_with_credential,
)
from diagnostics.clients.clearpay_api.facts import ApiAccount
from diagnostics.clients.clearpay_api.proxy_limits import is_proxy_429
from diagnostics.clients.clearpay_api.rate_limit_evidence import TOO_MANY, record_limits
from diagnostics.clients.clearpay_api.requests import (
    clock_difference,
    error_type,
    foreign_response_text,
    granted_scopes,
    read_field,
)
from diagnostics.clients.clearpay_api.scopes import share_scopes
from diagnostics.clients.http.dates import parse_timestamp, timestamp_text
from diagnostics.clients.http.messages import Response
from diagnostics.clients.json_shape import text_at, texts_at, value_at
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.errors import CannotTell, Skip
from diagnostics.targets.secrets.fingerprint import fingerprint
from diagnostics.targets.settings import Contract, SecretRef
from diagnostics.targets.target import EndpointKind

QUESTION = "Does the API take the application's key, and for how long still?"
LAYER = "api"
APPLIES_TO: tuple[EndpointKind, ...] = ("https", "http")
NEEDS = ("reach",)
READS: tuple[str, ...] = ()
FINDINGS = (
    "key.malformed",
    "key.wrong_environment",
    "key.revoked",
    "key.expired",
    "key.unknown",
    "key.expires_soon",
)
SAFETY: Safety = "remote"
BUDGET = 8.0
ALONE = False
SENDS = "One GET of the me path with the application's API key."

DAY_S = 86_400.0
MAX_CURRENCIES = 300
"""ISO 4217 has fewer; a longer list is cut."""
REFUSALS = (401, 403)


def run(context: Context, /) -> None:
    """Check the form of the key, then send it to the API once."""
    key = _read_key(context)
    if _is_malformed(context, key):
        return
    contract = context.target.settings.contract
    response = send_with_credential(context, key, contract.key_header, contract.key_scheme)
    record_limits(context, response)
    if response.status in REFUSALS or error_type(context, response) in contract.key_errors:
        _judge_refusal(context, key, response)
    elif is_proxy_429(response):
        raise CannotTell("a proxy answers 429 before the API sees the key: the probe quota reports its limit")
    elif response.status == TOO_MANY:
        raise CannotTell("the API answers 429 before it looks at the key")
    elif response.status != 200 or response.document is None:  # noqa: PLR2004  RFC 9110, 15.3.1
        raise CannotTell(f"GET {contract.me_path}: {foreign_response_text(response)}")
    else:
        _judge_acceptance(context, key, response)


def _read_key(context: Context) -> str:
    secret = context.target.settings.secrets.api_key
    if secret is None:
        raise Skip(f"target {context.target.name} names no secrets.api_key")
    if isinstance(secret, SecretRef):
        context.evidence("key from", secret.describe())
    return context.secrets.read(secret, "secrets.api_key", kind="api key")


def _is_malformed(context: Context, key: str) -> bool:
    """Return True if an HTTP header cannot carry the key (RFC 9110, 5.5)."""
    wrong = sum(not (character.isascii() and character.isprintable()) for character in key)
    wrong += len(key) - len(key.strip(" "))
    if not key:
        raise CannotTell("secrets.api_key is empty")
    for part in key.split():
        context.redactor.learn(part, "api key")
    if wrong:
        note = "line breaks, leading or trailing spaces, or characters outside ASCII"
        context.evidence("characters that no header carries", wrong, expected=0, ok=False, note=note)
        context.finding("key.malformed")
    return bool(wrong)


def _judge_refusal(context: Context, key: str, response: Response) -> None:
    error = error_type(context, response)
    findings = context.target.settings.contract.key_errors
    if not error:
        raise CannotTell(foreign_response_text(response))
    if error not in findings:
        raise CannotTell(
            f"the API refused the key with {response.status} {error}, which the contract does not name"
        )
    context.rejected.add(credential_digest(key))
    context.evidence("answer", response.status, expected=200, ok=False, note=f"error type {error}")
    _report_expiry(context, response)
    context.finding(findings[error])


def _judge_acceptance(context: Context, key: str, response: Response) -> None:
    scopes = granted_scopes(context, response)
    if scopes == ():  # a caller whom the API does not know has none either
        share_scopes(context, scopes)
    require_acceptance(context, response, "key")
    if scopes:
        share_scopes(context, scopes)
    context.evidence("fingerprint of the API key", fingerprint(key))
    environment = _judge_environment(context, response)
    _share_account(context, fingerprint(key), response, environment)
    days = _report_expiry(context, response)
    if days is not None and days <= context.thresholds.key_days:
        context.finding("key.expires_soon", "warn")


def _judge_environment(context: Context, response: Response) -> str | None:
    """Compare the environment of the key with the expected one; leave it open if the API states none."""
    contract = context.target.settings.contract
    environment = read_field(context, response, text_at, "environment_field")
    if environment is None:
        if contract.environment and value_at(response.document, contract.environment_field) is None:
            context.unknown(
                f"the API does not say that the key belongs to {contract.environment}: its answer has no "
                f"{contract.environment_field}; set contract.environment_field"
            )
        return None
    wrong = bool(contract.environment) and environment != contract.environment
    expected = contract.environment or None
    context.evidence("environment", environment, expected=expected, ok=not wrong if expected else None)
    if wrong:
        context.finding("key.wrong_environment")
    return environment


def _share_account(
    context: Context, key_fingerprint: str, response: Response, environment: str | None
) -> None:
    """Report the key's merchant and currencies, and share the account with `agreement`."""
    merchant = read_field(context, response, text_at, "merchant_field")
    currencies = read_field(context, response, texts_at, "currencies_field")
    if merchant is not None:
        context.evidence("merchant", merchant)
    if currencies is not None:
        currencies = currencies[:MAX_CURRENCIES]
        context.evidence("currencies", currencies)
    context.share(ApiAccount(key_fingerprint, merchant, environment, currencies))


def _report_expiry(context: Context, response: Response) -> float | None:
    """Report the key's expiry by the API's clock; return the days left, None if they are not known.

    An answer without the field, or with null, describes a key without an end.
    """
    contract = context.target.settings.contract
    stated = value_at(response.document, contract.expires_field)
    end = parse_timestamp(stated)
    if end is None:
        if stated is not None:
            context.unknown(
                f"the end of the key cannot be read: {contract.expires_field} is {str(stated)[:40]!r}; set "
                "contract.expires_field to a field with a date, or with seconds since the epoch"
            )
        elif contract.expires_field != Contract().expires_field:
            context.unknown(f"the end of the key is not known: the answer has no {contract.expires_field}")
        return None
    left = (end - response.at - (clock_difference(response) or 0.0)) / DAY_S
    limit = context.thresholds.key_days
    context.evidence(
        "days left",
        round(left, 2),
        expected=f"more than {limit:g}",
        unit="days",
        ok=left > limit,
        note=f"valid until {timestamp_text(end)}",
    )
    return left
