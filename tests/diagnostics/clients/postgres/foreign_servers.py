"""Servers that are hostile or not PostgreSQL; one function serves each connection."""

import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

from diagnostics.clients.postgres.libpq_settings.parameters import connection_settings
from diagnostics.clients.postgres.route import start_up
from diagnostics.clients.postgres.socket_address import SocketAddress
from diagnostics.clients.postgres.startup import StartupResult
from diagnostics.engine.context import OpenStep
from diagnostics.engine.deadline import Deadline
from diagnostics.lab.servers.listener import Listener

Behaviour = Callable[[socket.socket], None]


class FakeServer(Listener):
    """Server whose connections are served by a given function."""

    def __init__(self, behave: Behaviour) -> None:
        super().__init__()
        self._behave = behave
        self.connections = 0

    def handle(self, client: socket.socket) -> None:
        """Serve one connection."""
        self.connections += 1
        client.settimeout(5)
        self._behave(client)


def message(kind: bytes, payload: bytes) -> bytes:
    return kind + struct.pack("!I", len(payload) + 4) + payload


def error(sqlstate: str, text: str, *, severity: str = "FATAL", detail: str = "", routine: str = "") -> bytes:
    fields = {"S": severity, "V": "FATAL", "C": sqlstate, "M": text, "D": detail, "R": routine}
    if routine:
        fields |= {"F": "auth.c", "L": "334"}
    body = b"".join(name.encode() + value.encode() + b"\0" for name, value in fields.items() if value)
    return message(b"E", body + b"\0")


def auth_request(method: int, more: bytes = b"") -> bytes:
    return message(b"R", struct.pack("!I", method) + more)


SETTINGS = {b"server_version": b"15.0", b"client_encoding": b"UTF8", b"DateStyle": b"ISO, MDY"}
STATUS = b"".join(message(b"S", name + b"\0" + value + b"\0") for name, value in SETTINGS.items())
READY = auth_request(0) + STATUS + message(b"Z", b"I")


def startup(client: socket.socket) -> dict[bytes, bytes]:
    """Read a startup packet, answering N to SSLRequest."""
    while True:
        (length,) = struct.unpack("!I", _exactly(client, 4))
        packet = _exactly(client, length - 4)
        if length > 8:
            fields = packet[4:].split(b"\0")
            return dict(zip(fields[::2], fields[1::2], strict=False))
        client.sendall(b"N")


def password(client: socket.socket) -> bytes:
    """Read a password message."""
    _, length = struct.unpack("!cI", _exactly(client, 5))
    return _exactly(client, length - 4).rstrip(b"\0")


def answers(*parts: bytes) -> Behaviour:
    """Read a startup packet, send the parts, and wait until the client closes."""

    def behave(client: socket.socket) -> None:
        startup(client)
        for part in parts:
            client.sendall(part)
        while client.recv(1000):
            continue

    return behave


def sends_first(data: bytes) -> Behaviour:
    """Send data before the client has sent anything."""

    def behave(client: socket.socket) -> None:
        client.sendall(data)
        client.recv(65536)

    return behave


def only_listen(client: socket.socket) -> None:
    """Read all bytes and never answer."""
    while client.recv(100):
        continue


def hang_up(client: socket.socket) -> None:
    """Close after the first byte."""
    client.recv(1)


def attempt_startup(
    port: int,
    query: str = "sslmode=disable",
    seconds: float = 1.0,
    host: str = "127.0.0.1",
    name: str = "",
) -> StartupResult:
    """Attempt a startup at a port of loopback as a probe does; `name` is the host's name."""
    address = f"[{host}]" if ":" in host else host
    settings = connection_settings(f"postgresql://app_user@{address}:{port}/transactions?{query}", {})
    return start_up(
        SocketAddress(name or host, host, port),
        settings,
        Deadline(seconds),
        lambda _name: nullcontext(OpenStep()),
    )


@contextmanager
def fake_server(behave: Behaviour) -> Iterator[int]:
    """Yield the port of a server with this behaviour."""
    with FakeServer(behave) as running:
        yield running.port


def _exactly(client: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = client.recv(size - len(data))
        if not piece:
            raise ConnectionError("the client left")
        data += piece
    return data
