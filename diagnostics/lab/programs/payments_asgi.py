"""The payments service as an ASGI application, for uvicorn; it imports the standard library only.

/healthz answers at once. /validate computes and /limits waits within the event loop, as flawed code does;
/offloaded computes in a process and /awaited waits without blocking, as correct code does.
"""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from typing import Any

UNIT_S = 0.04
"""CPU time of a validation."""
WAIT_S = 0.1
"""Waiting time of a query for limits."""
ITEMS = 300_000
NICE = 5
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


def compute() -> None:
    """Compute for UNIT_S while holding the GIL."""
    until = time.thread_time() + UNIT_S
    while time.thread_time() < until:
        sum(range(ITEMS))


def step_back() -> None:
    """Lower the priority below the loop's, and end at SIGTERM: the handler is the server's."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.nice(NICE)


@cache
def processes() -> ProcessPoolExecutor:
    """Return the pool of this worker."""
    return ProcessPoolExecutor(1, initializer=step_back)


async def no_work() -> None:
    """Do nothing."""


async def validate() -> None:
    """Compute within the event loop."""
    compute()


async def read_limits() -> None:
    """Block the event loop as a synchronous driver does."""
    time.sleep(WAIT_S)  # noqa: ASYNC251  the flaw


async def offloaded() -> None:
    """Compute in another process."""
    await asyncio.get_running_loop().run_in_executor(processes(), compute)


async def awaited() -> None:
    """Wait without blocking the event loop."""
    await asyncio.sleep(WAIT_S)


ROUTES: dict[str, Callable[[], Awaitable[None]]] = {
    "/healthz": no_work,
    "/validate": validate,
    "/limits": read_limits,
    "/offloaded": offloaded,
    "/awaited": awaited,
}


async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Answer one request, or the messages about start and end of the server."""
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
        return
    work = ROUTES.get(scope["path"])
    if work:
        await work()
    body = b'{"status":"ok"}' if work else b""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200 if work else 404, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return
