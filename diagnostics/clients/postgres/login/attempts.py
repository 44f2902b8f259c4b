"""Logins with a credential that no server has accepted yet: one at a time, to send a wrong one once."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from diagnostics.engine.deadline import Deadline
from diagnostics.errors import CannotTell

_guard = threading.Lock()
_accepted: set[bytes] = set()
_locks: dict[bytes, threading.Lock] = {}


@contextmanager
def one_at_a_time(identity: bytes, deadline: Deadline) -> Iterator[None]:
    """Let one thread log in; others wait for its result. A login that succeeds frees the way for all.

    `identity` is the digest of the credential. Raises CannotTell if the result is not known in time.
    """
    with _guard:
        accepted = identity in _accepted
        lock = _locks.setdefault(identity, threading.Lock())
    if accepted:
        yield
        return
    if not lock.acquire(timeout=deadline.left):
        raise CannotTell("another login with this credential is under way, and its result is not known yet")
    try:
        yield
        with _guard:
            _accepted.add(identity)
    finally:
        lock.release()


def forget(identity: bytes) -> None:
    """Count a credential as unproven again, because a server has rejected it."""
    with _guard:
        _accepted.discard(identity)
