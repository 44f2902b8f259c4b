"""Does the API take the application's key, and for how long still?"""

from diagnostics.clients.clearpay_api.rate_limit_evidence import TOO_MANY, record_limits
from diagnostics.clients.clearpay_api.requests import (
    GRANTED,
    ask_as,
    clock_difference,
    digest,
    error_type,
    field_of,
    scopes_of,
    stranger,
)
from diagnostics.clients.config.shared_evidence import CURRENCIES, ENVIRONMENT, KEY, MERCHANT
from diagnostics.clients.http.dates import moment_of, shown_time
from diagnostics.clients.http.messages import Answer
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.errors import CannotTell, Skip
from diagnostics.targets.secrets.fingerprint import fingerprint
from diagnostics.targets.settings import SecretRef
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
MOST_CURRENCIES = 300
"""ISO 4217 has fewer; a longer list is none of currencies."""
REFUSALS = (401, 403)


def run(context: Context, /) -> None:
    """Look at the key's form, then ask the API who it belongs to."""
    key = _key(context)
    if _malformed(context, key):
        return
    contract = context.target.settings.contract
    answer = ask_as(context, key, contract.key_header, contract.key_scheme)
    record_limits(context, answer)
    if answer.status in REFUSALS:
        _refused(context, key, answer)
    elif answer.status == TOO_MANY and not answer.html:
        raise CannotTell("the API answers 429 before it looks at the key")
    elif answer.status != 200 or answer.document is None:  # noqa: PLR2004  RFC 9110, 15.3.1
        raise CannotTell(f"GET {contract.me_path}: {stranger(answer)}")
    else:
        context.evidence(KEY, fingerprint(key))
        _taken(context, answer)


def _key(context: Context) -> str:
    secret = context.target.settings.secrets.api_key
    if secret is None:
        raise Skip(f"target {context.target.name} names no secrets.api_key")
    if isinstance(secret, SecretRef):
        context.evidence("key from", secret.describe())
    return context.secrets.read(secret, "secrets.api_key", kind="api key")


def _malformed(context: Context, key: str) -> bool:
    """Whether no HTTP header can carry it: then it never reaches the API (RFC 9110, 5.5)."""
    wrong = sum(not (character.isascii() and character.isprintable()) for character in key)
    wrong += len(key) - len(key.strip(" "))
    if not key:
        raise CannotTell("secrets.api_key is empty")
    for part in key.split():
        context.redactor.learn(part, "api key")
    if wrong:
        note = "line breaks, spaces at an end or characters beyond ASCII"
        context.evidence("characters that no header carries", wrong, expected=0, ok=False, note=note)
        context.finding("key.malformed")
    return bool(wrong)


def _refused(context: Context, key: str, answer: Answer) -> None:
    said = error_type(context, answer)
    contract = context.target.settings.contract
    known = {
        contract.key_expired_error: "key.expired",
        contract.key_revoked_error: "key.revoked",
        contract.key_unknown_error: "key.unknown",
        contract.key_environment_error: "key.wrong_environment",
    }
    if not said:
        raise CannotTell(stranger(answer))
    if said not in known:
        raise CannotTell(f"the API refused the key with {answer.status} {said}, which contract names nowhere")
    context.rejected.add(digest(key))
    context.evidence("answer", answer.status, expected=200, ok=False, note=f"error type {said}")
    _show_end(context, answer)
    context.finding(known[said])


def _taken(context: Context, answer: Answer) -> None:
    contract = context.target.settings.contract
    context.evidence("key", "accepted", ok=True)
    scopes = scopes_of(context, answer)
    if scopes is not None:
        context.evidence(GRANTED, scopes)
    environment = field_of(answer.document, contract.environment_field)
    if isinstance(environment, str):
        wrong = bool(contract.environment) and environment != contract.environment
        expected = contract.environment or None
        context.evidence(ENVIRONMENT, environment, expected=expected, ok=not wrong if expected else None)
        if wrong:
            context.finding("key.wrong_environment")
    _account(context, answer)
    days = _show_end(context, answer)
    if days is not None and days <= context.thresholds.key_days:
        context.finding("key.expires_soon", "warn")


def _account(context: Context, answer: Answer) -> None:
    """Show whose key it is and what may be paid in, for who compares it with the configuration."""
    contract = context.target.settings.contract
    merchant = field_of(answer.document, contract.merchant_field)
    if isinstance(merchant, str):
        context.evidence(MERCHANT, merchant)
    currencies = field_of(answer.document, contract.currencies_field)
    if isinstance(currencies, list):
        known = [one for one in currencies if isinstance(one, str)]
        context.evidence(CURRENCIES, tuple(known[:MOST_CURRENCIES]))


def _show_end(context: Context, answer: Answer) -> float | None:
    """Show until when the key is valid by the API's clock; gives the days left, None where unsaid."""
    end = moment_of(field_of(answer.document, context.target.settings.contract.expires_field))
    if end is None:
        return None
    left = (end - answer.at - (clock_difference(answer) or 0.0)) / DAY_S
    least = context.thresholds.key_days
    context.evidence(
        "days left",
        round(left, 2),
        expected=f"more than {least:g}",
        unit="days",
        ok=left > least,
        note=f"valid until {shown_time(end)}",
    )
    return left
