"""What stands before the API: ends TLS with a certificate that can be changed, and passes requests on."""

import socket
import ssl
from pathlib import Path

from diagnostics.lab.certificates.authority import Files
from diagnostics.lab.layout import write_private
from diagnostics.lab.servers.listener import POLL_S, Listener
from diagnostics.lab.servers.relay import connect, relay

PATIENCE_S = 5.0
SERVED = "served.pem"
"""The key and the certificates that are shown, read anew for each connection: to renew is to replace it."""
CIPHERS = "ALL:@SECLEVEL=0"
"""A server refuses nothing, so that the client's rules are what is seen."""


class HttpsFront(Listener):
    """A load balancer that ends TLS. Faults change what it shows and what it demands."""

    ciphers: str
    newest: ssl.TLSVersion
    clients: Path | None
    """Who must have signed a client's certificate; None demands none."""
    plain: bool
    """Whether it forgot about TLS."""

    def __init__(self, upstream: int, files: Files) -> None:
        super().__init__()
        self._upstream = upstream
        self.served = files.certificate.with_name(SERVED)
        self.restore(files)

    def restore(self, files: Files) -> None:
        """Show this certificate, and demand nothing."""
        self.ciphers, self.newest = CIPHERS, ssl.TLSVersion.MAXIMUM_SUPPORTED
        self.clients, self.plain = None, False
        self.present(files)

    def present(self, files: Files) -> None:
        """Show this certificate from the next connection on."""
        put(self.served, files.certificate, files.key)

    def handle(self, client: socket.socket) -> None:
        """Do the handshake, then pass everything on."""
        if self.plain:
            self._pass_on(client)
            return
        client.settimeout(PATIENCE_S)
        with self._context().wrap_socket(client, server_side=True) as encrypted:
            encrypted.settimeout(None)
            self._pass_on(encrypted)

    def _pass_on(self, client: socket.socket) -> None:
        with connect(self._upstream) as server:
            relay(client, server, go_on=lambda: not self.ending.is_set(), poll=POLL_S)

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers(self.ciphers)
        context.maximum_version = self.newest
        context.load_cert_chain(self.served)
        if self.clients is not None:
            context.load_verify_locations(self.clients)
            context.verify_mode = ssl.CERT_REQUIRED
        return context


def renew(folder: Path) -> None:
    """Show the healthy certificate of a folder again; works from any process."""
    put(folder / SERVED, folder / "server.pem", folder / "server.key")


def put(served: Path, certificate: Path, key: Path) -> None:
    """Replace what is shown, at once and whole."""
    write_private(served, key.read_text("ascii") + certificate.read_text("ascii"))
