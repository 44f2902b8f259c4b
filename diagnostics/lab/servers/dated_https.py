"""An HTTPS server whose clock is right, seen from a machine whose clock is not."""

import socket
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from diagnostics.lab.certificates.authority import Files
from diagnostics.lab.servers.listener import Listener

PATIENCE_S = 5.0


class DatedServer(Listener):
    """Answers every request with the time that it believes: the local one and a difference."""

    def __init__(self, files: Files, difference: timedelta) -> None:
        super().__init__()
        self._difference = difference
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(files.certificate, files.key)

    def handle(self, client: socket.socket) -> None:
        """Answer once and close."""
        client.settimeout(PATIENCE_S)
        with self._context.wrap_socket(client, server_side=True) as encrypted:
            if encrypted.recv(4096):
                date = format_datetime(datetime.now(UTC) + self._difference, usegmt=True)
                encrypted.sendall(f"HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Length: 0\r\n\r\n".encode())
