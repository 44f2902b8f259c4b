"""What stands before the API: ends TLS with a certificate that can be changed, and passes requests on."""

import socket
import ssl

from diagnostics.lab.certificates import Files
from diagnostics.lab.listener import POLL_S, Listener
from diagnostics.lab.relay import connect, relay

PATIENCE_S = 5.0


class HttpsFront(Listener):
    """A load balancer that ends TLS: `present` changes its certificate for connections to come."""

    def __init__(self, upstream: int, files: Files) -> None:
        super().__init__()
        self._upstream = upstream
        self.present(files)

    def present(self, files: Files) -> None:
        """Show this certificate from the next connection on."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(files.certificate, files.key)
        self._context = context

    def handle(self, client: socket.socket) -> None:
        """Do the handshake, then pass everything on."""
        client.settimeout(PATIENCE_S)
        with self._context.wrap_socket(client, server_side=True) as encrypted:
            encrypted.settimeout(None)
            with connect(self._upstream) as server:
                relay(encrypted, server, go_on=lambda: not self.ending.is_set(), poll=POLL_S)
