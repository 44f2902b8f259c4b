"""HTTP/1.1 connection to one URL: bounded in time and size, and reopened after the server has closed it.

Built on `http.client`: a call of `requests` costs more CPU than an idle event loop needs to answer it.
"""

import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Self
from urllib.parse import urlsplit

from diagnostics.clients.http.health_answer import health_problem
from diagnostics.clients.http.messages import MAX_BODY_BYTES
from diagnostics.clients.http.request_target import request_target
from diagnostics.clients.http.socket_deadline import SocketDeadline

PARSER_ERRORS = (ValueError, LookupError, ArithmeticError)
"""Errors of `http.client` for chunk sizes, lengths and names that it does not expect."""
NO_RESPONSE = 0
"""Status of a request that got no response."""


class UnreadableResponse(HTTPException):
    """A response that `http.client` cannot parse; the message is its own error."""


@dataclass(frozen=True, slots=True)
class TimedResponse:
    """Outcome of one request and the milliseconds until it was known."""

    status: int
    """HTTP status, or `NO_RESPONSE`."""
    ms: float
    error: str = ""
    """Message of the failure; empty if there was a response."""
    problem: str = ""
    """Reason why the body is not that of a success; empty if it is."""

    @property
    def ok(self) -> bool:
        """True for a 2xx status (RFC 9110, 15.3) with a body that fits."""
        return self.status // 100 == 2 and not self.problem  # noqa: PLR2004  the class of success


class KeepAliveConnection:
    """Connection that is opened by its first request and ends at its deadline."""

    def __init__(
        self,
        url: str,
        tls: ssl.SSLContext | None,
        deadline: SocketDeadline,
        *,
        server_name: str = "",
        body: str = "",
        promised: str | None = None,
    ) -> None:
        parts = urlsplit(url)
        host = parts.hostname or ""
        self._tls, self._server_name, self._body = tls, server_name or host, body
        self._connection = (
            HTTPSConnection(host, parts.port, context=tls) if tls else HTTPConnection(host, parts.port)
        )
        self._path = request_target(url)
        self._promised = promised
        self.deadline = deadline
        self.connect_ms = 0.0
        """Milliseconds of the last TCP connect: the kernel answers it, whatever the service is doing."""
        self.server = ""
        """Header Server of the last response; empty without one."""
        self.content_type = ""
        self.closed_by_server = False
        """True if the server closed the connection after the last response."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    @property
    def local_port(self) -> int:
        """Local port of the open connection; 0 if it is closed."""
        connected = self._connection.sock
        try:
            return int(connected.getsockname()[1]) if connected else 0
        except OSError:
            return 0

    def measure(self, timeout_s: float) -> TimedResponse:
        """Send a GET, or a POST if there is a JSON body, and time the response. Failures do not raise.

        A body is judged by the text that is promised, if the connection was given one, also an empty one.
        """
        headers = {"User-Agent": "clearpay-doctor", "Accept": "*/*"}
        if self._body:
            headers["Content-Type"] = "application/json"
        method, body = ("POST" if self._body else "GET"), self._body.encode() or None
        began = time.perf_counter()
        try:
            status, content = self.exchange(method, headers, body, timeout_s)
        except (OSError, HTTPException) as failure:
            ms = (time.perf_counter() - began) * 1000
            return TimedResponse(NO_RESPONSE, ms, str(failure) or type(failure).__name__)
        ms = (time.perf_counter() - began) * 1000
        problem = ""
        if self._promised is not None:
            problem = health_problem(content, self.content_type, self._promised)
        return TimedResponse(status, ms, problem=problem)

    def open_with(self, url: str, timeout_s: float) -> None:
        """Open the connection by a GET of another URL of the same server. Failures do not raise."""
        with suppress(OSError, HTTPException):
            self.exchange("GET", {"User-Agent": "clearpay-doctor"}, None, timeout_s, path=request_target(url))

    def exchange(
        self,
        method: str,
        headers: Mapping[str, str],
        body: bytes | None,
        timeout_s: float,
        max_bytes: int = MAX_BODY_BYTES,
        *,
        path: str = "",
    ) -> tuple[int, bytes]:
        """Send one request; return the status and at most `max_bytes` of the body.

        `path` replaces that of the connection's URL. After a longer body the connection is closed.
        `timeout_s` limits each operation on the socket, the deadline all of them. Raises OSError or
        HTTPException, and then closes the connection.
        """
        try:
            if self.deadline.expired:
                raise TimeoutError("the time was up")
            if self._connection.sock is None:
                self._connection.sock = self._open(timeout_s)
            self._connection.sock.settimeout(timeout_s)
            self._connection.request(method, path or self._path, body, dict(headers))
            acknowledge_at_once(self._connection.sock)
            with self._connection.getresponse() as response:
                content = response.read(max_bytes)
                self.server = response.getheader("Server", "")
                self.content_type = response.getheader("Content-Type", "")
                self.closed_by_server = response.will_close
                if response.will_close or not response.isclosed():
                    self._close()
                return response.status, content
        except (OSError, HTTPException):
            self._close()
            raise
        except PARSER_ERRORS as error:
            self._close()
            raise UnreadableResponse(f"{type(error).__name__}: {error}") from None

    def _close(self) -> None:
        self._connection.close()
        self.deadline.release()

    def _open(self, timeout_s: float) -> socket.socket:
        began = time.perf_counter()
        address = (self._connection.host, self._connection.port)
        plain = socket.create_connection(address, timeout=timeout_s)
        self.connect_ms = (time.perf_counter() - began) * 1000
        self.deadline.watch(plain)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls is None:
            return plain
        try:
            return self._tls.wrap_socket(plain, server_hostname=self._server_name)
        except OSError:
            plain.close()
            raise


def acknowledge_at_once(connection: socket.socket) -> None:
    """Acknowledge the next segment without delay, where the system can (Linux).

    A server that sends head and body in two segments with Nagle's algorithm, as uvicorn with several workers
    does, would wait 40 ms for the acknowledgement: that is not the time of its event loop.
    """
    if option := getattr(socket, "TCP_QUICKACK", None):
        connection.setsockopt(socket.IPPROTO_TCP, option, 1)


def verifying_context(ca_file: str, client_cert: str = "", client_key: str = "") -> ssl.SSLContext:
    """Return a context that verifies the server, with the system's authorities if `ca_file` is empty.

    Raises OSError for files that cannot be read or used.
    """
    context = ssl.create_default_context(cafile=ca_file or None)
    if client_cert:
        context.load_cert_chain(client_cert, client_key or None)
    return context
