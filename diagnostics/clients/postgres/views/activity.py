"""Who is connected and what they do, at one moment.

Source: PostgreSQL documentation, 28.2.3 "pg_stat_activity".
"""

from dataclasses import dataclass
from typing import Any

from diagnostics.clients.postgres.session import Session
from diagnostics.clients.postgres.views.statement_text import normalised

CLIENTS = """
SELECT pid, coalesce(datname, ''), coalesce(usename, ''), coalesce(application_name, ''),
       coalesce(state, ''), coalesce(wait_event_type, '') = 'Lock',
       coalesce(extract(epoch FROM state_change), 0)::float8,
       coalesce(extract(epoch FROM clock_timestamp() - state_change), 0)::float8,
       left(coalesce(query, ''), 2000)
FROM pg_stat_activity
WHERE coalesce(backend_type, 'client backend') = 'client backend' AND pid <> pg_backend_pid()
  AND coalesce(application_name, '') NOT LIKE 'clearpay-doctor/%'
"""


@dataclass(frozen=True, slots=True)
class Client:
    """A session of somebody else; the doctor's own are left out."""

    pid: int
    database: str
    role: str
    application: str
    state: str
    """As PostgreSQL names it; empty where the right to see it is missing."""
    waits_for_lock: bool
    changed: float
    """When it began to be in this state, in seconds of the server's clock."""
    for_s: float
    """Seconds since then."""
    query: str

    @property
    def seen(self) -> bool:
        """Whether its state is known: it is hidden without pg_monitor, not kept without track_activities."""
        return self.state not in ("", "disabled")

    @property
    def statement(self) -> str:
        """Its latest statement without literals."""
        return normalised(self.query)

    @property
    def in_transaction(self) -> bool:
        """Whether it has a transaction open and waits for its client."""
        return self.state.startswith("idle in transaction")


def clients(session: Session) -> list[Client]:
    """Everybody who is connected to the server. Raises CannotTell with the server's reason."""
    return [Client(*row) for row in session.rows(CLIENTS)]


# waitstart came with PostgreSQL 14; before, the statement's age is the most that a wait can have lasted.
ACTIVITY = """
SELECT a.pid, coalesce(a.usename, ''), coalesce(a.application_name, ''), coalesce(a.state, ''),
       left(coalesce(a.query, ''), 2000), coalesce(a.wait_event_type, ''), coalesce(a.wait_event, ''),
       coalesce(extract(epoch FROM a.query_start), 0)::float8,
       coalesce(extract(epoch FROM now() - a.query_start), 0)::float8,
       coalesce(extract(epoch FROM now() - a.state_change), 0)::float8,
       coalesce(extract(epoch FROM now() - a.xact_start), 0)::float8,
       CASE WHEN l.pid IS NULL THEN '{}' ELSE pg_blocking_pids(a.pid) END,
       coalesce(l.locktype, ''), coalesce(l.mode, ''),
       coalesce(extract(epoch FROM now() - coalesce(l.since, a.query_start)), 0)::float8
FROM pg_stat_activity a
LEFT JOIN (
    SELECT DISTINCT ON (pid) pid, locktype, mode, (to_jsonb(w) ->> 'waitstart')::timestamptz AS since
    FROM pg_locks w WHERE NOT granted ORDER BY pid
) l ON l.pid = a.pid
WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
"""


@dataclass(frozen=True, slots=True)
class Backend:
    """A session at one moment. Without pg_monitor, those of other roles have empty fields."""

    pid: int
    role: str
    application: str
    state: str
    statement: str
    """Its latest statement as the server keeps it: never shown as it is."""
    wait_type: str
    wait_event: str
    began: float
    """When its latest statement began: with the pid, the statement's identity."""
    statement_s: float
    since_s: float
    """Seconds in its present state."""
    open_s: float
    """Seconds since its transaction began."""
    blocked_by: tuple[int, ...]
    lock: str
    """The kind of lock that it waits for: `transactionid`, `relation`, `advisory`; empty for none."""
    mode: str
    waited_s: float

    @property
    def who(self) -> str:
        """Role and application."""
        return f"{self.role} {self.application}".strip()

    @property
    def shown(self) -> str:
        """Its statement without literals."""
        return normalised(self.statement)


def look_at_backends(session: Session) -> tuple[Backend, ...]:
    """Read the sessions of this database, but for our own."""
    return tuple(Backend(*_fields(row)) for row in session.rows(ACTIVITY))


def _fields(row: tuple[Any, ...]) -> list[Any]:
    """A row in the order of Backend; the driver gives an array as a list."""
    return [tuple(one) if isinstance(one, list) else one for one in row]
