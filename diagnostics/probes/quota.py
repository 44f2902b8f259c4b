"""How much of the API's rate limits is left, and what uses them up?"""

from diagnostics.clients.clearpay_api.rate_limit_evidence import RETRY, read_limits
from diagnostics.clients.clearpay_api.rate_limits import Limit
from diagnostics.engine.context import Context, Earlier
from diagnostics.engine.probe import Safety
from diagnostics.errors import CannotTell, Skip
from diagnostics.targets.target import EndpointKind

QUESTION = "How much of the API's rate limits is left, and what uses them up?"
LAYER = "api"
APPLIES_TO: tuple[EndpointKind, ...] = ("https", "http")
NEEDS = ("reach",)
READS = ("key", "token")
FINDINGS = ("quota.token_storm", "quota.exhausted", "quota.low")
SAFETY: Safety = "local"
BUDGET = 2.0
ALONE = False
SENDS = "Nothing: it reads the headers of the answers that the probes key and token got."

STORM = 0.5
"""Requests for tokens by other requests from which tokens are not kept: a kept one serves hundreds."""


def run(context: Context, /) -> None:
    """Look at each limit that an answer named."""
    answers = [context.earlier[name] for name in READS if name in context.earlier]
    limits = {limit.name: limit for earlier in answers for limit in read_limits(earlier.evidence)}
    told = _told_to_wait(context, answers)
    if not limits and not told:
        _nothing_said(answers)
    spent = [limit for limit in limits.values() if limit.remaining == 0]
    for limit in limits.values():
        _show(context, limit)
    if spent or told:
        context.finding("quota.token_storm" if _storm(context, limits) else "quota.exhausted")
    elif any(_low(context, limit) for limit in limits.values()):
        context.finding("quota.low", "warn")


def _nothing_said(answers: list[Earlier]) -> None:
    """Raise Skip where the API names no limits, CannotTell where it could not be heard."""
    if any(earlier.outcome in {"unknown", "error"} for earlier in answers):
        raise CannotTell("the API was not heard: neither key nor token got an answer that names limits")
    raise Skip("no answer had a header about limits")


def _told_to_wait(context: Context, answers: list[Earlier]) -> bool:
    waits = [earlier.evidence[RETRY] for earlier in answers if RETRY in earlier.evidence]
    for seconds in waits:
        context.evidence("429, wait", seconds, ok=False)
    return bool(waits)


def _show(context: Context, limit: Limit) -> None:
    left, quota = limit.remaining, limit.quota
    of = f"of {quota:g} in a window" if quota is not None else "of an unknown number"
    reset = f", more in {limit.reset_s:g} s" if limit.reset_s is not None else ""
    note = f"{of}{reset}"
    name = f"requests left: {context.clean(limit.name)}".removesuffix(": ")
    context.evidence(name, left, ok=left != 0 and not _low(context, limit), note=note)


def _low(context: Context, limit: Limit) -> bool:
    if limit.remaining is None or not limit.quota:
        return False
    return limit.remaining / limit.quota <= context.thresholds.quota_left


def _storm(context: Context, limits: dict[str, Limit]) -> bool:
    """Whether the limit of token requests is spent, and by one token for every other call or two."""
    contract = context.target.settings.contract
    tokens, business = limits.get(contract.token_limit), limits.get(contract.business_limit)
    if tokens is None or business is None or tokens.remaining != 0:
        return False
    asked, worked = _used(tokens), _used(business)
    if asked is None or worked is None or asked < STORM * worked:
        return False
    context.evidence(
        "tokens asked for",
        asked,
        expected=f"fewer than {STORM:g} for each call",
        ok=False,
        note=f"beside {worked:g} other calls in the window",
    )
    return True


def _used(limit: Limit) -> float | None:
    if limit.quota is None or limit.remaining is None:
        return None
    return limit.quota - limit.remaining
