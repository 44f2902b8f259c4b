"""Transport adapter of `requests` that times the phases of a connection and applies a deadline to it."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from diagnostics.clients.http.socket_deadline import SocketDeadline


class Stopwatch:
    """Sum of the seconds of one phase."""

    def __init__(self) -> None:
        self.seconds = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Measure the block."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds += time.perf_counter() - began


class DeadlineAdapter(HTTPAdapter):
    """Adapter whose connections are watched by a deadline; everything else is as applications have it."""

    def __init__(self, deadline: SocketDeadline) -> None:
        self.connect = Stopwatch()
        """TCP connect, over all addresses that were tried."""
        self.open = Stopwatch()
        """Everything until the connection can be used: TCP, a proxy's tunnel and TLS."""
        self._pools = _pools(deadline, self.connect, self.open)
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Create the pools of `requests` with watched connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """Build the response without its cookies: no probe uses them, and their parser prints tracebacks."""
        message = getattr(getattr(resp, "_original_response", None), "msg", None)
        if message is not None:
            for name in ("Set-Cookie", "Set-Cookie2"):
                del message[name]
        return super().build_response(req, resp)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Create the pools of a proxy with watched connections."""
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager


def _pools(deadline: SocketDeadline, connecting: Stopwatch, opening: Stopwatch) -> dict[str, Any]:
    def watched(connect: Callable[[], socket.socket]) -> socket.socket:
        with connecting.running():
            connected = connect()
        deadline.watch(connected)
        return connected

    class PlainConnection(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return watched(super()._new_conn)

        def connect(self) -> None:
            with opening.running():
                super().connect()

    class TlsConnection(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return watched(super()._new_conn)

        def connect(self) -> None:
            with opening.running():
                super().connect()

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = PlainConnection

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = TlsConnection

    return {"http": PlainPool, "https": TlsPool}
