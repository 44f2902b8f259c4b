"""What time it is for a server: the Date of an HTTP answer, asked over a connection that is not verified.

Nothing but the path `/` is sent. Source: RFC 9110, 6.6.1 (Date).
"""

import ssl
from datetime import UTC, datetime

from diagnostics.clients.tls_handshake import Talk

REQUEST = "HEAD / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nUser-Agent: clearpay-doctor/tls\r\n\r\n"


def server_time(talk: Talk, context: ssl.SSLContext, host: str) -> datetime | None:
    """The server's clock; None where it does not say."""
    name = host.encode("idna").decode("ascii")
    answer = talk.ask(context, host, REQUEST.format(host=name).encode("ascii"))
    for line in answer.said.decode("latin-1").splitlines():
        name, _, value = line.partition(":")
        if name.lower() == "date":
            return _moment(value.strip())
    return None


def _moment(text: str) -> datetime | None:
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  only a refused handshake asks for a time

    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
