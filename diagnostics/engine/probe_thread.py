"""Thread of one probe: runs it to its end and turns whatever it raises into an outcome."""

import time
from collections.abc import Callable

from diagnostics.engine.context import Context
from diagnostics.engine.events import Body, Finished
from diagnostics.engine.probe import Probe
from diagnostics.errors import CannotTell, Skip


def run_probe(probe: Probe, context: Context, put: Callable[[Body], None]) -> None:
    """Run a probe and put its `Finished`, also if it raises.

    The only broad `except` of the project is here: a bug of one probe must not end the others.
    """
    started = time.monotonic()
    try:
        probe.run(context)
        undeclared = context.codes - set(probe.FINDINGS)
        finished = _outcome(context) if not undeclared else _bug(f"undeclared findings {sorted(undeclared)}")
    except Skip as skip:
        finished = Finished(outcome="skipped", reason=str(skip))
    except CannotTell as error:
        context.unknown(str(error))
        finished = _outcome(context)
    except Exception as error:  # noqa: BLE001  a failed probe is a result, not the end of the run
        from diagnostics.errors import frame_names  # noqa: PLC0415  a rare path of a cold start

        context.evidence("traceback", frame_names(error), ok=False)
        finished = _bug(f"{type(error).__name__}: {error}")
    reason = context.clean(finished.reason)
    ms = round((time.monotonic() - started) * 1000, 3)
    put(Finished(outcome=finished.outcome, reason=reason, ms=ms))


def _outcome(context: Context) -> Finished:
    """Return fail, else unknown, else warn, else pass: the order of the roll-up."""
    reason = "; ".join((*context.unknowns, *context.remarks))
    if "fail" in context.levels:
        return Finished(outcome="fail", reason=reason)
    if context.unknowns:
        return Finished(outcome="unknown", reason=reason)
    return Finished(outcome="warn" if "warn" in context.levels else "pass", reason=reason)


def _bug(error: str) -> Finished:
    return Finished(outcome="error", reason=f"bug in the probe: {error}")
