"""What time it is for a server: the Date of an HTTP answer, asked over a connection that is not verified.

Nothing but the path `/` is sent. Source: RFC 9110, 6.6.1 (Date).
"""

import ssl
from datetime import datetime
from email.utils import parsedate_to_datetime

from diagnostics.clients.tls_handshake import Talk

REQUEST = "HEAD / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nUser-Agent: clearpay-doctor/tls\r\n\r\n"


def server_time(talk: Talk, context: ssl.SSLContext, host: str) -> datetime | None:
    """The server's clock; None where it does not say."""
    answer = talk.ask(context, host, REQUEST.format(host=host).encode("idna" if not host.isascii() else "ascii"))
    for line in answer.said.decode("latin-1").splitlines():
        name, _, value = line.partition(":")
        if name.lower() == "date":
            try:
                return parsedate_to_datetime(value.strip())
            except ValueError:
                return None
    return None
