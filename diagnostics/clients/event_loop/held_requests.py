"""Incomplete requests: workers that hold one request each are occupied by them, an event loop is not."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from urllib.parse import urlsplit

from diagnostics.clients.event_loop.load_generator import TIMEOUT_S, open_connections
from diagnostics.clients.http.keepalive_connection import KeepAliveConnection, TimedResponse
from diagnostics.clients.http.request_target import request_target
from diagnostics.clients.http.socket_deadline import SocketDeadline
from diagnostics.engine.deadline import Deadline

HOLD_S = 0.5
"""Seconds for which requests are kept incomplete: far longer than a free server needs for an answer."""
ACCEPT_S = 0.1
"""Seconds for the server to accept the connections."""
SETTLE_S = 2.0
"""Seconds for the service to finish earlier work."""
Connect = Callable[[SocketDeadline], KeepAliveConnection]


def hold_requests(connect: Connect, url: str, count: int, limit_ms: float, deadline: Deadline) -> bool | None:
    """Return True if `count` incomplete requests keep a request for `url` waiting until they end.

    Returns False if it is answered meanwhile, None if neither could be observed. `connect` opens a connection
    for `url`, which is at rest once it answers within `limit_ms`. Raises OutOfTime.
    """
    if not _at_rest(connect, limit_ms, deadline):
        return None
    with ExitStack() as stack:
        held = [stack.enter_context(opened) for opened in _begin(url, count, deadline)]
        if len(held) < count:
            return None
        time.sleep(ACCEPT_S)
        (probe,) = stack.enter_context(open_connections(connect, 1, deadline))
        responses: list[TimedResponse] = []
        thread = threading.Thread(
            target=lambda: responses.append(probe.measure(HOLD_S + TIMEOUT_S)), daemon=True
        )
        thread.start()
        thread.join(HOLD_S)
        answered_meanwhile = bool(responses)
        for connection in held:
            _complete(connection, url)
        thread.join(deadline.within(TIMEOUT_S))
    if not responses or not responses[0].ok:
        return None
    return not answered_meanwhile


def _at_rest(connect: Connect, limit_ms: float, deadline: Deadline) -> bool:
    until = time.monotonic() + SETTLE_S
    with open_connections(connect, 1, deadline) as (connection,):
        while time.monotonic() < until:
            response = connection.measure(deadline.within(TIMEOUT_S))
            if response.ok and response.ms <= limit_ms:
                return True
    return False


def _begin(url: str, count: int, deadline: Deadline) -> list[socket.socket]:
    """Open connections; with plain HTTP send a request without its last line, with TLS no handshake."""
    parts = urlsplit(url)
    address = (parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
    opened = []
    with suppress(OSError, UnicodeError):  # a name that the resolver's encoding refuses
        for _ in range(count):
            opened.append(socket.create_connection(address, timeout=deadline.within(TIMEOUT_S)))
            if parts.scheme == "http":
                opened[-1].sendall(_head(url).encode("ascii"))
    return opened


def _head(url: str) -> str:
    host = urlsplit(url).netloc.rpartition("@")[2].encode("idna").decode("ascii")
    return f"GET {request_target(url)} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: clearpay-doctor\r\n"


def _complete(connection: socket.socket, url: str) -> None:
    """Complete the request, so that the server's log has no broken one."""
    with suppress(OSError):
        if urlsplit(url).scheme == "http":
            connection.sendall(b"Connection: close\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
