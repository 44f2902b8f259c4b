"""Bytes between two connections, both ways, in one thread: TLS sockets do not bear two."""

import select
import socket
import ssl
from collections.abc import Callable

CHUNK = 65536
Send = Callable[[socket.socket, bytes], None]


def at_once(to: socket.socket, data: bytes) -> None:
    """Send all; a TLS socket encrypts it."""
    to.sendall(data)


def relay(
    client: socket.socket,
    server: socket.socket,
    *,
    go_on: Callable[[], bool],
    send: Send = at_once,
    poll: float = 1.0,
) -> bool:
    """Pass bytes on until one side ends, or until `go_on`, asked every `poll` seconds at least, says no.

    Returns whether a side ended. Raises OSError where one broke off.
    """
    other = {client: server, server: client}
    while go_on():
        for source in _readable(client, server, poll):
            data = source.recv(CHUNK)
            if not data:
                return True
            send(other[source], data)
    return False


def connect(port: int) -> socket.socket:
    """A connection to a server on loopback."""
    server = socket.create_connection(("127.0.0.1", port), timeout=5)
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server.settimeout(None)
    return server


def _readable(client: socket.socket, server: socket.socket, timeout: float) -> list[socket.socket]:
    # What TLS has already decrypted does not show on the socket.
    if isinstance(client, ssl.SSLSocket) and client.pending():
        return [client]
    return select.select([client, server], [], [], timeout)[0]
