"""One connection to one URL that is asked again and again, with the time of each answer.

`http.client`, not `requests`: a call of the latter costs more than a free loop takes to answer, and the
connection's socket must be at hand, so that it can be cut from outside when time is up.
"""

import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Self
from urllib.parse import urlsplit

MOST_BYTES = 65_536
"""Of an answer's body; a longer one is not read to its end, and its connection is closed."""
NO_ANSWER = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """One request's fate."""

    status: int
    """`NO_ANSWER` where none came."""
    ms: float
    error: str = ""

    @property
    def ok(self) -> bool:
        """Whether it was answered, and with a status of success."""
        return self.status // 100 == 2  # noqa: PLR2004  the class of success (RFC 9110, 15.3)


class HttpLine:
    """A connection that is opened when it is needed, and again when the server has closed it."""

    def __init__(
        self, url: str, tls: ssl.SSLContext | None, *, server_name: str = "", body: str = ""
    ) -> None:
        parts = urlsplit(url)
        self._tls, self._server_name, self._body = tls, server_name or parts.hostname or "", body
        port = parts.port or (443 if tls else 80)
        self._connection = HTTPConnection(parts.hostname or "", port)
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._cut = False
        self.connect_ms = 0.0
        """What the network took to connect: the kernel answers, whatever the service's loop does."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def ask(self, patience_s: float) -> Answer:
        """Ask once. Never raises for what the network or the server does."""
        began = time.perf_counter()
        try:
            status, error = self._status(patience_s), ""
        except (OSError, HTTPException) as failure:
            self._connection.close()
            status, error = NO_ANSWER, str(failure) or type(failure).__name__
        return Answer(status, (time.perf_counter() - began) * 1000, error)

    def cut(self) -> None:
        """End it from another thread: what waits for an answer waits no longer."""
        self._cut = True
        with suppress(OSError, AttributeError):  # not open, or just closed by its own thread
            self._connection.sock.shutdown(socket.SHUT_RDWR)

    def _status(self, patience_s: float) -> int:
        if self._cut:
            raise TimeoutError("the time was up")
        if self._connection.sock is None:
            self._connection.sock = self._open(patience_s)
        self._connection.sock.settimeout(patience_s)
        headers = {"User-Agent": "clearpay-doctor", "Accept": "*/*"}
        if self._body:
            headers["Content-Type"] = "application/json"
        method = "POST" if self._body else "GET"
        self._connection.request(method, self._path, self._body.encode() or None, headers)
        with self._connection.getresponse() as response:
            response.read(MOST_BYTES)
            if response.will_close or not response.isclosed():
                self._connection.close()
            return response.status

    def _open(self, patience_s: float) -> socket.socket:
        began = time.perf_counter()
        place = (self._connection.host, self._connection.port)
        plain = socket.create_connection(place, timeout=patience_s)
        self.connect_ms = (time.perf_counter() - began) * 1000
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls is None:
            return plain
        try:
            return self._tls.wrap_socket(plain, server_hostname=self._server_name)
        except OSError:
            plain.close()
            raise
