"""`--debug`: a trace of the events of a run on stderr, and the traceback of an internal error."""

import platform
import sys
import traceback

from diagnostics.engine.events import Event, Evidence, Finding, Finished, Started, Step
from diagnostics.redaction import mask_learned_secrets
from diagnostics.report.evidence_text import evidence_line
from diagnostics.terminal import encodable
from diagnostics.version import __version__

MARKS = {True: "as expected", False: "not as expected", None: ""}
"""Text for `Evidence.ok`."""


class Trace:
    """Observer that prints each event as one line; events were redacted when they were created."""

    def __init__(self, targets: str) -> None:
        _print_line(f"clearpay-doctor {__version__}, Python {platform.python_version()}, targets: {targets}")

    def observe(self, event: Event) -> None:
        """Print one event: seconds since the run began, probe, body of the event and endpoint."""
        key = event.key
        endpoint = key.endpoint if key.endpoint == key.target else f"{key.target} {key.endpoint}"
        _print_line(f"{event.at:9.4f} s  {key.probe:<12} {_body_text(event)}  [{endpoint}]")


def frames_of(error: BaseException) -> str:
    """Return the traceback of an error and of its causes, with secrets masked and without local variables."""
    return mask_learned_secrets("".join(traceback.format_exception(error)))


def _body_text(event: Event) -> str:
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


def _print_line(line: str) -> None:
    print(encodable(f"debug: {line}", sys.stderr), file=sys.stderr, flush=True)
