"""State that other clients left in the server sessions of a pooler which shares them.

A client's session state lives in the server session that it happened to have. In pool_mode `transaction` and
`statement` the next client gets that session with it.
Source: PgBouncer documentation, "Features", table of features by pool mode.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from diagnostics.clients.postgres.credentials import Credential
from diagnostics.clients.postgres.row_shape import INT, TEXT, TEXTS, read_row, read_rows
from diagnostics.clients.postgres.session import READ_ONLY, LoginFailed, NoStatementAnswered, Session, login
from diagnostics.engine.context import Context

OVERLAP_S: Final = 0.1
"""Seconds that each query keeps its server session, so that queries at once see different ones."""
LOOKS: Final = 4
"""Looks of a single session."""
TRACKED: Final = (
    "application_name",
    "client_encoding",
    "datestyle",
    "intervalstyle",
    "standard_conforming_strings",
    "timezone",
)
"""Settings that PgBouncer sets for each client itself, in lower case."""
OWN: Final = ("transaction_deferrable", "transaction_isolation", "transaction_read_only")
"""Settings of the transaction that reads the state."""
STATE = """
SELECT pg_backend_pid(),
       ARRAY(SELECT name::text FROM pg_prepared_statements WHERE name !~ '^PGBOUNCER_' ORDER BY name),
       ARRAY(SELECT name || ' = ' || setting FROM pg_settings
             WHERE source = 'session' AND NOT lower(name) = ANY (%s)
             UNION ALL SELECT 'role = ' || current_user WHERE current_user <> session_user),
       ARRAY(SELECT relname::text FROM pg_class
             WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r' ORDER BY relname),
       ARRAY(SELECT pg_listening_channels() ORDER BY 1),
       pg_sleep(%s)
"""
COLUMNS = (INT, TEXTS, TEXTS, TEXTS, TEXTS, TEXT)
LOCKS = """
SELECT DISTINCT CASE l.objsubid WHEN 1 THEN (l.classid::bigint << 32 | l.objid::bigint)::text
                ELSE '(' || l.classid || ', ' || l.objid || ')' END || ' of pid ' || l.pid
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND l.pid = ANY (%s)
  AND (a.state = 'idle' OR a.pid = pg_backend_pid())
ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class SessionState:
    """State that one's own session found in one server session."""

    pid: int
    prepared: tuple[str, ...]
    """Names of prepared statements, without those that PgBouncer manages itself."""
    settings: tuple[str, ...]
    """Settings that a SET changed, as `name = value`."""
    temp_tables: tuple[str, ...]
    channels: tuple[str, ...]
    """Channels of LISTEN."""


def open_sessions(context: Context, credential: Credential, count: int, stack: ExitStack) -> list[Session]:
    """Open up to `count` sessions through the pooler, as many as it accepts; the stack closes them."""
    sessions: list[Session] = []
    while len(sessions) < count:
        try:
            session = login(
                credential,
                probe="pooler",
                deadline=context.deadline,
                rejected=context.rejected,
                guards=READ_ONLY,
            )
        except (LoginFailed, NoStatementAnswered):
            break
        stack.callback(session.close)
        sessions.append(session)
    return sessions


def session_states(sessions: Sequence[Session], tracked: Sequence[str] = ()) -> list[SessionState]:
    """Return the state of the server sessions that these sessions get, one for each process.

    Several sessions look at once; a single one looks a few times, since a busy pool gives it another server
    session each time. `tracked` are further settings that the pooler sets for each client. Raises CannotTell.
    """
    names = [*TRACKED, *OWN, *(name.lower() for name in tracked)]
    looks, overlap_s = (sessions, OVERLAP_S) if len(sessions) > 1 else ([*sessions] * LOOKS, 0.0)
    with ThreadPoolExecutor(len(sessions), "pooler state") as threads:
        rows = list(threads.map(lambda session: read_row(session, STATE, COLUMNS, (names, overlap_s)), looks))
    states = [SessionState(*row[:5]) for row in rows]
    return list({state.pid: state for state in states}.values())


def left_settings(states: Sequence[SessionState]) -> tuple[str, ...]:
    """Return the settings that only some of the server sessions have; of an application's own the name alone.

    What all have alike may come from the pooler's `connect_query`, which each new server session runs.
    """
    everywhere = set.intersection(*(set(state.settings) for state in states)) if states else set()
    differing = {item for state in states for item in state.settings} - everywhere
    return tuple(sorted(item.partition(" = ")[0] if "." in item.split()[0] else item for item in differing))


def held_locks(session: Session, free_pids: Sequence[int]) -> tuple[str, ...]:
    """Return the advisory locks that free server sessions hold, as `key of pid`. Raises CannotTell."""
    return tuple(text for (text,) in read_rows(session, LOCKS, (TEXT,), (list(free_pids),)))


def by_kind(states: Sequence[SessionState], locks: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    """Return what was left behind by the name of its finding, without the empty kinds."""
    kinds = {
        "prepared_statements": tuple(sorted({name for state in states for name in state.prepared})),
        "session_settings": left_settings(states),
        "advisory_locks": tuple(locks),
        "temp_tables": tuple(sorted({name for state in states for name in state.temp_tables})),
        "listeners": tuple(sorted({name for state in states for name in state.channels})),
    }
    return {kind: names for kind, names in kinds.items() if names}
