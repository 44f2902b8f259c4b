"""Does the application's configuration agree with what the API says of its account?"""

from diagnostics.clients.config.shared_evidence import (
    CURRENCIES,
    ENVIRONMENT,
    FASTEST,
    KEY,
    MERCHANT,
    READ_TIMEOUT,
)
from diagnostics.engine.context import Context
from diagnostics.engine.events import Value
from diagnostics.engine.probe import Safety
from diagnostics.errors import CannotTell, Skip
from diagnostics.targets.target import EndpointKind

QUESTION = "Does the application's configuration agree with what the API says of its account?"
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
SENDS = "Nothing: it compares what other probes read in the files with what the API told them."

ROOM = 3
"""Times the fastest answer for which a read timeout has room: so long take the slow ones of a healthy API."""


def run(context: Context, /) -> None:
    """Compare what both sides state; what one of them leaves open is not judged."""
    in_files = [
        _said(context, "credentials", ENVIRONMENT),
        _said(context, "credentials", MERCHANT),
        _said(context, "currency", CURRENCIES),
        _said(context, "timeouts", READ_TIMEOUT),
    ]
    if all(value is None for value in in_files):
        raise Skip("no file was read that states what the API knows too; to compare both: check config api")
    if context.earlier.keys().isdisjoint(("key", "latency")):
        raise Skip("neither key nor latency ran, whose answers it compares; to compare: check config api")
    compared = [_account(context), _currencies(context), _read_timeout(context)]
    if not any(compared):
        raise CannotTell("the API told nothing that the files of the configuration state")


def _account(context: Context) -> bool:
    """Whose key it is. Only the key that the file holds, or one that the file leaves open, is told so."""
    own, taken = _said(context, "credentials", KEY), _said(context, "key", KEY)
    if own is not None and taken is not None:
        context.evidence("same key", own == taken, expected=True, ok=own == taken)
        if own != taken:
            context.unknown(
                "the file's key is not secrets.api_key; which of them the application uses is open"
            )
            return True
    environment = _equal(context, ENVIRONMENT, "agreement.environment")
    return _equal(context, MERCHANT, "agreement.merchant") or environment


def _equal(context: Context, name: str, code: str) -> bool:
    stated, told = _said(context, "credentials", name), _said(context, "key", name)
    if stated is None or told is None:
        return False
    context.evidence(f"{name} in the file", stated, expected=told, ok=stated == told, note="as the API says")
    if stated != told:
        context.finding(code, "warn")
    return True


def _currencies(context: Context) -> bool:
    stated, told = _said(context, "currency", CURRENCIES), _said(context, "key", CURRENCIES)
    if not isinstance(stated, tuple) or not isinstance(told, tuple):
        return False
    missing = tuple(code for code in stated if code not in told)
    note = "the API takes no payment of this account in these"
    context.evidence("currencies in the file only", missing, expected=(), ok=not missing, note=note)
    if missing:
        context.finding("agreement.currency", "warn")
    return True


def _read_timeout(context: Context) -> bool:
    seconds, ms = _said(context, "timeouts", READ_TIMEOUT), _said(context, "latency", FASTEST)
    if not isinstance(seconds, int | float) or not isinstance(ms, int | float):
        return False
    least = round(ROOM * ms / 1000, 3)
    note = f"the API's fastest answer took {ms:g} ms, and others take longer"
    enough = seconds >= least
    context.evidence(
        "read timeout in the file", seconds, expected=f"at least {least:g}", unit="s", ok=enough, note=note
    )
    if not enough:
        context.finding("agreement.read_timeout", "warn")
    return True


def _said(context: Context, probe: str, name: str) -> Value:
    earlier = context.earlier.get(probe)
    return earlier.evidence.get(name) if earlier else None
