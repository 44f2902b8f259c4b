"""Scan on a Dask cluster: each span is a task, and a task that a lost worker had runs again elsewhere."""

import importlib
from collections.abc import Iterator, Sequence
from time import monotonic
from typing import Any, Final

from diagnostics.errors import UsageError, printable
from diagnostics.scan.spans import Span, SpanResult, reason_of, scan_span
from kb.scan.chunk import Scanner
from kb.scan.summary import Summary

_RETRIES: Final = 3
_CONNECT_S: Final = 10


def on_cluster(
    spans: Sequence[Span], scanner: Scanner, address: str, deadline: float
) -> Iterator[SpanResult]:
    """Yield the result of each span once, in the order in which the workers end them.

    Results of tasks that ran twice are equal, and only the one that the scheduler kept is returned. Raises
    UsageError if the cluster cannot be reached or the extra is missing.
    """
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError:
        raise UsageError("--cluster needs the extra: pip install 'clearpay-doctor[cluster]'") from None
    try:
        client = distributed.Client(address, timeout=_CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(f"--cluster {printable(address)}: {printable(str(error))}") from None
    with client, client.as_current():
        shared = client.scatter(scanner, broadcast=True)
        left = max(0.0, deadline - monotonic())
        futures = {
            client.submit(scan_span, span, shared, left, retries=_RETRIES, pure=False): span for span in spans
        }
        for future in distributed.as_completed(futures):
            problem = future.exception()
            if problem is None:
                yield future.result()
            else:
                reason = f"the cluster failed: {reason_of(problem)}"
                yield SpanResult(futures[future], Summary(), reason=reason)
