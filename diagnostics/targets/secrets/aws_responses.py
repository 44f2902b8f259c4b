"""Bounded responses of AWS services: botocore reads a body of any length, and for any time.

botocore is an extra and slow to import: it is imported only inside functions.
"""

import time
from collections.abc import Iterator
from typing import Any

MAX_BYTES = 256 * 1024
"""Bytes of a response; a secret has at most 64 KB."""
BODY_S = 3.0
CHUNK = 65_536
PARSER_ERRORS = (ValueError, LookupError, ArithmeticError)
"""Errors of `http.client` for chunk sizes that it does not expect."""


class BadAnswer(Exception):
    """The body of a response exceeds a limit or cannot be read; the message continues the service's name."""


def bound_responses(client: Any) -> Any:
    """Limit the bodies that a client of botocore reads, in bytes and in time; return the client."""
    endpoint = client._endpoint  # noqa: SLF001  botocore has no option for its HTTP session
    endpoint.http_session = _BoundedSession(endpoint.http_session)
    return client


class _BoundedSession:
    """HTTP session of botocore that reads bodies within limits."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def send(self, request: Any) -> Any:
        """Send a request and read the body. Raises BadAnswer, and the errors of botocore."""
        from http.client import HTTPException  # noqa: PLC0415  ssl, which few targets need

        from urllib3.exceptions import HTTPError  # noqa: PLC0415  see the module's first lines

        request.stream_output = True  # else the session reads the body by itself
        response = self._session.send(request)
        try:
            response.raw = _Body(_read(response.raw))
        except (OSError, HTTPException, HTTPError, *PARSER_ERRORS) as error:
            raise BadAnswer(f"answered in a form that cannot be read ({type(error).__name__})") from None
        return response

    def close(self) -> None:
        """Close the connections."""
        self._session.close()


class _Body:
    """Body that was read."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def stream(self) -> Iterator[bytes]:
        """Yield the body."""
        yield self._data


def _read(raw: Any) -> bytes:
    data, until = bytearray(), time.monotonic() + BODY_S
    try:
        for piece in _pieces(raw):
            data += piece
            if len(data) > MAX_BYTES:
                raise BadAnswer(f"answered with more than {MAX_BYTES} bytes")
            if time.monotonic() > until:
                raise BadAnswer(f"has not ended its answer within {BODY_S:g} s")
    finally:
        raw.close()
    return bytes(data)


def _pieces(raw: Any) -> Iterator[bytes]:
    """Yield what arrives, without waiting until a piece has a certain size."""
    if not hasattr(raw, "read1"):  # urllib3 before 2.2
        yield from raw.stream(1)
        return
    while piece := raw.read1(CHUNK):
        yield piece
