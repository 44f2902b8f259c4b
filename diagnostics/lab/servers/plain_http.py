"""An HTTP server on PostgreSQL's port."""

import socket

from diagnostics.lab.servers.listener import Listener

BODY = b"<html><body>400 Bad Request</body></html>\n"
ANSWER = (
    b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Type: text/html\r\n"
    b"Content-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(BODY), BODY)
)


class WebServer(Listener):
    """Server that answers 400 to everything, as web servers do to another protocol."""

    def handle(self, client: socket.socket) -> None:
        """Answer once and close."""
        if client.recv(4096):
            client.sendall(ANSWER)
