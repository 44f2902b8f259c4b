"""TLS before a PostgreSQL that was built without it, as the protocol negotiates it.

Source: PostgreSQL, Frontend/Backend Protocol, "SSL Session Encryption" and "Message Formats".
"""

import socket
import ssl
import struct

from diagnostics.lab.certificates.authority import Files
from diagnostics.lab.servers.listener import POLL_S, Listener
from diagnostics.lab.servers.relay import connect, relay

SSL_REQUEST = 80877103
GSSENC_REQUEST = 80877104
CANCEL_REQUEST = 80877102
HEADER = struct.Struct("!ii")
LONGEST = 10_000
"""PostgreSQL's own limit for a startup packet."""
PATIENCE_S = 3.0
CIPHERS = "ALL:@SECLEVEL=0"
"""A server refuses nothing: the client's rules are what is seen."""


class TlsFront(Listener):
    """Answers SSLRequest with TLS; what comes without is passed on, or with `require` turned away."""

    def __init__(self, upstream: int, files: Files, *, require: bool = False) -> None:
        super().__init__()
        self._upstream = upstream
        self._require = require
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.set_ciphers(CIPHERS)
        self._context.load_cert_chain(files.certificate, files.key)

    def handle(self, client: socket.socket) -> None:
        """Negotiate, then pass everything on."""
        client.settimeout(PATIENCE_S)
        code, packet = _first_packet(client)
        while code == GSSENC_REQUEST:
            client.sendall(b"N")
            code, packet = _first_packet(client)
        if code == SSL_REQUEST:
            client.sendall(b"S")
            with self._context.wrap_socket(client, server_side=True) as encrypted:
                self._pass_on(encrypted, b"")
        elif self._require and code != CANCEL_REQUEST:
            client.sendall(_refusal(packet))
        else:
            self._pass_on(client, packet)

    def _pass_on(self, client: socket.socket, first: bytes) -> None:
        client.settimeout(None)
        with connect(self._upstream) as server:
            server.sendall(first)
            relay(client, server, go_on=lambda: not self.ending.is_set(), poll=POLL_S)


def _first_packet(client: socket.socket) -> tuple[int, bytes]:
    header = _exactly(client, HEADER.size)
    length, code = HEADER.unpack(header)
    if not HEADER.size <= length <= LONGEST:
        raise ConnectionError(f"a startup packet of {length} bytes")
    return code, header + _exactly(client, length - HEADER.size)


def _exactly(client: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = client.recv(count - len(data))
        if not piece:
            raise ConnectionError("the client left")
        data += piece
    return data


def _refusal(packet: bytes) -> bytes:
    """What PostgreSQL answers where pg_hba.conf has only hostssl lines."""
    fields = packet[HEADER.size :].split(b"\0")
    given = dict(zip(fields[::2], fields[1::2], strict=False))
    user = given.get(b"user", b"")
    database = given.get(b"database", user)
    text = b'no pg_hba.conf entry for host "127.0.0.1", user "%s", database "%s", no encryption'
    parts = (b"SFATAL", b"VFATAL", b"C28000", b"M" + text % (user, database), b"")
    body = b"\0".join(parts) + b"\0"
    return b"E" + struct.pack("!i", len(body) + 4) + body
