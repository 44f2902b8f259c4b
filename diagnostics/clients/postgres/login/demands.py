"""Demands of a server during the login: the limits up to which libpq may obey them.

Source: RFC 5802, 5.1 "SCRAM Attributes"; PostgreSQL documentation, 55.3 "SASL Authentication" and 55.7.
"""

import re

from diagnostics.errors import CannotTell

MAX_ITERATIONS = 1_000_000
"""Iterations of SCRAM, about a second of work. PostgreSQL's default is 4096."""
MAX_LOGIN_BYTES = 1024 * 1024
"""Bytes of all messages before a session is ready; real servers send about 1 KB."""
MAX_KEPT = 8192
"""Bytes of an authentication request; libpq refuses those of more than 2000."""
MAX_UNIT = 4096
HEADER = 5
AUTHENTICATION = b"R"
SASL_CONTINUE = (11).to_bytes(4, "big")
ITERATIONS = re.compile(rb"(?:^|[,\0])i=([^,\0]*)")
PLAIN_NUMBER = re.compile(rb"[0-9]{1,9}")


class DemandRefused(CannotTell):
    """The server demands more during the login than an honest one does."""


class Inspector:
    """Stream of the server's messages, which is read along before libpq reads it."""

    def __init__(self) -> None:
        self._head = b""
        self._left = 0
        """Bytes of the current message that are still to come."""
        self._kept: bytearray | None = None
        """Payload so far of an authentication request; None for other messages."""
        self._total = 0

    @property
    def wanted(self) -> int:
        """Bytes up to the end of the current message or of its header, so that no further one is begun."""
        return min(self._left or HEADER - len(self._head), MAX_UNIT)

    def feed(self, data: bytes) -> None:
        """Read along. Raises DemandRefused before the bytes that complete a demand reach libpq."""
        self._total += len(data)
        if self._total > MAX_LOGIN_BYTES:
            raise DemandRefused(f"the server sent more than {MAX_LOGIN_BYTES >> 20} MB before a session")
        while data:
            taken = self._payload(data) if self._left else self._header(data)
            data = data[taken:]

    def _header(self, data: bytes) -> int:
        part = data[: HEADER - len(self._head)]
        self._head += part
        if len(self._head) == HEADER:
            length = int.from_bytes(self._head[1:], "big")
            self._kept = bytearray() if self._head[:1] == AUTHENTICATION else None
            # libpq ends the login at a length below 4; the bytes behind it are no messages.
            self._left = length - 4 if length >= 4 else MAX_LOGIN_BYTES  # noqa: PLR2004
            self._head = b""
        return len(part)

    def _payload(self, data: bytes) -> int:
        part = data[: self._left]
        self._left -= len(part)
        if self._kept is not None:
            self._kept += part
            if len(self._kept) > MAX_KEPT:
                raise DemandRefused(f"the server sent an authentication request of over {MAX_KEPT} bytes")
            if not self._left:
                _check_request(bytes(self._kept))
        return len(part)


def _check_request(payload: bytes) -> None:
    if payload[:4] != SASL_CONTINUE:
        return
    for number in ITERATIONS.findall(payload[4:]):
        # libpq reads the number with strtol, which also takes signs and spaces, and cuts it to 32 bits.
        if not PLAIN_NUMBER.fullmatch(number) or int(number) > MAX_ITERATIONS:
            shown = number[:12].decode("ascii", "replace")
            raise DemandRefused(
                f"the server demands {shown} iterations of SCRAM for one login, and {MAX_ITERATIONS:,} are "
                "computed at most; the password was not sent"
            )
