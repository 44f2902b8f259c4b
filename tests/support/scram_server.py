"""A PostgreSQL that demands SCRAM with parameters of its own, on a plain connection or inside TLS."""

import socket
import ssl
import struct
from collections.abc import Callable
from pathlib import Path

from diagnostics.lab.certificates import authority

SASL, SASL_CONTINUE = 10, 11
MECHANISMS = b"SCRAM-SHA-256\0\0"
SALT = b"c2FsdHNhbHRzYWx0"
REJECTION = b"SFATAL\0VFATAL\0C28P01\0Mno\0Fauth.c\0L334\0Rauth_failed\0\0"


def message(kind: bytes, payload: bytes) -> bytes:
    """Return one message of the protocol."""
    return kind + struct.pack("!I", len(payload) + 4) + payload


def request(method: int, payload: bytes = b"") -> bytes:
    """Return an authentication request."""
    return message(b"R", struct.pack("!I", method) + payload)


def server_context(folder: Path) -> ssl.SSLContext:
    """Return the TLS context of a server with a fresh certificate below `folder`."""
    files = authority.make(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    return context


class Scram:
    """Behaviour of one connection: reads the startup, demands SCRAM, and rejects the password."""

    def __init__(
        self,
        iterations: bytes,
        *,
        context: ssl.SSLContext | None = None,
        piece: int = 0,
        ahead: bytes = b"",
        on_demand: Callable[[], None] = lambda: None,
    ) -> None:
        self.iterations = iterations
        self.context = context
        self.piece = piece
        """Size of the pieces in which the demand is sent; 0 sends it as a whole."""
        self.ahead = ahead
        """Messages that are sent in one piece with the demand, before it."""
        self.on_demand = on_demand
        self.proofs: list[bytes] = []
        """Answers to the demand, which prove the password."""

    def __call__(self, client: socket.socket) -> None:
        """Serve one connection until the client ends it."""
        with self._start(client) as connection:
            connection.sendall(request(SASL, MECHANISMS))
            first = read_message(connection)
            nonce = first[first.index(b"r=") + 2 :]
            text = b"r=" + nonce + b"more,s=" + SALT + b",i=" + self.iterations
            self._send(connection, self.ahead + request(SASL_CONTINUE, text))
            self.on_demand()
            self.proofs.append(read_message(connection))
            connection.sendall(message(b"E", REJECTION))

    def _start(self, client: socket.socket) -> socket.socket:
        while True:
            (length,) = struct.unpack("!I", exactly(client, 4))
            exactly(client, length - 4)
            if length > 8:
                return client
            client.sendall(b"S" if self.context else b"N")
            if self.context:
                client = self.context.wrap_socket(client, server_side=True)

    def _send(self, connection: socket.socket, data: bytes) -> None:
        size = self.piece or len(data)
        for begin in range(0, len(data), size):
            connection.sendall(data[begin : begin + size])


def exactly(client: socket.socket, size: int) -> bytes:
    """Read `size` bytes. Raises ConnectionError at the end of the stream."""
    data = b""
    while len(data) < size:
        piece = client.recv(size - len(data))
        if not piece:
            raise ConnectionError("the client left")
        data += piece
    return data


def read_message(client: socket.socket) -> bytes:
    """Read one message of the client and return its payload."""
    _, length = struct.unpack("!cI", exactly(client, 5))
    return exactly(client, length - 4)
