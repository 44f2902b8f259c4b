"""Comparison of the local clock with the Date of the API's response."""

from diagnostics.clients.clearpay_api.facts import ClockDifference
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.errors import CannotTell
from diagnostics.targets.target import EndpointKind

QUESTION = "Do this machine's clock and the API's agree?"
LAYER = "api"
APPLIES_TO: tuple[EndpointKind, ...] = ("https", "http")
NEEDS = ("reach",)
READS: tuple[str, ...] = ()
FINDINGS = ("clock.skew",)
SAFETY: Safety = "local"
BUDGET = 2.0
ALONE = False
SENDS = "Nothing: it reads the Date of the response to reach."


def run(context: Context, /) -> None:
    """Compare the difference that reach measured with the threshold."""
    measured = context.fact_of("reach", ClockDifference)
    if measured is None:
        raise CannotTell("the API's answer has no Date to compare with")
    difference = measured.seconds
    limit = context.thresholds.clock_skew_s
    agree = abs(difference) <= limit
    side = "ahead of" if difference > 0 else "behind"
    context.evidence(
        "clock difference",
        difference,
        expected=f"at most {limit:g} either way",
        unit="s",
        ok=agree,
        note=f"the API's clock is {abs(difference):g} s {side} ours",
    )
    if not agree:
        context.finding("clock.skew")
