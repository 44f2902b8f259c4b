"""Requests over a TLS connection to a web server: its clock, and its judgement of the client certificate."""

import ssl
from datetime import UTC, datetime
from urllib.parse import urlsplit

from diagnostics.clients.tls.handshake import TlsConnection

REQUEST = (
    "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nUser-Agent: clearpay-doctor/tls\r\n"
    "Accept: */*\r\n\r\n"
)


def get_request(url: str, host: str) -> bytes:
    """Return a GET of a URL without credentials. `host` is its host in ASCII."""
    parts = urlsplit(url)
    name = f"[{host}]" if ":" in host else host
    place = name if parts.port is None else f"{name}:{parts.port}"
    path = parts.path if parts.path.isascii() and parts.path.isprintable() else ""
    return REQUEST.format(method="GET", path=path.replace(" ", "%20") or "/", host=place).encode("ascii")


def response_parts(response: bytes) -> tuple[int, bytes]:
    """Return status and body of an HTTP response; 0 if it is not one."""
    head, _, body = response.partition(b"\r\n\r\n")
    version, _, rest = head.partition(b" ")
    status = rest[:3]
    return (int(status), body) if version.startswith(b"HTTP/") and status.isdigit() else (0, body)


def server_time(connection: TlsConnection, context: ssl.SSLContext, host: str) -> datetime | None:
    """Return the Date of a web server's response; None if it sends none."""
    name = host.encode("idna").decode("ascii")
    request = REQUEST.format(method="HEAD", path="/", host=name).encode("ascii")
    result = connection.request(context, host, request)
    for line in result.response.decode("latin-1").splitlines():
        name, _, value = line.partition(":")
        if name.lower() == "date":
            return _parse_date(value.strip())
    return None


def _parse_date(text: str) -> datetime | None:
    from diagnostics.clients.http.dates import parse_http_date  # noqa: PLC0415  needed after a refused handshake only

    seconds = parse_http_date(text)
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None
