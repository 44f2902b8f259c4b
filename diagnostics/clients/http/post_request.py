"""One POST on a connection of its own, without redirects and bounded in time and size."""

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from urllib.parse import urlsplit

from diagnostics.clients.http.keepalive_connection import (
    NO_RESPONSE,
    KeepAliveConnection,
    verifying_context,
)
from diagnostics.clients.http.socket_deadline import SocketDeadline
from diagnostics.engine.deadline import Deadline
from diagnostics.errors import CannotTell

MAX_READ_BYTES = 4096
"""Bytes of a response body that are read."""


@dataclass(frozen=True, slots=True)
class PostResponse:
    """Status, beginning of the body and seconds taken; status `NO_RESPONSE` if the time ran out."""

    status: int
    body: bytes
    seconds: float

    @property
    def accepted(self) -> bool:
        """True for a 2xx status, which senders count as delivered (RFC 9110, 15.3)."""
        return 200 <= self.status < 300  # noqa: PLR2004  the class of success


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    timeout_s: float,
    deadline: Deadline,
    ca_file: str = "",
) -> PostResponse:
    """Send one POST. Raises CannotTell if there is no connection, or no HTTP on it."""
    parts = urlsplit(url)
    limit = deadline.within(timeout_s)
    tls = _context(ca_file) if parts.scheme == "https" else None
    began = time.monotonic()
    with SocketDeadline(limit) as ending, KeepAliveConnection(url, tls, ending) as connection:
        try:
            status, content = connection.exchange("POST", headers, body, limit, MAX_READ_BYTES)
        except (OSError, HTTPException) as error:
            if not ending.expired:
                reason = f"{type(error).__name__}: {error}"
                raise CannotTell(f"{parts.hostname}: no answer to a POST: {reason}") from None
            status, content = NO_RESPONSE, b""
        return PostResponse(status, content, time.monotonic() - began)


def _context(ca_file: str) -> ssl.SSLContext:
    try:
        return verifying_context(ca_file)
    except OSError as error:
        raise CannotTell(f"{ca_file}: cannot be read as authorities: {error}") from None
