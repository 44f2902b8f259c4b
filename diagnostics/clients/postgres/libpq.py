"""Parameters and polling of libpq, so that a login is one attempt and its failure has a SQLSTATE.

psycopg2 gives no SQLSTATE for a login that failed, and the server's text is in the server's language. But
libpq writes SQLSTATE and the routine that raised the error into its text once its verbosity is `verbose`.
The PGconn of an asynchronous connection exists before the server has answered, early enough to set the
verbosity. libpq itself authenticates, with every method, and does so once: address and encryption are pinned
to those that `connect` found, because with sslmode=prefer libpq tries a rejected password a second time
without TLS (measured with libpq 17: two FATAL lines in the server's log).
"""

import ctypes
import fcntl
import os
import select
import socket
import sys
import termios
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from diagnostics.clients.postgres.credentials import Credential
from diagnostics.clients.postgres.server_error import ServerError, from_fields
from diagnostics.engine.deadline import Deadline
from diagnostics.errors import CannotTell, OutOfTime

if TYPE_CHECKING:
    from psycopg2.extensions import connection

VERBOSE = 2
"""PQERRORS_VERBOSE of libpq-fe.h."""
USER_TIMEOUT_MS = 3000
MAX_BYTES = 64 * 1024 * 1024
"""Size of one answer. Ten thousand sessions with the longest statements that servers show are 20 MB."""
READ_SIZE = 16 * 1024
"""Bytes that libpq reads at once into an empty buffer."""
HEADER = 5
"""Bytes of a message before its payload: type and length."""
MAX_PEEK = 8192
NO_FILE = "/dev/null/none"
"""Path that cannot exist, so that libpq finds no further password or root certificate."""
OWN_KEYWORDS = frozenset(
    {"host", "hostaddr", "port", "password", "passfile", "service", "servicefile", "replication"}
)


def parameters(credential: Credential, probe: str) -> dict[str, Any]:
    """Return all connection parameters, so that libpq looks up none of them and makes one attempt.

    `probe` goes into application_name. No option is added to those of the settings: a pooler refuses options,
    and writes a warning into its log. `target_session_attrs` is compared by the session itself, since libpq
    would only see the one host that the route names.
    """
    settings, route = credential.settings, credential.route
    host = settings.hosts[route.host]
    values = {
        keyword: setting.value for keyword, setting in settings.values.items() if keyword not in OWN_KEYWORDS
    }
    values |= {"sslmode": "disable", "gssencmode": values.get("gssencmode", "disable")}
    if route.tls:
        values |= _pinned_tls(settings["sslmode"])
    return values | {
        "host": host.host or route.address,
        **({} if host.local else {"hostaddr": route.address}),
        "port": host.port,
        "password": credential.password,
        "passfile": NO_FILE,
        "application_name": f"clearpay-doctor/{probe}",
        "target_session_attrs": "any",
        "client_encoding": "UTF8",
        "tcp_user_timeout": USER_TIMEOUT_MS,
    }


def _pinned_tls(mode: str) -> dict[str, str]:
    if mode in {"require", "verify-ca", "verify-full"}:
        return {"sslmode": mode}
    # `prefer` verifies nothing, but `require` does once it finds a root certificate.
    return {"sslmode": "require", "sslrootcert": NO_FILE}


def set_verbose(raw: "connection") -> None:
    """Make libpq write SQLSTATE and routine into its messages; no effect if the symbol is not exported."""
    import psycopg2._psycopg as extension  # noqa: PLC0415  its libpq is the one in use

    library = ctypes.CDLL(extension.__file__)
    set_verbosity = getattr(library, "PQsetErrorVerbosity", None)
    if set_verbosity is not None:
        set_verbosity.argtypes = [ctypes.c_void_p, ctypes.c_int]
        set_verbosity(raw.pgconn_ptr, VERBOSE)


def wait(raw: "connection", deadline: Deadline, readable: Callable[[], object] = lambda: None) -> None:
    """Poll libpq until it is done. Otherwise close the connection and raise OutOfTime or CannotTell.

    libpq buffers an answer until it is complete, so the bytes are counted here: those that a poll took from
    the socket, and at least one buffer of libpq, because others arrive meanwhile. `readable` is called
    whenever bytes have arrived that libpq has not read yet.
    """
    from psycopg2.extensions import POLL_OK, POLL_READ  # noqa: PLC0415  as above

    received = waiting = 0
    while (state := raw.poll()) != POLL_OK:
        received += max(waiting - _pending(raw), min(waiting, READ_SIZE))
        reading, writing = ([raw], []) if state == POLL_READ else ([], [raw])
        if deadline.left <= 0 or not any(select.select(reading, writing, [], deadline.left)):
            raw.close()
            raise OutOfTime(f"the server did not answer within {deadline.seconds:.1f} s")
        readable()
        waiting = _pending(raw)
        if received > MAX_BYTES:
            raw.close()
            raise CannotTell(
                f"the server sent more than {MAX_BYTES >> 20} MB as one answer; the rest was not read"
            )


def _pending(raw: "connection") -> int:
    """Return the number of received bytes that libpq has not read yet."""
    return int.from_bytes(fcntl.ioctl(raw.fileno(), termios.FIONREAD, bytes(4)), sys.byteorder)


def unread_error(raw: "connection") -> ServerError | None:
    """Return the ErrorResponse that is the next unread message, without reading it; None if there is none.

    A pooler ends an accepted session by an ErrorResponse before the first statement. libpq drops the message
    and reports only that the connection was closed. Over TLS the bytes cannot be interpreted.
    """
    if raw.closed or raw.info.ssl_in_use:
        return None
    with socket.socket(fileno=os.dup(raw.fileno())) as view:
        try:
            data = view.recv(MAX_PEEK, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except OSError:
            return None
    if data[:1] != b"E" or len(data) < HEADER:
        return None
    return from_fields(data[HEADER : 1 + int.from_bytes(data[1:HEADER])])
