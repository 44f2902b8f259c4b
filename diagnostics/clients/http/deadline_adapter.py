"""One request under watch: its phases are timed, and its connection is cut at the deadline.

Timeouts of `requests` hold for one read each, so a server that sends a byte now and then stretches them for
ever. A timer that shuts the socket holds for all of them: handshake, headers and body.
"""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Self

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool


class Stopwatch:
    """Adds up the seconds of one phase."""

    def __init__(self) -> None:
        self.seconds = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run meanwhile."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds += time.perf_counter() - began


class Watch:
    """Holds one request to its deadline. A context manager: nothing of it is left when it ends."""

    def __init__(self, seconds: float) -> None:
        self.expired = False
        self.connect = Stopwatch()
        """Until TCP was connected, over all addresses that were tried."""
        self.open = Stopwatch()
        """Until the connection could be used: TCP, a proxy's tunnel and TLS."""
        self._twin: socket.socket | None = None
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()
        if self._twin:
            self._twin.close()

    @property
    def connected(self) -> bool:
        """Whether TCP was connected at all."""
        return self._twin is not None

    def adopt(self, opened: socket.socket) -> None:
        """Watch a connection. Its twin stays valid when TLS takes the socket over."""
        if self._twin:
            self._twin.close()
        self._twin = opened.dup()
        if self.expired:
            self._cut()

    def _cut(self) -> None:
        self.expired = True
        if self._twin:
            try:
                self._twin.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it has ended by itself


class WatchedAdapter(HTTPAdapter):
    """Makes the connections of `requests` report to a watch; everything else is as applications have it."""

    def __init__(self, watch: Watch) -> None:
        self._pools = _pools(watch)
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools, as `requests` does, of watched connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Make the pools of a proxy, likewise."""
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager


def _pools(watch: Watch) -> dict[str, Any]:
    def dial(connect: Callable[[], socket.socket]) -> socket.socket:
        with watch.connect.running():
            opened = connect()
        watch.adopt(opened)
        return opened

    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return dial(super()._new_conn)

        def connect(self) -> None:
            with watch.open.running():
                super().connect()

    class Encrypted(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return dial(super()._new_conn)

        def connect(self) -> None:
            with watch.open.running():
                super().connect()

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    return {"http": PlainPool, "https": EncryptedPool}
