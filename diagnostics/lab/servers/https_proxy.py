"""TLS-terminating proxy in front of the API, with a replaceable certificate."""

import socket
import ssl
from pathlib import Path

from diagnostics.lab.certificates.authority import Files
from diagnostics.lab.layout import write_private
from diagnostics.lab.servers.listener import POLL_S, Listener
from diagnostics.lab.servers.relay import connect, relay

TIMEOUT_S = 5.0
SERVED = "served.pem"
"""PEM file with key and chain, read for each connection; replacing it renews the certificate."""
CIPHERS = "ALL:@SECLEVEL=0"
"""Accept everything, so that the client's rules decide."""


class HttpsProxy(Listener):
    """Load balancer that terminates TLS. Faults change what it presents and what it requires."""

    ciphers: str
    newest: ssl.TLSVersion
    clients: Path | None
    """Root for client certificates; None requires none."""
    plain: bool
    """Serve without TLS."""

    def __init__(self, upstream: int, files: Files) -> None:
        super().__init__()
        self._upstream = upstream
        self.served = files.certificate.with_name(SERVED)
        self.restore(files)

    def restore(self, files: Files) -> None:
        """Present this certificate and require nothing."""
        self.ciphers, self.newest = CIPHERS, ssl.TLSVersion.MAXIMUM_SUPPORTED
        self.clients, self.plain = None, False
        self.present(files)

    def present(self, files: Files) -> None:
        """Present this certificate from the next connection on."""
        write_served(self.served, files.certificate, files.key)

    def handle(self, client: socket.socket) -> None:
        """Complete the handshake, then relay."""
        if self.plain:
            self._relay(client)
            return
        client.settimeout(TIMEOUT_S)
        with self._context().wrap_socket(client, server_side=True) as encrypted:
            encrypted.settimeout(None)
            self._relay(encrypted)

    def _relay(self, client: socket.socket) -> None:
        with connect(self._upstream) as server:
            relay(client, server, keep_running=lambda: not self.ending.is_set(), poll=POLL_S)

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
    """Present the healthy certificate of a folder again; works from any process."""
    write_served(folder / SERVED, folder / "server.pem", folder / "server.key")


def write_served(served: Path, certificate: Path, key: Path) -> None:
    """Replace the presented PEM file atomically."""
    write_private(served, key.read_text("ascii") + certificate.read_text("ascii"))
