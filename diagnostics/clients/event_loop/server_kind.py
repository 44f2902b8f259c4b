"""Kind of an HTTP server: an event loop, or workers that hold one request each. Pure functions.

Headers: what the servers send themselves (uvicorn 0.54, gunicorn 27, Werkzeug 3.1 were measured; hypercorn,
daphne, aiohttp, Tornado, Twisted, waitress, wsgiref, Cheroot, mod_wsgi by their source). A proxy in front
replaces them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from diagnostics.clients.event_loop.server_processes import ProcessTraits

Kind = Literal["event loop", "workers", "unknown"]
LOOPS: Final = (
    "uvicorn",
    "gunicorn/asgi",
    "hypercorn",
    "daphne",
    "aiohttp",
    "asyncio",
    "tornadoserver",
    "twistedweb",
)
GUNICORN: Final = "gunicorn"
"""Header of its workers `sync` and `gthread`, which have no event loop, and of `gevent`, which has one."""
WORKERS: Final = ("waitress", "werkzeug", "wsgiserver", "cheroot", "cherrypy", "mod_wsgi")
GEVENT: Final = "gevent"


@dataclass(frozen=True, slots=True)
class ServerKind:
    """Kind of a server, and the observation that shows it."""

    kind: Kind
    reason: str


@dataclass(frozen=True, slots=True)
class ServerHeaders:
    """Headers of a response that depend on the server."""

    server: str = ""
    """Server header; empty if there is none."""
    closes: bool = False
    """True if the server closes the connection after the response, although the client would keep it."""


def server_kind(
    headers: ServerHeaders, traits: ProcessTraits | None = None, *, held: bool | None = None
) -> ServerKind:
    """Return the kind of a server by its headers, its processes, or the effect of incomplete requests.

    `traits` is None if the processes cannot be seen. `held` is true if incomplete requests kept a complete
    one waiting until they ended, None if that was not tried.
    """
    found = _by_header(headers) or (_by_processes(headers, traits) if traits else None)
    if found:
        return found
    if held:
        return ServerKind("workers", "incomplete requests occupy all workers until they end")
    return ServerKind("unknown", _unknown_reason(headers, traits))


def names_server(headers: ServerHeaders) -> bool:
    """Return True if the headers are those of the server itself, and not of a proxy that buffers requests."""
    name = headers.server.lower()
    return any(known in name for known in (*LOOPS, GUNICORN, *WORKERS))


def _by_header(headers: ServerHeaders) -> ServerKind | None:
    name = headers.server.lower()
    note = f"header Server: {headers.server}"
    if any(loop in name for loop in LOOPS):
        return ServerKind("event loop", note)
    if any(workers in name for workers in WORKERS):
        return ServerKind("workers", note)
    if name.startswith(GUNICORN) and headers.closes:
        return ServerKind("workers", f"{note}, which closes each connection: sync workers")
    return None


def _by_processes(headers: ServerHeaders, traits: ProcessTraits) -> ServerKind | None:
    if not traits.polls:
        return ServerKind("workers", f"{_count(traits.pids)} without epoll: one connection at a time")
    if headers.server.lower().startswith(GUNICORN) and traits.library != GEVENT:
        return ServerKind("workers", f"header Server: {headers.server}, {_count(traits.pids)} without gevent")
    if traits.library:
        return ServerKind("event loop", f"{_count(traits.pids)} with epoll and {traits.library}")
    return None


def _unknown_reason(headers: ServerHeaders, traits: ProcessTraits | None) -> str:
    server = (
        f"the header Server: {headers.server} can be of either kind" if headers.server else "no header Server"
    )
    return server if traits else f"{server}, and the process is not visible"


def _count(pids: Sequence[int]) -> str:
    return f"process {pids[0]}" if len(pids) == 1 else f"{len(pids)} processes"
