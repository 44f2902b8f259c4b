"""Comparison of the configuration files with the API's description of the account."""

from diagnostics.clients.clearpay_api.facts import ApiAccount, FastestAnswer
from diagnostics.clients.config.facts import ConfiguredAccount, ConfiguredCurrencies, ConfiguredReadTimeout
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.errors import CannotTell, Skip
from diagnostics.targets.target import EndpointKind

QUESTION = "Does the application's configuration agree with the API's description of its account?"
LAYER = "api"
APPLIES_TO: tuple[EndpointKind, ...] = ("https", "http")
NEEDS = ("reach",)
READS = ("credentials", "timeouts", "currency", "latency", "key")
FINDINGS = (
    "agreement.environment",
    "agreement.merchant",
    "agreement.currency",
    "agreement.read_timeout",
)
SAFETY: Safety = "local"
BUDGET = 2.0
ALONE = False
SENDS = "Nothing: it compares what other probes read in the files with the API's answers to them."

ROOM = 3
"""Minimal read timeout as a multiple of the fastest answer: slow answers of a healthy API take so long."""


def run(context: Context, /) -> None:
    """Compare the values that both sides state; a value that one side leaves open is not judged."""
    account = context.fact_of("credentials", ConfiguredAccount)
    currencies = context.fact_of("currency", ConfiguredCurrencies)
    timeout = context.fact_of("timeouts", ConfiguredReadTimeout)
    if not (currencies or timeout or (account and (account.environment or account.merchant))):
        raise Skip("no file was read that can be compared with the API; to compare both: check config api")
    if context.earlier.keys().isdisjoint(("key", "latency")):
        raise Skip(
            "neither key nor latency ran, whose results are compared; to compare them: check config api"
        )
    api = context.fact_of("key", ApiAccount)
    compared = [
        _compare_accounts(context, account, api),
        _compare_currencies(context, currencies, api),
        _compare_read_timeout(context, timeout, context.fact_of("latency", FastestAnswer)),
    ]
    if not any(compared):
        raise CannotTell("the API's answers have nothing that the configuration files state")


def _compare_accounts(context: Context, account: ConfiguredAccount | None, api: ApiAccount | None) -> bool:
    """Compare environment and merchant, unless the file has another key than the one the API accepted."""
    if account is None or api is None:
        return False
    if account.key_fingerprint is not None:
        same = account.key_fingerprint == api.key_fingerprint
        context.evidence("same key", same, expected=True, ok=same)
        if not same:
            context.unknown(
                "the file's key is not secrets.api_key; it is open which of them the application uses"
            )
            return True
    environment = _compare(context, "environment", account.environment, api.environment)
    return _compare(context, "merchant", account.merchant, api.merchant) or environment


def _compare(context: Context, name: str, in_file: str | None, in_api: str | None) -> bool:
    if in_file is None or in_api is None:
        return False
    same = in_file == in_api
    context.evidence(f"{name} in the file", in_file, expected=in_api, ok=same, note="as the API says")
    if not same:
        context.finding(f"agreement.{name}", "warn")
    return True


def _compare_currencies(
    context: Context, configured: ConfiguredCurrencies | None, api: ApiAccount | None
) -> bool:
    if configured is None or api is None or api.currencies is None:
        return False
    missing = tuple(code for code in configured.codes if code not in api.currencies)
    note = "the API takes no payment of this account in these"
    context.evidence("currencies in the file only", missing, expected=(), ok=not missing, note=note)
    if missing:
        context.finding("agreement.currency", "warn")
    return True


def _compare_read_timeout(
    context: Context, timeout: ConfiguredReadTimeout | None, fastest: FastestAnswer | None
) -> bool:
    if timeout is None or fastest is None:
        return False
    least = round(ROOM * fastest.ms / 1000, 3)
    note = f"the API's fastest answer took {fastest.ms:g} ms, and others take longer"
    enough, expected = timeout.seconds >= least, f"at least {least:g}"
    context.evidence(
        "read timeout in the file", timeout.seconds, expected=expected, unit="s", ok=enough, note=note
    )
    if not enough:
        context.finding("agreement.read_timeout", "warn")
    return True
