"""Duration of a GET of the health path, and the phase that takes most of it."""

from http import HTTPStatus

from diagnostics.clients.clearpay_api.facts import FastestAnswer
from diagnostics.clients.clearpay_api.proxy_limits import is_refusal, send_at_pace
from diagnostics.clients.clearpay_api.requests import foreign_response_text, phases_text
from diagnostics.clients.http.messages import Phases
from diagnostics.clients.http.no_response import NoResponse
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
SENDS = "One GET of the health path, up to three if it is slow."

SAMPLES = 3


def run(context: Context, /) -> None:
    """Send requests until one is quick, at most three: a single slow response may be chance."""
    limit = context.thresholds.api_slow_ms
    answers = _answers(context, limit)
    best = min(answers, key=lambda phases: phases.total)
    slow, fastest_ms = best.total > limit, round(best.total, 1)
    context.share(FastestAnswer(fastest_ms))
    context.evidence(
        "fastest answer",
        fastest_ms,
        expected=f"at most {limit:g}",
        unit="ms",
        ok=not slow,
        note=phases_text(best),
    )
    if slow and len(answers) == SAMPLES:
        _judge_slowest_phase(context, best)


def _answers(context: Context, limit: float) -> list[Phases]:
    """Return the answers until one is quick. Raises CannotTell if there is none.

    A later request without an answer leaves the question open, since too few were seen.
    """
    answers = [_measure(context)]
    while answers[-1].total > limit and len(answers) < SAMPLES:
        try:
            answers.append(_measure(context))
        except CannotTell as reason:
            context.unknown(f"saw {len(answers)} slow of {SAMPLES} answers: {reason}", first=True)
            break
    return answers


def _measure(context: Context) -> Phases:
    path = context.target.settings.contract.health_path
    try:
        response = send_at_pace(context, path)
    except NoResponse as failure:
        raise CannotTell(f"GET {path} got no answer: {failure.problem}: {failure.detail}") from None
    if is_refusal(response):
        raise CannotTell(f"GET {path}: {foreign_response_text(response)}")
    if response.status != HTTPStatus.OK:
        raise CannotTell(
            f"GET {path} answered {response.status}: the time of an error is not that of the API"
        )
    return response.phases


def _judge_slowest_phase(context: Context, phases: Phases) -> None:
    """Report the phase that takes most of the time."""
    durations = {
        "resolving the name": phases.resolve,
        "connecting": phases.connect,
        "the TLS handshake": phases.tls,
        "first_byte": phases.first_byte,
        "body": phases.body,
    }
    slowest = max(durations, key=lambda phase: durations[phase])
    if f"latency.{slowest}" in FINDINGS:
        context.finding(f"latency.{slowest}")
    else:
        context.unknown(f"most of the time is spent on {slowest}, before the API sees the request")
