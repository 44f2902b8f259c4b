"""TLS-terminating proxy in front of a PostgreSQL that was built without TLS.

Source: PostgreSQL, Frontend/Backend Protocol, "SSL Session Encryption" and "Message Formats".
"""

import socket
import ssl
import struct
from pathlib import Path

from diagnostics.lab.certificates.authority import Files
from diagnostics.lab.servers.listener import POLL_S, Listener
from diagnostics.lab.servers.relay import connect, relay

SSL_REQUEST = 80877103
GSSENC_REQUEST = 80877104
CANCEL_REQUEST = 80877102
HEADER = struct.Struct("!ii")
MAX_PACKET_BYTES = 10_000
"""Limit of PostgreSQL for a startup packet."""
TIMEOUT_S = 3.0
NO_ENTRY = b'no pg_hba.conf entry for host "127.0.0.1", user "%s", database "%s", no encryption'
"""Message of a PostgreSQL whose pg_hba.conf has hostssl lines only."""
NO_CERTIFICATE = b"connection requires a valid client certificate"
"""Message of a PostgreSQL whose pg_hba.conf has the method `cert`."""
CIPHERS = "ALL:@SECLEVEL=0"
"""Accept everything, so that the client's rules decide."""


class TlsProxy(Listener):
    """Proxy that answers SSLRequest with TLS; without TLS it relays, or refuses with `require`.

    With `clients`, the authority of client certificates, it refuses connections over TLS without one.
    """

    def __init__(
        self, upstream: int, files: Files, *, require: bool = False, clients: Path | None = None
    ) -> None:
        super().__init__()
        self._upstream = upstream
        self._require = require
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.set_ciphers(CIPHERS)
        self._context.load_cert_chain(files.certificate, files.key)
        if clients is not None:
            self._context.load_verify_locations(clients)
            self._context.verify_mode = ssl.CERT_OPTIONAL

    def handle(self, client: socket.socket) -> None:
        """Negotiate, then relay."""
        client.settimeout(TIMEOUT_S)
        code, packet = _first_packet(client)
        while code == GSSENC_REQUEST:
            client.sendall(b"N")
            code, packet = _first_packet(client)
        if code == SSL_REQUEST:
            client.sendall(b"S")
            with self._context.wrap_socket(client, server_side=True) as encrypted:
                self._relay_identified(encrypted)
        elif self._require and code != CANCEL_REQUEST:
            client.sendall(_refusal(NO_ENTRY % _user_and_database(packet)))
        else:
            self._relay(client, packet)

    def _relay_identified(self, client: ssl.SSLSocket) -> None:
        """Relay, unless the client has to identify itself by a certificate and did not."""
        if self._context.verify_mode == ssl.CERT_NONE or client.getpeercert():
            self._relay(client, b"")
            return
        _first_packet(client)
        client.sendall(_refusal(NO_CERTIFICATE))

    def _relay(self, client: socket.socket, first: bytes) -> None:
        client.settimeout(None)
        with connect(self._upstream) as server:
            server.sendall(first)
            relay(client, server, keep_running=lambda: not self.ending.is_set(), poll=POLL_S)


def _first_packet(client: socket.socket) -> tuple[int, bytes]:
    header = _receive_exactly(client, HEADER.size)
    length, code = HEADER.unpack(header)
    if not HEADER.size <= length <= MAX_PACKET_BYTES:
        raise ConnectionError(f"a startup packet of {length} bytes")
    return code, header + _receive_exactly(client, length - HEADER.size)


def _receive_exactly(client: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        chunk = client.recv(count - len(data))
        if not chunk:
            raise ConnectionError("the client disconnected")
        data += chunk
    return data


def _user_and_database(packet: bytes) -> tuple[bytes, bytes]:
    fields = packet[HEADER.size :].split(b"\0")
    parameters = dict(zip(fields[::2], fields[1::2], strict=False))
    user = parameters.get(b"user", b"")
    return user, parameters.get(b"database", user)


def _refusal(text: bytes) -> bytes:
    """Return the ErrorResponse of a PostgreSQL whose rules refuse a connection."""
    parts = (b"SFATAL", b"VFATAL", b"C28000", b"M" + text, b"RClientAuthentication", b"")
    body = b"\0".join(parts) + b"\0"
    return b"E" + struct.pack("!i", len(body) + 4) + body
