"""An HTTP proxy that requires authentication (RFC 9110, 15.5.8)."""

import socket

from diagnostics.lab.servers.listener import Listener

ANSWER = (
    b"HTTP/1.1 407 Proxy Authentication Required\r\nServer: squid\r\n"
    b'Proxy-Authenticate: Basic realm="egress"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
)


class ClosedProxy(Listener):
    """Proxy that answers 407 to every request."""

    def handle(self, client: socket.socket) -> None:
        """Answer once and close."""
        if client.recv(4096):
            client.sendall(ANSWER)
