"""Does the API answer quickly, and if not, which part of a request takes the time?"""

from diagnostics.clients.clearpay_api.requests import ask, phases_text
from diagnostics.clients.config.shared_evidence import FASTEST
from diagnostics.clients.http.messages import Answer, Phases
from diagnostics.clients.http.no_answer import NoAnswer
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.errors import CannotTell
from diagnostics.targets.target import EndpointKind

QUESTION = "Does the API answer quickly, and if not, which part of a request takes the time?"
LAYER = "api"
APPLIES_TO: tuple[EndpointKind, ...] = ("https", "http")
NEEDS = ("reach",)
READS: tuple[str, ...] = ()
FINDINGS = ("latency.first_byte", "latency.body")
SAFETY: Safety = "remote"
BUDGET = 16.0
ALONE = True
SENDS = "One GET of the health path, up to three where it is slow."

SAMPLES = 3


def run(context: Context, /) -> None:
    """Ask until one answer is quick, at most three times: one slow answer is chance."""
    limit = context.thresholds.api_slow_ms
    best = _ask(context)
    for _ in range(SAMPLES - 1):
        if best.total <= limit:
            break
        best = min(best, _ask(context), key=lambda phases: phases.total)
    slow = best.total > limit
    context.evidence(
        FASTEST,
        round(best.total, 1),
        expected=f"at most {limit:g}",
        unit="ms",
        ok=not slow,
        note=phases_text(best),
    )
    if slow:
        _blame(context, best)


def _ask(context: Context) -> Phases:
    path = context.target.settings.contract.health_path
    try:
        answer: Answer = ask(context, path)
    except NoAnswer as missing:
        raise CannotTell(f"GET {path} got no answer: {missing.problem}: {missing.detail}") from None
    return answer.phases


def _blame(context: Context, phases: Phases) -> None:
    """Name the phase that takes most of the time."""
    parts = {
        "resolving the name": phases.resolve,
        "connecting": phases.connect,
        "the TLS handshake": phases.tls,
        "first_byte": phases.first_byte,
        "body": phases.body,
    }
    slowest = max(parts, key=lambda part: parts[part])
    if f"latency.{slowest}" in FINDINGS:
        context.finding(f"latency.{slowest}")
    else:
        context.unknown(f"most of the time goes into {slowest}, before the API sees the request")
