"""Interface of a probe: a module that answers one question about an endpoint and only reads."""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from diagnostics.engine.context import Context
from diagnostics.engine.deadline import DEFAULT_RUN_S
from diagnostics.targets.settings import Thresholds
from diagnostics.targets.target import EndpointKind, Target

Safety = Literal["local", "remote", "active"]


class Probe(Protocol):
    """Attributes and function of a module of `diagnostics.probes`."""

    @property
    def QUESTION(self) -> str:  # noqa: N802  a module's constant
        """Question that the probe answers, in one sentence for people."""

    @property
    def LAYER(self) -> str:  # noqa: N802
        """Layer of the entries that its findings confirm."""

    @property
    def APPLIES_TO(self) -> Sequence[EndpointKind]:  # noqa: N802
        """Kinds of endpoints that the probe can examine."""

    @property
    def NEEDS(self) -> Sequence[str]:  # noqa: N802
        """Probes that must end as pass, warn or unknown first; otherwise this one is `blocked`."""

    @property
    def READS(self) -> Sequence[str]:  # noqa: N802
        """Probes that must have ended first, with any outcome; `Context.earlier` has their results."""

    @property
    def FINDINGS(self) -> Sequence[str]:  # noqa: N802
        """Codes of the findings that the probe may record."""

    @property
    def SAFETY(self) -> Safety:  # noqa: N802
        """`local` reads files, `remote` reads a server, `active` is intrusive: it causes load or effects."""

    @property
    def BUDGET(self) -> float:  # noqa: N802
        """Seconds after which the engine abandons the probe."""

    @property
    def ALONE(self) -> bool:  # noqa: N802
        """True if the probe measures times or samples: no other probe runs on its target meanwhile."""

    @property
    def SENDS(self) -> str:  # noqa: N802
        """Connections, logins and statements that the server sees, in one sentence."""

    def run(self, context: Context, /) -> None:
        """Examine the endpoint of `context` and record the results there."""


def budget_of(probe: Probe, target: Target, deadline_s: float) -> float:
    """Return the seconds that the probe may take on a target, in a run of at most `deadline_s` seconds.

    Work on files and logs may use a deadline that is longer than the default. A wait on a server keeps its
    budget, which is longer by as much as the target makes the probe's window longer: a probe with a window
    has the name of its threshold in WINDOW.
    """
    budget = probe.BUDGET
    if probe.SAFETY == "local" and deadline_s > DEFAULT_RUN_S:
        budget = max(budget, deadline_s)
    if window := getattr(probe, "WINDOW", ""):
        budget += max(0.0, getattr(target.thresholds, window) - getattr(Thresholds(), window))
    return min(budget, deadline_s)


def inapplicable(probe: Probe, target: Target) -> str:
    """Return the reason why a probe does not apply to a target whatever its options; empty if it does.

    The probe's module has the function `inapplicable(target)` if the kind of endpoint does not tell.
    """
    reason: Callable[[Target], str] | None = getattr(probe, "inapplicable", None)
    return reason(target) if reason else ""


def borrowed(probe: Probe, target: Target) -> frozenset[str]:
    """Return the names of the shared resources that a probe uses on a target.

    The probe has the method `borrows(target)` if it uses any.
    """
    borrows: Callable[[Target], frozenset[str]] | None = getattr(probe, "borrows", None)
    return borrows(target) if borrows else frozenset()


def statements_of(probe: Probe, target: Target) -> tuple[str, ...]:
    """Return the statements that a probe sends as its record has them; empty for a probe in Python."""
    statements: Callable[[Target], tuple[str, ...]] | None = getattr(probe, "statements", None)
    return statements(target) if statements else ()
