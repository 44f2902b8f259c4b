"""What libpq is told, so that one login stays one login and its failure keeps its SQLSTATE.

psycopg2 gives no SQLSTATE for a login that failed, and the server's text is in the server's language. But
libpq writes SQLSTATE and the routine that raised the error into its text once its verbosity is `verbose`.
An asynchronous connection hands out its PGconn before the server has answered, which is early enough to
ask for that. The login stays libpq's own in every method of authentication, and it is made once: address
and encryption are pinned to those that `connect` found, because with sslmode=prefer libpq tries a rejected
password a second time without TLS (measured with libpq 17: two FATAL lines in the server's log).
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
"""For a session that is to see the timeouts which the server gives its role."""
GUARDS = (
    f"{READ_ONLY} -c statement_timeout=3000 -c lock_timeout=200 -c idle_in_transaction_session_timeout=5000"
)
USER_TIMEOUT_MS = 3000
MOST_BYTES = 64 * 1024 * 1024
"""Of one answer. Ten thousand sessions with the longest statements that servers show are 20 MB."""
NOWHERE = "/dev/null/none"
"""A file that cannot exist: libpq must look for no other password and no other root certificate."""
OURS = frozenset(
    {"host", "hostaddr", "port", "password", "passfile", "service", "servicefile", "replication"}
)


def parameters(credential: Credential, probe: str, guards: str) -> dict[str, Any]:
    """Say everything that libpq would else look up itself, so that it makes this one attempt and no other."""
    settings, route = credential.settings, credential.route
    host = settings.hosts[route.host]
    given = {keyword: setting.value for keyword, setting in settings.found.items() if keyword not in OURS}
    given |= {"sslmode": "disable", "gssencmode": given.get("gssencmode", "disable")}
    if route.tls:
        given |= _pinned_tls(settings["sslmode"])
    if guards:
        given["options"] = f"{settings['options']} {guards}".strip()
    return given | {
        "host": host.host or route.address,
        **({} if host.local else {"hostaddr": route.address}),
        "port": host.port,
        "password": credential.password,
        "passfile": NOWHERE,
        "application_name": f"clearpay-doctor/{probe}",
        "client_encoding": "UTF8",
        "tcp_user_timeout": USER_TIMEOUT_MS,
    }


def _pinned_tls(mode: str) -> dict[str, str]:
    if mode in {"require", "verify-ca", "verify-full"}:
        return {"sslmode": mode}
    # `prefer` verifies nothing, but `require` does once it finds a root certificate.
    return {"sslmode": "require", "sslrootcert": NOWHERE}


def be_verbose(raw: "connection") -> None:
    """Make libpq write SQLSTATE and routine into its texts; without the symbol they stay without."""
    import psycopg2._psycopg as extension  # noqa: PLC0415  its libpq is the one in use

    library = ctypes.CDLL(extension.__file__)
    set_verbosity = getattr(library, "PQsetErrorVerbosity", None)
    if set_verbosity is not None:
        set_verbosity.argtypes = [ctypes.c_void_p, ctypes.c_int]
        set_verbosity(raw.pgconn_ptr, VERBOSE)


def wait(raw: "connection", patience: Deadline) -> None:
    """Let libpq work until it is done. Else closes the connection, and raises OutOfTime or CannotTell.

    libpq keeps all that a server sends until the answer is whole, so what comes is counted here.
    """
    from psycopg2.extensions import POLL_OK, POLL_READ  # noqa: PLC0415  as above

    taken = 0
    while (state := raw.poll()) != POLL_OK:
        reading, writing = ([raw], []) if state == POLL_READ else ([], [raw])
        if patience.left <= 0 or not any(select.select(reading, writing, [], patience.left)):
            raw.close()
            raise OutOfTime(f"the server did not answer within {patience.seconds:.1f} s")
        taken += _pending(raw)
        if taken > MOST_BYTES:
            raw.close()
            raise CannotTell(
                f"the server sent more than {MOST_BYTES >> 20} MB as one answer; the rest was not read"
            )


def _pending(raw: "connection") -> int:
    """Bytes that have come and were not read yet: libpq reads them next."""
    return int.from_bytes(fcntl.ioctl(raw.fileno(), termios.FIONREAD, bytes(4)), sys.byteorder)
