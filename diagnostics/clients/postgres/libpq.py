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
import select
import sys
import termios
from typing import TYPE_CHECKING, Any

from diagnostics.clients.postgres.credentials import Credential
from diagnostics.engine.deadline import Deadline
from diagnostics.errors import CannotTell, OutOfTime

if TYPE_CHECKING:
    from psycopg2.extensions import connection

VERBOSE = 2
"""PQERRORS_VERBOSE of libpq-fe.h."""
READ_ONLY = "-c default_transaction_read_only=on"
"""For a session that reads the timeouts of its role, which GUARDS would override."""
GUARDS = (
    f"{READ_ONLY} -c statement_timeout=3000 -c lock_timeout=200 -c idle_in_transaction_session_timeout=5000"
)
USER_TIMEOUT_MS = 3000
MAX_BYTES = 64 * 1024 * 1024
"""Size of one answer. Ten thousand sessions with the longest statements that servers show are 20 MB."""
NO_FILE = "/dev/null/none"
"""Path that cannot exist, so that libpq finds no further password or root certificate."""
OWN_KEYWORDS = frozenset(
    {"host", "hostaddr", "port", "password", "passfile", "service", "servicefile", "replication"}
)


def parameters(credential: Credential, probe: str, guards: str) -> dict[str, Any]:
    """Return all connection parameters, so that libpq looks up none of them and makes one attempt.

    `probe` goes into application_name, `guards` are options appended to those of the settings.
    """
    settings, route = credential.settings, credential.route
    host = settings.hosts[route.host]
    values = {
        keyword: setting.value for keyword, setting in settings.values.items() if keyword not in OWN_KEYWORDS
    }
    values |= {"sslmode": "disable", "gssencmode": values.get("gssencmode", "disable")}
    if route.tls:
        values |= _pinned_tls(settings["sslmode"])
    if guards:
        values["options"] = f"{settings['options']} {guards}".strip()
    return values | {
        "host": host.host or route.address,
        **({} if host.local else {"hostaddr": route.address}),
        "port": host.port,
        "password": credential.password,
        "passfile": NO_FILE,
        "application_name": f"clearpay-doctor/{probe}",
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


def wait(raw: "connection", deadline: Deadline) -> None:
    """Poll libpq until it is done. Otherwise close the connection and raise OutOfTime or CannotTell.

    libpq buffers an answer until it is complete, so the bytes are counted here.
    """
    from psycopg2.extensions import POLL_OK, POLL_READ  # noqa: PLC0415  as above

    received = 0
    while (state := raw.poll()) != POLL_OK:
        reading, writing = ([raw], []) if state == POLL_READ else ([], [raw])
        if deadline.left <= 0 or not any(select.select(reading, writing, [], deadline.left)):
            raw.close()
            raise OutOfTime(f"the server did not answer within {deadline.seconds:.1f} s")
        received += _pending(raw)
        if received > MAX_BYTES:
            raw.close()
            raise CannotTell(
                f"the server sent more than {MAX_BYTES >> 20} MB as one answer; the rest was not read"
            )


def _pending(raw: "connection") -> int:
    """Return the number of received bytes that libpq has not read yet."""
    return int.from_bytes(fcntl.ioctl(raw.fileno(), termios.FIONREAD, bytes(4)), sys.byteorder)
