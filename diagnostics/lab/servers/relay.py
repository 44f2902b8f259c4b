"""Relay between two connections in both directions, in one thread: a TLS socket does not support two."""

import select
import socket
import ssl
from collections.abc import Callable

CHUNK = 65536
Send = Callable[[socket.socket, bytes], None]


def send_all(to: socket.socket, data: bytes) -> None:
    """Send all data."""
    to.sendall(data)


def relay(
    client: socket.socket,
    server: socket.socket,
    *,
    keep_running: Callable[[], bool],
    send: Send = send_all,
    poll: float = 1.0,
) -> bool:
    """Relay until one side ends, or until `keep_running` returns False; it is called every `poll` seconds.

    Returns True if a side ended. Raises OSError if one is reset.
    """
    other = {client: server, server: client}
    while keep_running():
        for source in _readable(client, server, poll):
            data = source.recv(CHUNK)
            if not data:
                return True
            send(other[source], data)
    return False


def connect(port: int) -> socket.socket:
    """Connect to a server on loopback."""
    server = socket.create_connection(("127.0.0.1", port), timeout=5)
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    server.settimeout(None)
    return server


def _readable(client: socket.socket, server: socket.socket, timeout: float) -> list[socket.socket]:
    # select() does not see data that TLS has already decrypted.
    if isinstance(client, ssl.SSLSocket) and client.pending():
        return [client]
    return select.select([client, server], [], [], timeout)[0]
