"""A queue for a lock: how long its longest wait is, and what kind of session stands at its head."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from diagnostics.clients.backends import Backend
from diagnostics.clients.lock_graph import Blocker, lock_graph

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
