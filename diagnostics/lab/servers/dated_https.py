"""An HTTPS server whose clock differs from the local one."""

import socket
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from diagnostics.lab.certificates.authority import Files
from diagnostics.lab.servers.listener import Listener

TIMEOUT_S = 5.0


class DatedServer(Listener):
    """Server that answers with a Date header: the local time plus an offset."""

    def __init__(self, files: Files, offset: timedelta) -> None:
        super().__init__()
        self._offset = offset
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(files.certificate, files.key)

    def handle(self, client: socket.socket) -> None:
        """Answer once and close."""
        client.settimeout(TIMEOUT_S)
        with self._context.wrap_socket(client, server_side=True) as encrypted:
            if encrypted.recv(4096):
                date = format_datetime(datetime.now(UTC) + self._offset, usegmt=True)
                encrypted.sendall(f"HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Length: 0\r\n\r\n".encode())
