"""Knocks at PostgreSQL's door without a password: TCP, SSLRequest, TLS, startup, and what it asks for.

The connection is closed without a word once the server asks for a password: a Terminate message at
that point would put an error into its log. No credential is ever sent.
Source: PostgreSQL documentation, 55.2.1 "Start-up" and 55.2.10 "SSL Session Encryption".
"""

import socket
import struct
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from typing import Literal

from diagnostics.clients.postgres.parameters import ConnectionSettings
from diagnostics.clients.postgres.server_error import ServerError, from_fields
from diagnostics.clients.postgres.socket_address import SocketAddress, connect
from diagnostics.clients.postgres.stream import Ended, Problem, Stream
from diagnostics.engine.context import OpenStep
from diagnostics.engine.deadline import Deadline

SSL_REQUEST = struct.pack("!II", 8, 80877103)
PROTOCOL_3_0 = 196608
MAX_MESSAGES = 200
METHODS = {
    0: "none (trust, peer or certificate)",
    2: "Kerberos V5",
    3: "cleartext password",
    5: "MD5 password",
    7: "GSSAPI",
    9: "SSPI",
    10: "SASL",
}

Encryption = Literal["plain", "offered", "tls"]
"""`plain` never asks for TLS, `offered` takes it where the server has it, `tls` insists."""
Steps = Callable[[str], AbstractContextManager[OpenStep]]


@dataclass(frozen=True, slots=True)
class Answer:
    """How far one knock came. Without a problem the server asked for a login, or let us in."""

    problem: Problem = ""
    detail: str = ""
    error: ServerError | None = None
    method: str = ""
    """How the server wants to authenticate."""
    tls: str = ""
    """The version of TLS in use; empty on a plain connection."""


@dataclass(frozen=True, slots=True)
class StartupAttempt:
    """One attempt at one door; nothing of it outlasts the deadline."""

    door: SocketAddress
    settings: ConnectionSettings
    deadline: Deadline
    step: Steps

    def __call__(self, encryption: Encryption) -> Answer:
        """Come as far as one connection comes without a password."""
        answer = Answer()
        sock: socket.socket | None = None
        try:
            with self.step("tcp") as opened:
                opened.detail = self.door.shown
                sock = connect(self.door, self.deadline.left)
            if encryption != "plain" and not self.door.local:
                sock = self._encrypt(sock, encryption)
                answer = replace(answer, tls=_version(sock))
            with self.step("startup") as opened:
                method, error = _start(Stream(sock, self.deadline), self.settings)
                opened.detail = method
            return replace(answer, method=method, error=error)
        except Ended as ended:
            return replace(answer, problem=ended.problem, detail=ended.detail, error=ended.error)
        finally:
            if sock is not None:
                _leave(sock)

    def _encrypt(self, sock: socket.socket, encryption: Encryption) -> socket.socket:
        if self.settings["sslnegotiation"] != "direct":
            with self.step("ssl") as opened:
                offered = ask_for_tls(Stream(sock, self.deadline))
                opened.detail = "TLS is offered" if offered else "TLS is not offered"
            if not offered and encryption == "tls":
                raise Ended("tls_refused", "the server answered N to SSLRequest")
            if not offered:
                return sock
        # ssl costs 16 ms to import: a server without TLS does not need it.
        from diagnostics.clients.postgres.tls import secure  # noqa: PLC0415

        with self.step("tls"):
            return secure(sock, self.settings, self.door.host, max(self.deadline.left, 0.001))


def ask_for_tls(stream: Stream) -> bool:
    """Send SSLRequest; whether the server offers TLS. Raises Ended where it answers something else."""
    stream.send(SSL_REQUEST)
    byte = stream.first()
    if byte in b"SN":
        return stream.alone(byte) == b"S"
    _, payload = stream.message(byte)
    raise (
        Ended("server_error", error=from_fields(payload))
        if byte == b"E"
        else Ended("not_postgres", repr(byte))
    )


def _leave(sock: socket.socket) -> None:
    """Close. Over TLS a farewell goes first: without it PostgreSQL logs a connection that was reset."""
    farewell = getattr(sock, "unwrap", None)
    if farewell is not None:
        sock.settimeout(0)
        with suppress(OSError):  # the other side's farewell is not waited for
            farewell()
    sock.close()


def _version(sock: socket.socket) -> str:
    version = getattr(sock, "version", None)
    return str(version()) if version else ""


def _start(stream: Stream, settings: ConnectionSettings) -> tuple[str, ServerError | None]:
    """Ask for a session; what the server wants to know, and the error of a session that it let us begin."""
    stream.send(_startup_packet(settings))
    kind = stream.first()
    method = ""
    for _ in range(MAX_MESSAGES):
        kind, payload = stream.message(kind)
        if kind == b"E":
            error = from_fields(payload)
            if not method:
                raise Ended("server_error", error=error)
            return method, error
        if kind == b"R":
            code, method = _method(payload)
            if code != 0:
                return method, None
        if kind == b"Z":
            stream.send(b"X" + struct.pack("!I", 4))  # a session has begun: end it as the protocol says
            return method, None
        kind = b""
    raise Ended("not_postgres", f"more than {MAX_MESSAGES} messages and no session")


def _startup_packet(settings: ConnectionSettings) -> bytes:
    pairs = {
        "user": settings.user,
        "database": settings.database,
        "application_name": "clearpay-doctor/connect",
    }
    words = [word.encode("utf-8", "surrogateescape") + b"\0" for pair in pairs.items() for word in pair]
    body = struct.pack("!I", PROTOCOL_3_0) + b"".join(words) + b"\0"
    return struct.pack("!I", len(body) + 4) + body


def _method(payload: bytes) -> tuple[int, str]:
    if len(payload) < 4:  # noqa: PLR2004  the code is four bytes
        raise Ended("not_postgres", "an authentication request without a code")
    (code,) = struct.unpack("!I", payload[:4])
    name = METHODS.get(code, f"method {code}")
    mechanisms = ", ".join(item.decode("ascii", "replace") for item in payload[4:].split(b"\0") if item)
    return code, mechanisms if code == 10 and mechanisms else name  # noqa: PLR2004  SASL
