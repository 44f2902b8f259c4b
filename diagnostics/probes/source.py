"""Does the code do what leads to a known error?"""

from diagnostics.context import Context
from diagnostics.probe import Safety
from diagnostics.target import EndpointKind

LAYER = "source"
APPLIES_TO: tuple[EndpointKind, ...] = ("source", "path")
NEEDS: tuple[str, ...] = ()
READS: tuple[str, ...] = ()
FINDINGS = ("source.cpu_in_async", "source.blocking_call_in_async", "source.executor_holds_gil")
SAFETY: Safety = "local"
BUDGET = 25.0
ALONE = False
SENDS = "Nothing: it reads files."


def run(context: Context, /) -> None:
    """Look."""
