"""Functions of libpq, and of the OpenSSL below it, that psycopg2 does not offer.

ctypes releases the interpreter's lock during a call, which psycopg2's own `poll` does not: other threads and
signals go on, however long libpq takes.
"""

import ctypes
from functools import cache
from typing import TYPE_CHECKING

from diagnostics.clients.postgres.login.server_text import decode

if TYPE_CHECKING:
    from psycopg2.extensions import connection

MAX_RECORD = 16384
"""Bytes of plaintext in one TLS record (RFC 8446, 5.1)."""
POINTER = ctypes.c_void_p
REQUIRED = ("PQconnectPoll", "PQerrorMessage")
INSPECTION = ("PQsslStruct", "SSL_peek", "SSL_pending", "SSL_is_init_finished")


class Library:
    """The libpq in use."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        self._opens_tls = all(hasattr(library, name) for name in INSPECTION)
        library.PQconnectPoll.argtypes = library.PQerrorMessage.argtypes = [POINTER]
        library.PQerrorMessage.restype = ctypes.c_char_p
        if self._opens_tls:
            library.PQsslStruct.argtypes, library.PQsslStruct.restype = [POINTER, ctypes.c_char_p], POINTER
            library.SSL_pending.argtypes = library.SSL_is_init_finished.argtypes = [POINTER]
            library.SSL_peek.argtypes = [POINTER, ctypes.c_char_p, ctypes.c_int]

    def poll(self, raw: "connection") -> int:
        """Continue the login and return the state: a constant of PostgresPollingStatusType."""
        return int(self._library.PQconnectPoll(raw.pgconn_ptr))

    def error_text(self, raw: "connection") -> str:
        """Return the last error of the connection."""
        return decode(self._library.PQerrorMessage(raw.pgconn_ptr) or b"")

    def tls(self, raw: "connection") -> int | None:
        """Return the address of OpenSSL's object of the connection; None without TLS."""
        if not self._opens_tls:
            return None
        address: int | None = self._library.PQsslStruct(raw.pgconn_ptr, b"OpenSSL")
        return address

    def is_encrypted(self, tls: int) -> bool:
        """Return True if the handshake is complete."""
        return bool(self._library.SSL_is_init_finished(tls))

    def pending(self, tls: int) -> int:
        """Return the number of decrypted bytes that libpq has not read yet."""
        return int(self._library.SSL_pending(tls))

    def peek(self, tls: int) -> bytes:
        """Return the plaintext of the record that libpq reads next; empty if it carries none."""
        buffer = ctypes.create_string_buffer(MAX_RECORD)
        size = self._library.SSL_peek(tls, buffer, MAX_RECORD)
        return buffer.raw[: max(size, 0)]


@cache
def library() -> Library | None:
    """Return the libpq that psycopg2 uses; None if its functions are not exported."""
    import psycopg2._psycopg as extension  # noqa: PLC0415  30 ms that only a probe with a session pays

    loaded = ctypes.CDLL(extension.__file__)
    return Library(loaded) if all(hasattr(loaded, name) for name in REQUIRED) else None
