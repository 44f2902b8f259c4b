"""Rate limits that the API, or a proxy in front of it, showed to the probes reach, key and token."""

from diagnostics.clients.clearpay_api.proxy_limits import ProxyRefusal
from diagnostics.clients.clearpay_api.rate_limit_evidence import wait_text
from diagnostics.clients.clearpay_api.rate_limits import Limit, RateLimits
from diagnostics.engine.context import Context, Earlier
from diagnostics.engine.probe import Safety
from diagnostics.errors import CannotTell, Skip
from diagnostics.targets.target import EndpointKind

QUESTION = "How much of the rate limits is left, whose are they, and what uses them up?"
LAYER = "api"
APPLIES_TO: tuple[EndpointKind, ...] = ("https", "http")
NEEDS = ("reach",)
READS = ("key", "token")
FINDINGS = ("quota.proxy_limit", "quota.token_storm", "quota.exhausted", "quota.low")
SAFETY: Safety = "local"
BUDGET = 2.0
ALONE = False
SENDS = "Nothing: it reads the responses to the probes reach, key and token."

TOKENS_PER_CALL = 0.5
"""Token requests per other request from which tokens are not cached: a cached one serves hundreds."""


def run(context: Context, /) -> None:
    """Judge each limit that a response reported."""
    earlier_results = [context.earlier[name] for name in (*NEEDS, *READS) if name in context.earlier]
    refusals = [fact for earlier in earlier_results for fact in earlier.facts_of(ProxyRefusal)]
    if refusals and _judge_proxy(context, refusals):
        return
    responses = [response for earlier in earlier_results for response in earlier.facts_of(RateLimits)]
    limits = {limit.name: limit for response in responses for limit in response.limits}
    unreadable = sorted({header for response in responses for header in response.unreadable})
    throttled = _was_throttled(context, responses)
    for header in unreadable:
        context.unknown(f"a rate limit cannot be read, so nobody knows what is left of it: {header}")
    if not limits and not throttled:
        if refusals or unreadable:
            return
        _raise_no_limits(earlier_results)
    exhausted = [limit for limit in limits.values() if limit.remaining == 0 and not limit.unlimited]
    for limit in limits.values():
        _report_limit(context, limit)
    if exhausted or throttled:
        context.finding(
            "quota.token_storm" if _requests_too_many_tokens(context, limits) else "quota.exhausted"
        )
    elif any(_is_low(context, limit) for limit in limits.values()):
        context.finding("quota.low", "warn")


def _judge_proxy(context: Context, refusals: list[ProxyRefusal]) -> bool:
    """Report the limit of a proxy; return True if it is certain that others than this run use it up."""
    first = refusals[0]
    note = f"by {first.server}, not by the API"
    context.evidence("refused by a proxy", first.status, expected=200, ok=False, note=note)
    certain = any(each.proven for each in refusals) and not all(each.own_pace for each in refusals)
    context.finding("quota.proxy_limit", "fail" if certain else "warn")
    return certain


def _raise_no_limits(earlier_results: list[Earlier]) -> None:
    """Raise Skip if the API reports no limits, CannotTell if it was not reached."""
    if any(earlier.outcome in {"unknown", "error"} for earlier in earlier_results):
        raise CannotTell("neither key nor token got a response of the API that reports limits")
    raise Skip("no response had a rate limit header")


def _was_throttled(context: Context, responses: list[RateLimits]) -> bool:
    """Report the delays that 429 responses requested; return True if there are any."""
    refused = [response for response in responses if response.refused]
    for response in refused:
        context.evidence("429, wait", wait_text(response.wait_s), ok=False)
    return bool(refused)


def _report_limit(context: Context, limit: Limit) -> None:
    remaining, quota = limit.remaining, limit.quota
    of = f"of {quota:g} in a window" if quota is not None else "of an unknown number"
    reset = f", more in {limit.reset_s:g} s" if limit.reset_s is not None else ""
    note = f"{of}{reset}"
    name = f"requests left: {context.clean(limit.name)}".removesuffix(": ")
    if limit.unlimited:
        context.evidence(name, "unlimited", ok=True, note="limit 0 of which 0 are left: there is none")
        return
    context.evidence(name, remaining, ok=remaining != 0 and not _is_low(context, limit), note=note)


def _is_low(context: Context, limit: Limit) -> bool:
    if limit.remaining is None or not limit.quota:
        return False
    return limit.remaining / limit.quota <= context.thresholds.quota_left


def _requests_too_many_tokens(context: Context, limits: dict[str, Limit]) -> bool:
    """Return True if token requests exhausted their limit, with a token for every other call or more."""
    contract = context.target.settings.contract
    tokens, business = limits.get(contract.token_limit), limits.get(contract.business_limit)
    if tokens is None or business is None or tokens.remaining != 0:
        return False
    requested, calls = _used(tokens), _used(business)
    if requested is None or calls is None or requested < TOKENS_PER_CALL * calls:
        return False
    context.evidence(
        "tokens asked for",
        requested,
        expected=f"fewer than {TOKENS_PER_CALL:g} for each call",
        ok=False,
        note=f"beside {calls:g} other calls in the window",
    )
    return True


def _used(limit: Limit) -> float | None:
    if limit.quota is None or limit.remaining is None:
        return None
    return limit.quota - limit.remaining
