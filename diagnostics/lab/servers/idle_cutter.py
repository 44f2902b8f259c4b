"""A network device that drops idle connections, as firewalls do."""

import socket
import time

from diagnostics.lab.servers.listener import POLL_S, Listener
from diagnostics.lab.servers.relay import connect, relay


class IdleCutter(Listener):
    """Relay that closes both sides of a connection after `idle_s` seconds without data."""

    def __init__(self, upstream: int, idle_s: float) -> None:
        super().__init__()
        self._upstream = upstream
        self._idle_s = idle_s

    def handle(self, client: socket.socket) -> None:
        """Relay one connection until it ends or idles."""
        latest = time.monotonic()

        def send(to: socket.socket, data: bytes) -> None:
            nonlocal latest
            latest = time.monotonic()
            to.sendall(data)

        def busy() -> bool:
            return time.monotonic() - latest < self._idle_s and not self.ending.is_set()

        with connect(self._upstream) as server:
            relay(client, server, keep_running=busy, send=send, poll=POLL_S)
