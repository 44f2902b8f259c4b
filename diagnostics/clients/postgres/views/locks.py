"""Lock queues: the sessions that wait for a lock, and the session at the head that blocks them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diagnostics.clients.postgres.views.activity import Backend

INTENDED = frozenset({"advisory", "virtualxid", "speculative token"})
"""Lock types that programs wait for on purpose: a job behind its twin, CREATE INDEX CONCURRENTLY."""
EXCLUSIVE = frozenset(
    {
        "ShareUpdateExclusiveLock",
        "ShareLock",
        "ShareRowExclusiveLock",
        "ExclusiveLock",
        "AccessExclusiveLock",
    }
)
"""Modes that DDL and LOCK TABLE request on a table; payments take weaker ones (PostgreSQL, 13.3.1)."""


@dataclass(frozen=True, slots=True)
class LockQueue:
    """Sessions that wait too long in one snapshot, and the heads of the queue."""

    waiting: int
    wait_s: float
    """The longest wait in seconds; intended waits are not counted."""
    heads: tuple[Backend, ...] = ()
    """Sessions that block others and wait for nothing themselves; none if all wait in a cycle."""
    ddl: tuple[Backend, ...] = ()
    """Statements that wait for a lock on a whole table and block others while they wait."""
    reason: str = ""
    """`ddl_queue`, `lock_queue` (behind an idle transaction) or `busy_holder`; empty if none is certain."""
    hidden: str = ""
    """Reason why the head cannot be named."""


def head_blockers(backends: Sequence[Backend]) -> tuple[Backend, ...]:
    """Return the sessions that block others and wait for no lock themselves, by pid.

    Sessions that are not in the snapshot are returned with a description instead of a role.
    """
    listed = {backend.pid: backend for backend in backends}
    pids = head_pids({backend.pid: backend.blocked_by for backend in backends if backend.blocked_by})
    return tuple(listed.get(pid) or _unlisted(pid) for pid in pids)


def head_pids(blockers: Mapping[int, Sequence[int]]) -> list[int]:
    """Return the pids that block and do not wait, sorted; all blocking pids if they wait in a cycle."""
    blocking = {pid for pids in blockers.values() for pid in pids}
    return sorted(blocking - set(blockers) or blocking)


def _unlisted(pid: int) -> Backend:
    """Return a stand-in for a holder that has no session; pid 0 stands for a prepared transaction."""
    return Backend(pid, role="a prepared transaction" if pid == 0 else "a session elsewhere")


def longest_queue(backends: Sequence[Backend], max_wait_s: float) -> LockQueue:
    """Return the lock queue of one snapshot; empty if nobody has waited `max_wait_s` seconds."""
    waits = [backend for backend in backends if backend.blocked_by and backend.lock_type not in INTENDED]
    longest = max((backend.lock_wait_s for backend in waits), default=0.0)
    late = [backend for backend in waits if backend.lock_wait_s >= max_wait_s]
    if not late:
        return LockQueue(0, longest)
    blocking = {pid for backend in backends for pid in backend.blocked_by}
    ddl = tuple(backend for backend in late if _wants_table(backend) and backend.pid in blocking)
    heads = _heads(backends, late)
    reason = "ddl_queue" if ddl else _reason(heads, max_wait_s)
    return LockQueue(len(waits), longest, heads, ddl, reason, "" if reason else _hidden(heads))


def _wants_table(backend: Backend) -> bool:
    return backend.lock_type == "relation" and backend.lock_mode in EXCLUSIVE


def _heads(backends: Sequence[Backend], late: Sequence[Backend]) -> tuple[Backend, ...]:
    """Return the sessions at the ends of the chains from the late waits; none where all is a cycle."""
    listed = {backend.pid: backend for backend in backends}
    seen: set[int] = set()
    following = [pid for backend in late for pid in backend.blocked_by]
    while following:
        pid = following.pop()
        if pid not in seen:
            seen.add(pid)
            following += listed[pid].blocked_by if pid in listed else ()
    chain = [listed.get(pid) or _unlisted(pid) for pid in sorted(seen)]
    return tuple(backend for backend in chain if not backend.blocked_by)


def _reason(heads: Sequence[Backend], max_wait_s: float) -> str:
    """Return the reason of a queue: an idle holder before a busy one.

    A holder that began its transaction or its pause within the wait is neither, and one that waits for a lock
    itself is not at work.
    """
    if any(head.idle_in_transaction and head.state_s >= max_wait_s for head in heads):
        return "lock_queue"
    busy = [head for head in heads if head.state and not head.waits_for_lock]
    return "busy_holder" if any(head.transaction_s >= max_wait_s for head in busy) else ""


def _hidden(heads: Sequence[Backend]) -> str:
    unseen = [head for head in heads if not head.state]
    return f"{unseen[0].who} (pid {unseen[0].pid}) holds others up and is not visible" if unseen else ""
