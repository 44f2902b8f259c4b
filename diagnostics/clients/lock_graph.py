"""Who waits for a lock, and which session at the end of the chain holds it up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diagnostics.clients.backends import Backend, look_at_backends
from diagnostics.clients.postgres import Session


@dataclass(frozen=True, slots=True)
class Blocker:
    """A session that others wait for and that waits for no lock itself."""

    pid: int
    who: str
    state: str
    open_s: float
    """Seconds since its transaction began."""
    since_s: float
    """Seconds in its present state."""
    statement: str
    """Its latest statement without literals."""


@dataclass(frozen=True, slots=True)
class LockGraph:
    """One look at the locks: how many wait, and for whom in the end."""

    waiting: int
    roots: tuple[Blocker, ...]


def look_at_locks(session: Session) -> LockGraph:
    """Read the graph; sessions of other roles are seen only by members of pg_monitor."""
    return lock_graph(look_at_backends(session))


def lock_graph(backends: Sequence[Backend]) -> LockGraph:
    """The graph of one look at the sessions."""
    blockers = {one.pid: one.blocked_by for one in backends if one.blocked_by}
    sessions = {
        one.pid: Blocker(one.pid, one.who, one.state, one.open_s, one.since_s, one.shown) for one in backends
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
    return Blocker(pid, who, "", 0.0, 0.0, "")
