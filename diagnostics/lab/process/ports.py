"""Ports of servers that are reserved before the server starts and while it is down."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def reserved_port() -> Iterator[int]:
    """Reserve a free port while the server is down: bound but not listening, it refuses connections."""
    with socket.socket() as reservation:
        # With SO_REUSEADDR on both sockets, Linux lets the server listen on the same port.
        reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        reservation.bind(("127.0.0.1", 0))
        yield int(reservation.getsockname()[1])
