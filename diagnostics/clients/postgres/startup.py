"""Connect without credentials (TCP, SSLRequest, TLS, startup) and report the method of authentication.

Once the server asks for a password, the connection is closed without a Terminate message, which would put an
error into the server's log at that point. No credential is ever sent.
Source: PostgreSQL documentation, 55.2.1 "Start-up" and 55.2.10 "SSL Session Encryption".
"""

import socket
import struct
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from typing import Literal

from diagnostics.clients.postgres.libpq_settings.parameters import ConnectionSettings
from diagnostics.clients.postgres.server_error import ServerError, from_fields
from diagnostics.clients.postgres.socket_address import SocketAddress, connect
from diagnostics.clients.postgres.stream import ConnectionFailed, Problem, Stream
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
"""`plain` does not ask for TLS, `offered` uses it if the server offers it, `tls` requires it."""
Steps = Callable[[str], AbstractContextManager[OpenStep]]


@dataclass(frozen=True, slots=True)
class StartupResult:
    """Result of one attempt; without a problem the server asked for authentication or opened a session."""

    problem: Problem = ""
    detail: str = ""
    error: ServerError | None = None
    method: str = ""
    """Method of authentication that the server requests."""
    tls: str = ""
    """Version of TLS; empty on a plain connection."""


@dataclass(frozen=True, slots=True)
class StartupAttempt:
    """Startup at one address, within one deadline; `step` times the stages."""

    address: SocketAddress
    settings: ConnectionSettings
    deadline: Deadline
    step: Steps

    def __call__(self, encryption: Encryption) -> StartupResult:
        """Connect, and proceed as far as possible without a password."""
        result = StartupResult()
        sock: socket.socket | None = None
        try:
            with self.step("tcp") as opened:
                opened.detail = self.address.shown
                sock = connect(self.address, self.deadline.left)
            if encryption != "plain" and not self.address.local:
                sock = self._encrypt(sock, encryption)
                result = replace(result, tls=_version(sock))
            with self.step("startup") as opened:
                method, error = _start(Stream(sock, self.deadline), self.settings)
                opened.detail = method
            return replace(result, method=method, error=error)
        except ConnectionFailed as failed:
            return replace(result, problem=failed.problem, detail=failed.detail, error=failed.error)
        finally:
            if sock is not None:
                _close(sock)

    def _encrypt(self, sock: socket.socket, encryption: Encryption) -> socket.socket:
        if self.settings["sslnegotiation"] != "direct":
            with self.step("ssl") as opened:
                offered = request_tls(Stream(sock, self.deadline))
                opened.detail = "TLS is offered" if offered else "TLS is not offered"
            if not offered and encryption == "tls":
                raise ConnectionFailed("tls_refused", "the server answered N to SSLRequest")
            if not offered:
                return sock
        # ssl costs 16 ms to import: a server without TLS does not need it.
        from diagnostics.clients.postgres.tls import secure  # noqa: PLC0415

        with self.step("tls"):
            return secure(sock, self.settings, self.address.host, max(self.deadline.left, 0.001))


def request_tls(stream: Stream) -> bool:
    """Send SSLRequest and return True if the server offers TLS. Raises ConnectionFailed."""
    stream.send(SSL_REQUEST)
    byte = stream.first()
    if byte in b"SN":
        return stream.single(byte) == b"S"
    _, payload = stream.message(byte)
    if byte == b"E":
        raise ConnectionFailed("server_error", error=from_fields(payload))
    raise ConnectionFailed("not_postgres", repr(byte))


def _close(sock: socket.socket) -> None:
    """Close a socket; over TLS with close_notify, because PostgreSQL logs a reset connection without it."""
    send_close_notify = getattr(sock, "unwrap", None)
    if send_close_notify is not None:
        sock.settimeout(0)
        with suppress(OSError):  # the server's close_notify is not waited for
            send_close_notify()
    sock.close()


def _version(sock: socket.socket) -> str:
    version = getattr(sock, "version", None)
    return str(version()) if version else ""


def _start(stream: Stream, settings: ConnectionSettings) -> tuple[str, ServerError | None]:
    """Send the startup message; return the authentication method, and the error that followed it, if any.

    Raises ConnectionFailed.
    """
    stream.send(_startup_packet(settings))
    kind = stream.first()
    method = ""
    for _ in range(MAX_MESSAGES):
        kind, payload = stream.message(kind)
        if kind == b"E":
            error = from_fields(payload)
            if not method:
                raise ConnectionFailed("server_error", error=error)
            return method, error
        if kind == b"R":
            code, method = _method(payload)
            if code != 0:
                return method, None
        if kind == b"Z":
            stream.send(b"X" + struct.pack("!I", 4))  # Terminate: a session has begun
            return method, None
        kind = b""
    raise ConnectionFailed("not_postgres", f"more than {MAX_MESSAGES} messages and no session")


def _startup_packet(settings: ConnectionSettings) -> bytes:
    pairs = {
        "user": settings.user,
        "database": settings.database,
        "application_name": "clearpay-doctor/connect",
    }
    strings = [text.encode("utf-8", "surrogateescape") + b"\0" for pair in pairs.items() for text in pair]
    body = struct.pack("!I", PROTOCOL_3_0) + b"".join(strings) + b"\0"
    return struct.pack("!I", len(body) + 4) + body


def _method(payload: bytes) -> tuple[int, str]:
    if len(payload) < 4:  # noqa: PLR2004  the code is four bytes
        raise ConnectionFailed("not_postgres", "an authentication request without a code")
    (code,) = struct.unpack("!I", payload[:4])
    name = METHODS.get(code, f"method {code}")
    mechanisms = ", ".join(item.decode("ascii", "replace") for item in payload[4:].split(b"\0") if item)
    return code, mechanisms if code == 10 and mechanisms else name  # noqa: PLR2004  SASL
