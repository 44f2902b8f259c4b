"""The payments service as a WSGI application (PEP 3333), for gunicorn; it imports the standard library only.

Each worker answers one request at a time: /healthz at once, /validate after computing, /limits after waiting
as for a slow database.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any

UNIT_S = 0.04
"""CPU time of a validation."""
WAIT_S = 0.1
"""Waiting time of a query for limits."""
ITEMS = 300_000
BODY = b'{"status":"ok"}'
StartResponse = Callable[[str, list[tuple[str, str]]], object]


def validate() -> None:
    """Compute for UNIT_S."""
    until = time.thread_time() + UNIT_S
    while time.thread_time() < until:
        sum(range(ITEMS))


def read_limits() -> None:
    """Wait as a synchronous driver does."""
    time.sleep(WAIT_S)


def no_work() -> None:
    """Do nothing."""


ROUTES: dict[str, Callable[[], None]] = {
    "/healthz": no_work,
    "/validate": validate,
    "/limits": read_limits,
}


def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
    """Answer one request."""
    work = ROUTES.get(environ["PATH_INFO"])
    if work is None:
        start_response("404 Not Found", [("Content-Length", "0")])
        return []
    work()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))]
    start_response("200 OK", headers)
    return [BODY]
