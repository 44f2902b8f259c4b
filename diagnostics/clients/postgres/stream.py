"""A conversation with a server that may be none, may be hostile, or may never end.

Source: PostgreSQL documentation, 55.7 "Message Formats".
"""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from diagnostics.clients.postgres.server_error import ServerError
from diagnostics.engine.deadline import Deadline

MAX_MESSAGE = 64 * 1024
"""Bytes of one message; what a server says before a session is far smaller."""
KINDS = b"RESKNZv"
"""Messages that may come before a session is ready."""
NUDGE_SHARE = 0.2
"""Share of the time left in which a silent server is asked again, in the words of a line protocol."""
GLANCE = 256
"""Bytes that are enough to say what a stranger speaks."""
GLANCE_S = 0.1
SHOWN = 16

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


class Ended(Exception):
    """The conversation is over; `problem` says how."""

    def __init__(self, problem: Problem, detail: str = "", error: ServerError | None = None) -> None:
        super().__init__(problem, detail)
        self.problem = problem
        self.detail = detail
        self.error = error


class Stream:
    """A connected socket that is read and written within one deadline."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self.sock = sock
        self.deadline = deadline

    def send(self, data: bytes) -> None:
        """Write all of it."""
        with endings():
            self.sock.settimeout(self._patience())
            self.sock.sendall(data)

    def first(self) -> bytes:
        """Read the first byte of an answer; ask a silent server once more before its time is up.

        A server that waits for a line never answers PostgreSQL's binary packets. An empty line makes it
        show what it is. A PostgreSQL that was slow until then stays what it was: silent.
        """
        patience = self._patience() * (1 - NUDGE_SHARE)
        try:
            return self._receive(1, patience)
        except Ended as ended:
            if ended.problem != "silent":
                raise
        self.send(b"\r\n\r\n")
        begin = self._receive(1) + self._glance()
        if begin[:1] in KINDS and not begin[1:].strip().isascii():
            raise Ended("silent", f"answered only after {patience:.1f} s")
        raise Ended("not_postgres", looks_like(begin))

    def alone(self, byte: bytes) -> bytes:
        """Insist that nothing follows this byte, as in a stranger's greeting or a forgery."""
        self.sock.setblocking(False)
        with endings():
            try:
                more = self.sock.recv(GLANCE, socket.MSG_PEEK)
            except BlockingIOError:
                return byte
        if more:
            raise Ended("not_postgres", looks_like(byte + more))
        raise Ended("closed", "end of stream after the answer to SSLRequest")

    def message(self, kind: bytes = b"") -> tuple[bytes, bytes]:
        """Read one message, its kind and its payload; `kind` where that was read already."""
        kind = kind or self._exactly(1)
        if kind not in KINDS:
            raise Ended("not_postgres", looks_like(kind + self._glance()))
        head = self._exactly(4)
        (length,) = struct.unpack("!I", head)
        if len(head) <= length <= MAX_MESSAGE:
            return kind, self._exactly(length - len(head))
        begin = kind + head + self._glance()
        if kind == b"E" and begin.endswith(b"\n\0"):  # a postmaster that cannot fork speaks protocol 2
            raise Ended("server_error", error=ServerError("", begin[1:-2].decode("utf-8", "replace")))
        raise Ended("not_postgres", looks_like(begin))

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            data += self._receive(size - len(data))
        return data

    def _glance(self) -> bytes:
        try:
            return self._receive(GLANCE, GLANCE_S)
        except Ended:
            return b""

    def _receive(self, size: int, seconds: float = float("inf")) -> bytes:
        with endings():
            self.sock.settimeout(min(self._patience(), seconds))
            data = self.sock.recv(size)
        if not data:
            raise Ended("closed", "end of stream")
        return data

    def _patience(self) -> float:
        if self.deadline.left <= 0:
            raise Ended("silent", f"no complete answer within {self.deadline.seconds:.1f} s")
        return self.deadline.left


@contextmanager
def endings() -> Iterator[None]:
    """Name what the operating system says about a connection that stood."""
    try:
        yield
    except BlockingIOError:
        raise
    except TimeoutError:
        raise Ended("silent", "no answer") from None
    except OSError as error:
        # What ssl raises has a reason; its module need not be imported to know that.
        alert = getattr(error, "reason", "")
        raise Ended("tls_failed" if alert else "closed", alert or error.strerror or "broken off") from None


SIGNS = (
    (b"H", "HTTP"),
    (b"<", "HTTP, a page"),
    (b"SSH-", "SSH"),
    (b"\x15\x03", "TLS from the first byte"),
    (b"-ERR", "Redis"),
    (b"220", "FTP or SMTP"),
)


def looks_like(begin: bytes) -> str:
    """Say what bytes look like; what is not known is shown escaped, never raw."""
    known = next((name for sign, name in SIGNS if begin.startswith(sign)), "")
    if begin[3:5] == b"\0\n":
        known = "MySQL"
    return known or f"the bytes {ascii(begin[:SHOWN])[2:-1]}"
