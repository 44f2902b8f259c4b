"""Reading and writing of protocol messages, with a server that may be hostile or not PostgreSQL at all.

Source: PostgreSQL documentation, 55.7 "Message Formats".
"""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from diagnostics.clients.postgres.login.server_text import decode
from diagnostics.clients.postgres.server_error import ServerError
from diagnostics.engine.deadline import Deadline

MAX_MESSAGE = 64 * 1024
"""Bytes of one message; messages before a session is ready are far smaller."""
TYPES = b"RESKNZv"
"""Types of the messages that a server may send before a session is ready."""
SECOND_SHARE = 0.2
"""Share of the time left in which a silent server is sent an empty line, as in a line protocol."""
PREVIEW = 256
"""Bytes that are enough to recognise another protocol."""
PREVIEW_S = 0.1
MAX_SHOWN = 16

Problem = Literal[
    "",
    "refused",
    "socket_missing",
    "timeout",
    "no_route",
    "silent",
    "closed",
    "not_postgres",
    "tls_refused",
    "tls_failed",
    "certificate",
    "server_error",
    "local",
]


class ConnectionFailed(Exception):
    """Connection that ended before a login; `problem` is the kind of failure."""

    def __init__(self, problem: Problem, detail: str = "", error: ServerError | None = None) -> None:
        super().__init__(problem, detail)
        self.problem = problem
        self.detail = detail
        self.error = error


class Stream:
    """Connected socket that is read and written within one deadline. Methods raise ConnectionFailed."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self.sock = sock
        self.deadline = deadline

    def send(self, data: bytes) -> None:
        """Send all bytes."""
        with connection_errors():
            self.sock.settimeout(self._time_left())
            self.sock.sendall(data)

    def first(self) -> bytes:
        """Return the first byte of an answer; send a silent server an empty line before the time is over.

        A server that waits for a line never answers PostgreSQL's binary packets; an empty line makes it
        reveal its protocol. A PostgreSQL that answers only then counts as silent.
        """
        seconds = self._time_left() * (1 - SECOND_SHARE)
        try:
            return self._receive(1, seconds)
        except ConnectionFailed as failed:
            if failed.problem != "silent":
                raise
        self.send(b"\r\n\r\n")
        begin = self._receive(1) + self._preview()
        if begin[:1] in TYPES and not begin[1:].strip().isascii():
            raise ConnectionFailed("silent", f"answered only after {seconds:.1f} s")
        raise ConnectionFailed("not_postgres", looks_like(begin))

    def single(self, byte: bytes) -> bytes:
        """Return the byte if nothing follows it; bytes behind it mean another protocol or an injection."""
        self.sock.setblocking(False)
        with connection_errors():
            try:
                more = self.sock.recv(PREVIEW, socket.MSG_PEEK)
            except BlockingIOError:
                return byte
        if more:
            raise ConnectionFailed("not_postgres", looks_like(byte + more))
        raise ConnectionFailed("closed", "end of stream after the answer to SSLRequest")

    def message(self, type_: bytes = b"") -> tuple[bytes, bytes]:
        """Return type and payload of one message; `type_` is given if that byte was read already."""
        type_ = type_ or self._exactly(1)
        if type_ not in TYPES:
            raise ConnectionFailed("not_postgres", looks_like(type_ + self._preview()))
        head = self._exactly(4)
        (length,) = struct.unpack("!I", head)
        if len(head) <= length <= MAX_MESSAGE:
            return type_, self._exactly(length - len(head))
        begin = type_ + head + self._preview()
        if type_ == b"E" and begin.endswith(b"\n\0"):  # a postmaster that cannot fork uses protocol 2
            raise ConnectionFailed("server_error", error=ServerError("", decode(begin[1:-2])))
        raise ConnectionFailed("not_postgres", looks_like(begin))

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            data += self._receive(size - len(data))
        return data

    def _preview(self) -> bytes:
        try:
            return self._receive(PREVIEW, PREVIEW_S)
        except ConnectionFailed:
            return b""

    def _receive(self, size: int, seconds: float = float("inf")) -> bytes:
        with connection_errors():
            self.sock.settimeout(min(self._time_left(), seconds))
            data = self.sock.recv(size)
        if not data:
            raise ConnectionFailed("closed", "end of stream")
        return data

    def _time_left(self) -> float:
        if self.deadline.left <= 0:
            raise ConnectionFailed("silent", f"no complete answer within {self.deadline.seconds:.1f} s")
        return self.deadline.left


@contextmanager
def connection_errors() -> Iterator[None]:
    """Raise ConnectionFailed for an error of an established connection."""
    try:
        yield
    except BlockingIOError:
        raise
    except TimeoutError:
        raise ConnectionFailed("silent", "no answer") from None
    except OSError as error:
        # Errors of ssl have a `reason`; testing for it saves the import of the module.
        alert = getattr(error, "reason", "")
        raise ConnectionFailed(
            "tls_failed" if alert else "closed", alert or error.strerror or "broken off"
        ) from None


PREFIXES = (
    (b"H", "HTTP"),
    (b"<", "HTTP, a page"),
    (b"SSH-", "SSH"),
    (b"\x15\x03", "TLS from the first byte"),
    (b"-ERR", "Redis"),
    (b"220", "FTP or SMTP"),
)


def looks_like(begin: bytes) -> str:
    """Return the name of the protocol that begins so; unknown bytes are returned escaped, never raw."""
    protocol = next((name for prefix, name in PREFIXES if begin.startswith(prefix)), "")
    if begin[3:5] == b"\0\n":
        protocol = "MySQL"
    return protocol or f"the bytes {ascii(begin[:MAX_SHOWN])[2:-1]}"
