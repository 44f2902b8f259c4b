"""One POST on a connection of its own: no redirect is followed, the answer is bounded in time and size."""

import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from diagnostics.engine.deadline import Deadline
from diagnostics.errors import CannotTell

MAX_ANSWER = 4096
"""Bytes of an answer that are looked at."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and after how many seconds; status 0 where nothing came in time."""

    status: int
    body: bytes
    seconds: float

    @property
    def accepted(self) -> bool:
        """Whether a sender counts it as delivered."""
        return 200 <= self.status < 300  # noqa: PLR2004  RFC 9110, section 15.3


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    patience_s: float,
    deadline: Deadline,
    ca_file: str = "",
) -> Answer:
    """Send one POST. Raises CannotTell where there is no connection, or no HTTP on it."""
    parts = urlsplit(url)
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    limit = deadline.within(patience_s)
    connection = _connection(parts.scheme, parts.hostname or "", parts.port, limit, ca_file)
    began = time.monotonic()
    try:
        connection.connect()
        # The timeout of a socket begins anew with each byte; the alarm ends a server that drips.
        alarm = threading.Timer(limit, _shut, (connection.sock,))
        alarm.daemon = True
        alarm.start()
        try:
            connection.request("POST", path, body, dict(headers))
            answer = connection.getresponse()
            return Answer(answer.status, answer.read(MAX_ANSWER), time.monotonic() - began)
        finally:
            alarm.cancel()
    except (OSError, HTTPException) as error:
        if time.monotonic() - began >= limit:
            return Answer(0, b"", time.monotonic() - began)
        raise CannotTell(f"{parts.hostname}: no answer to a POST: {type(error).__name__}: {error}") from None
    finally:
        connection.close()


def _connection(scheme: str, host: str, port: int | None, limit: float, ca_file: str) -> HTTPConnection:
    if scheme != "https":
        return HTTPConnection(host, port, timeout=limit)
    try:
        trust = ssl.create_default_context(cafile=ca_file or None)
    except OSError as error:
        raise CannotTell(f"{ca_file}: cannot be read as authorities: {error}") from None
    return HTTPSConnection(host, port, timeout=limit, context=trust)


def _shut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it has ended by itself
