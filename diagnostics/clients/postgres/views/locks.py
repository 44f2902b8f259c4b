"""Who waits for a lock, and which session at the end of the chain holds it up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from diagnostics.clients.postgres.session import Session
from diagnostics.clients.postgres.views.activity import Backend, look_at_backends


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


BY_DESIGN = frozenset({"advisory", "virtualxid", "speculative token"})
"""Locks that programs wait for on purpose: a job behind its twin, CREATE INDEX CONCURRENTLY."""
EXCLUSIVE = frozenset(
    {
        "ShareUpdateExclusiveLock",
        "ShareLock",
        "ShareRowExclusiveLock",
        "ExclusiveLock",
        "AccessExclusiveLock",
    }
)
"""What DDL and LOCK TABLE ask of a table; payments take weaker locks (PostgreSQL, 13.3.1)."""


@dataclass(frozen=True, slots=True)
class LockQueue:
    """The sessions that wait too long in one look, and for whom in the end."""

    waiting: int
    waited_s: float
    """The longest wait in seconds, those by design left out."""
    roots: tuple[Blocker, ...] = ()
    ddl: tuple[Backend, ...] = ()
    """Statements that wait for a table as a whole, and hold up others while they wait."""
    reason: str = ""
    """`ddl_queue`, `lock_queue` behind an idle transaction, `busy_holder`; empty where none is certain."""
    hidden: str = ""
    """Why the head cannot be named."""


def longest_queue(look: Sequence[Backend], patience: float) -> LockQueue:
    """Judge one look; nobody who has waited less than `patience` seconds counts."""
    waits = [one for one in look if one.blocked_by and one.lock not in BY_DESIGN]
    longest = max((one.waited_s for one in waits), default=0.0)
    late = [one for one in waits if one.waited_s >= patience]
    if not late:
        return LockQueue(0, longest)
    held_up = {pid for one in look for pid in one.blocked_by}
    ddl = tuple(
        one for one in late if one.lock == "relation" and one.mode in EXCLUSIVE and one.pid in held_up
    )
    roots = _roots(look, waits)
    reason = "ddl_queue" if ddl else _reason(roots, patience)
    return LockQueue(len(waits), longest, roots, ddl, reason, "" if reason else _hidden(roots))


def _roots(look: Sequence[Backend], waits: Sequence[Backend]) -> tuple[Blocker, ...]:
    """The heads of these waits; who waits by design is a head himself."""
    waiting = {one.pid for one in waits}
    return lock_graph([one if one.pid in waiting else replace(one, blocked_by=()) for one in look]).roots


def _reason(roots: Sequence[Blocker], patience: float) -> str:
    """An idle holder is named before a busy one; one that came and went within the wait is neither."""
    if any(one.state.startswith("idle in transaction") and one.since_s >= patience for one in roots):
        return "lock_queue"
    return "busy_holder" if any(one.state and one.open_s >= patience for one in roots) else ""


def _hidden(roots: Sequence[Blocker]) -> str:
    unseen = [one for one in roots if not one.state]
    return f"{unseen[0].who} (pid {unseen[0].pid}) holds others up and is not visible" if unseen else ""
