"""Text of a verification: its state, and for each probe that is not green the reason, in one line."""

from collections.abc import Iterator
from typing import Literal

from diagnostics.report.model import Verification, VerifiedProbe

State = Literal["verified", "still_failing", "not_verified"]


def state_of(verification: Verification) -> State:
    """Return the state in a word of the terminal's table."""
    if verification.failing:
        return "still_failing"
    return "verified" if verification.green else "not_verified"


def reasons(verification: Verification) -> Iterator[tuple[str, str, str]]:
    """Yield probe, state and reason of each probe that is not green, those first that keep the entry open.

    A reason that concerns the whole entry has neither probe nor state.
    """
    if verification.reason:
        yield "", "", verification.reason
    several = len({probe.target for probe in verification.probes}) > 1
    for probe in sorted(verification.probes, key=lambda item: not item.open):
        if probe.state != "green":
            name = f"{probe.probe} on {probe.target}" if several else probe.probe
            yield name, _state(probe), probe.reason


def _state(probe: VerifiedProbe) -> str:
    """Return the beginning of the line of a probe, which its reason completes."""
    match probe.state:
        case "finding":
            return "still finds "
        case "not applicable":
            return "does not apply: "
        case "skipped" if not probe.open:
            return "skipped, and not needed: "
        case _:
            return f"{probe.state}: "
