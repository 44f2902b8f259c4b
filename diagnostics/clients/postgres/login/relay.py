"""Relay between libpq and the server, inside this process, during the login.

libpq's descriptor becomes one end of a socket pair, so that libpq sees no byte before the inspector does. On
a plain connection, one message is passed on at a time. On an encrypted one, it is one TLS record, and OpenSSL
shows its plaintext before libpq reads it. No connection is added, and the server sees no difference.
"""

import os
import select
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from diagnostics.clients.postgres.login.demands import MAX_UNIT, Inspector
from diagnostics.clients.postgres.login.library import Library
from diagnostics.engine.deadline import Deadline
from diagnostics.errors import OutOfTime

if TYPE_CHECKING:
    from psycopg2.extensions import connection

SSL_STARTUP, GSS_STARTUP = 7, 11
"""States of ConnStatusType in which a single byte answers, or a handshake is under way."""
RECORD_HEADER = 5
CHUNK = 65536


class Relay:
    """Relay of one login. `close` gives libpq its own socket back."""

    def __init__(self, raw: "connection", library: Library) -> None:
        self._raw, self._library = raw, library
        self._descriptor = raw.fileno()
        self._server = socket.socket(fileno=os.dup(self._descriptor))
        self._server.setblocking(False)
        self._inner, outer = socket.socketpair()
        with outer:
            self._inner.setblocking(False)
            outer.setblocking(False)
            self._identity = os.fstat(outer.fileno()).st_ino
            os.dup2(outer.fileno(), self._descriptor, inheritable=False)
        self._outgoing = b""
        self._inspector = Inspector()

    @property
    def in_use(self) -> bool:
        """True if libpq still uses this connection; it opens a new one to try another encryption."""
        descriptor = self._raw.fileno()
        return descriptor >= 0 and os.fstat(descriptor).st_ino == self._identity

    def pass_on(self, deadline: Deadline) -> None:
        """Pass on one unit of the server, after what libpq has sent. Raises OutOfTime and DemandRefused."""
        tls = self._library.tls(self._raw)
        if tls and self._library.pending(tls):
            return  # libpq has read a part of a record that was inspected
        if tls:
            self._pass_record(tls, deadline)
        elif self._raw.info.status in {SSL_STARTUP, GSS_STARTUP}:
            self._deliver(self._receive(MAX_UNIT, deadline))
        else:
            data = self._receive(self._inspector.wanted, deadline)
            self._inspector.feed(data)
            self._deliver(data)

    def flush(self) -> None:
        """Send on what libpq has written."""
        try:
            while data := self._inner.recv(CHUNK):
                self._outgoing += data
        except OSError:
            pass  # nothing more for now
        try:
            while self._outgoing:
                self._outgoing = self._outgoing[self._server.send(self._outgoing) :]
        except BlockingIOError:
            pass
        except OSError:
            self._outgoing = b""  # the end of the connection is read next

    def close(self) -> None:
        """Give libpq its own socket back, which then closes it in the right way."""
        self.flush()
        if self.in_use:
            os.dup2(self._server.fileno(), self._descriptor, inheritable=False)
        self._inner.close()
        self._server.close()

    def _pass_record(self, tls: int, deadline: Deadline) -> None:
        record = b""
        size = RECORD_HEADER
        while len(record) < size:
            data = self._receive(size - len(record), deadline)
            if not data:
                break
            record += data
            if len(record) >= RECORD_HEADER:
                size = RECORD_HEADER + int.from_bytes(record[3:RECORD_HEADER], "big")
        encrypted = self._library.is_encrypted(tls)
        self._deliver(record)
        if encrypted and record:
            self._inspector.feed(self._library.peek(tls))

    def _receive(self, size: int, deadline: Deadline) -> bytes:
        """Return at most `size` bytes of the server; none at the end of its stream."""
        while True:
            self.flush()
            writing = [self._server] if self._outgoing else []
            if deadline.left <= 0 or not any(select.select([self._server], writing, [], deadline.left)):
                raise OutOfTime(f"the server did not answer within {deadline.seconds:.1f} s")
            try:
                return self._server.recv(size)
            except BlockingIOError:
                continue
            except OSError:
                return b""

    def _deliver(self, data: bytes) -> None:
        """Pass bytes to libpq; at the end of the stream, pass on the end."""
        with suppress(OSError):  # libpq may have closed its end already
            if data:
                self._inner.sendall(data)
            else:
                self._inner.shutdown(socket.SHUT_WR)
