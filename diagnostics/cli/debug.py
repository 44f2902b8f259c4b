"""`--debug`: on stderr, what a run does as it does it, and where an error of the program itself arose."""

import platform
import sys
import traceback

from diagnostics.engine.events import Event, Evidence, Finding, Finished, Started, Step
from diagnostics.redaction import mask_learned_secrets
from diagnostics.report.evidence_text import evidence_line
from diagnostics.terminal import encodable
from diagnostics.version import __version__

MARKS = {True: "as expected", False: "not as expected", None: ""}


class Trace:
    """Hears every event. What it prints was redacted where it was made; whole lines, for `grep`."""

    def __init__(self, targets: str) -> None:
        _say(f"clearpay-doctor {__version__}, Python {platform.python_version()}, targets: {targets}")

    def observe(self, event: Event) -> None:
        """Print one event: seconds since the run began, the probe, what happened, on what."""
        key = event.key
        place = key.endpoint if key.endpoint == key.target else f"{key.target} {key.endpoint}"
        _say(f"{event.at:9.4f} s  {key.probe:<12} {_told(event)}  [{place}]")


def frames_of(error: BaseException) -> str:
    """Python's traceback of an error and of what led to it: no values of variables, secrets masked."""
    return mask_learned_secrets("".join(traceback.format_exception(error)))


def _told(event: Event) -> str:
    match event.body:
        case Started():
            return "started"
        case Step(name=name, ms=ms, detail=detail):
            return f"step {name}: {ms:.3f} ms" + (f", {detail}" if detail else "")
        case Evidence() as item:
            mark = MARKS[item.ok]
            return f"evidence {evidence_line(item)}" + (f", {mark}" if mark else "")
        case Finding(code=code, level=level):
            return f"finding {code}, {level}"
        case Finished(outcome=outcome, reason=reason, ms=ms):
            return f"finished {outcome} after {ms:.3f} ms" + (f": {reason}" if reason else "")


def _say(line: str) -> None:
    print(encodable(f"debug: {line}", sys.stderr), file=sys.stderr, flush=True)
