"""Who waits for a lock, and which session at the end of the chain holds it up.

Source: PostgreSQL documentation, 9.26 "System Information Functions", pg_blocking_pids.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diagnostics.clients.postgres import Session
from diagnostics.clients.sql_text import normalised

ACTIVITY = """
SELECT pid, coalesce(usename, ''), coalesce(application_name, ''), coalesce(state, ''),
       coalesce(extract(epoch FROM now() - xact_start), 0)::float8, left(coalesce(query, ''), 2000),
       CASE WHEN wait_event_type = 'Lock' THEN pg_blocking_pids(pid) ELSE '{}' END
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True, slots=True)
class Blocker:
    """A session that others wait for and that waits for no lock itself."""

    pid: int
    who: str
    state: str
    open_s: float
    """Seconds since its transaction began."""
    statement: str
    """Its latest statement without literals."""


@dataclass(frozen=True, slots=True)
class LockGraph:
    """One look at the locks: how many wait, and for whom in the end."""

    waiting: int
    roots: tuple[Blocker, ...]


def look_at_locks(session: Session) -> LockGraph:
    """Read the graph; sessions of other roles are seen only by members of pg_monitor."""
    rows = session.rows(ACTIVITY)
    blockers = {pid: tuple(held_by) for pid, *_, held_by in rows if held_by}
    sessions = {
        row[0]: Blocker(row[0], f"{row[1]} {row[2]}".strip(), row[3], row[4], normalised(row[5]))
        for row in rows
    }
    roots = tuple(sessions.get(pid, _unseen(pid)) for pid in root_pids(blockers))
    return LockGraph(len(blockers), roots)


def root_pids(blockers: Mapping[int, Sequence[int]]) -> list[int]:
    """Sessions that block and do not wait; where all wait for each other, all of them."""
    blocking = {pid for held_by in blockers.values() for pid in held_by}
    return sorted(blocking - set(blockers) or blocking)


def _unseen(pid: int) -> Blocker:
    """A holder without a session: PostgreSQL names prepared transactions by pid 0."""
    who = "a prepared transaction" if pid == 0 else "a session elsewhere"
    return Blocker(pid, who, "", 0.0, "")
