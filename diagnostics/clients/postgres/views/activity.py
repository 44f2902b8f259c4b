"""Sessions of the server at one moment, read from pg_stat_activity.

Source: PostgreSQL documentation, 28.2.3 "pg_stat_activity", and the view pg_locks.
"""

from dataclasses import dataclass

from diagnostics.clients.postgres.row_shape import FLOAT, INT, INTS, TEXT, read_rows
from diagnostics.clients.postgres.session import Session
from diagnostics.clients.postgres.views.statement_text import normalised

# pg_locks has waitstart since PostgreSQL 14; before, a wait is at most as long as the statement has run.
SESSIONS = """
SELECT a.pid, coalesce(a.datname, ''), coalesce(a.usename, ''), coalesce(a.application_name, ''),
       coalesce(a.state, ''),
       coalesce(extract(epoch FROM a.state_change), 0)::float8,
       coalesce(extract(epoch FROM now() - a.state_change), 0)::float8,
       left(coalesce(a.query, ''), 2000),
       coalesce(extract(epoch FROM a.query_start), 0)::float8,
       coalesce(extract(epoch FROM now() - a.query_start), 0)::float8,
       coalesce(extract(epoch FROM now() - a.xact_start), 0)::float8,
       coalesce(a.wait_event_type, ''), coalesce(a.wait_event, ''),
       CASE WHEN l.pid IS NULL THEN '{}' ELSE pg_blocking_pids(a.pid) END,
       coalesce(l.locktype, ''), coalesce(l.mode, ''),
       coalesce(extract(epoch FROM now() - coalesce(l.since, a.query_start)), 0)::float8,
       coalesce(host(a.client_addr), '')
FROM pg_stat_activity a
LEFT JOIN (
    SELECT DISTINCT ON (pid) pid, locktype, mode, (to_jsonb(w) ->> 'waitstart')::timestamptz AS since
    FROM pg_locks w WHERE NOT granted ORDER BY pid
) l ON l.pid = a.pid
WHERE a.pid <> pg_backend_pid()
"""
COLUMNS = (
    *(INT, TEXT, TEXT, TEXT, TEXT, FLOAT, FLOAT, TEXT, FLOAT, FLOAT, FLOAT),
    *(TEXT, TEXT, INTS, TEXT, TEXT, FLOAT, TEXT),
)
OF_DATABASE = f"{SESSIONS} AND a.datname = current_database()"
OF_CLIENTS = f"""{SESSIONS}
  AND coalesce(a.backend_type, 'client backend') = 'client backend'
  AND coalesce(a.application_name, '') NOT LIKE 'clearpay-doctor/%'
"""


@dataclass(frozen=True, slots=True)
class Backend:
    """One session at one moment; without pg_monitor most fields of other roles' sessions are empty."""

    pid: int
    database: str = ""
    role: str = ""
    application: str = ""
    """Its application_name."""
    state: str = ""
    """As in pg_stat_activity; empty without the privilege to read it."""
    state_changed: float = 0.0
    """Time of the last change of state, in seconds of the server's clock."""
    state_s: float = 0.0
    """Seconds in the present state."""
    query: str = ""
    """Text of the latest statement, literals included; never shown, see `statement`."""
    query_started: float = 0.0
    """Start of the latest statement in seconds; together with the pid it identifies the statement."""
    query_s: float = 0.0
    """Seconds since the latest statement started."""
    transaction_s: float = 0.0
    """Seconds since the transaction began; 0 outside of one."""
    wait_type: str = ""
    wait_event: str = ""
    blocked_by: tuple[int, ...] = ()
    """Pids that pg_blocking_pids gives; empty if the session waits for no lock."""
    lock_type: str = ""
    """Type of the lock that is waited for: `transactionid`, `relation`, `advisory`; else empty."""
    lock_mode: str = ""
    lock_wait_s: float = 0.0
    """Seconds of the wait for that lock."""
    address: str = ""
    """IP address of the client; empty for a unix socket."""

    @property
    def who(self) -> str:
        """Role and application."""
        return f"{self.role} {self.application}".strip()

    @property
    def statement(self) -> str:
        """The latest statement without literals, safe to show."""
        return normalised(self.query)

    @property
    def state_known(self) -> bool:
        """False if the state is hidden (no pg_monitor) or not recorded (track_activities is off)."""
        return self.state not in {"", "disabled"}

    @property
    def idle_in_transaction(self) -> bool:
        """True if a transaction is open and the server waits for the client."""
        return self.state.startswith("idle in transaction")

    @property
    def waits_for_lock(self) -> bool:
        """True if the session waits for a heavyweight lock."""
        return self.wait_type == "Lock"


def backends_of_database(session: Session) -> tuple[Backend, ...]:
    """Return the sessions of the current database except this one. Raises CannotTell."""
    return _backends(session, OF_DATABASE)


def client_backends(session: Session) -> tuple[Backend, ...]:
    """Return the client sessions of all databases except those of this program. Raises CannotTell."""
    return _backends(session, OF_CLIENTS)


def _backends(session: Session, statement: str) -> tuple[Backend, ...]:
    return tuple(Backend(*row) for row in read_rows(session, statement, COLUMNS))
