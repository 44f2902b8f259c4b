"""One snapshot of the sessions is judged by the head of its lock queue; the snapshots are written by hand."""

from dataclasses import replace

import pytest

from diagnostics.clients.postgres.views.activity import Backend
from diagnostics.clients.postgres.views.locks import longest_queue

MAX_WAIT_S = 2.0


def session(
    pid: int,
    *blocked_by: int,
    state: str = "active",
    state_s: float = 9.0,
    transaction_s: float = 9.0,
    lock: str = "transactionid",
    mode: str = "ShareLock",
    wait_s: float = 9.0,
) -> Backend:
    backend = Backend(pid, state=state, state_s=state_s, transaction_s=transaction_s)
    if not blocked_by:
        return backend
    return replace(backend, blocked_by=blocked_by, lock_type=lock, lock_mode=mode, lock_wait_s=wait_s)


@pytest.mark.parametrize(("waited", "reason"), [(1.99, ""), (2.0, "lock_queue")])
def test_a_queue_begins_when_a_session_has_waited_long_enough(waited: float, reason: str) -> None:
    snapshot = [session(1, state="idle in transaction"), session(2, 1, wait_s=waited)]

    queue = longest_queue(snapshot, MAX_WAIT_S)

    assert (queue.reason, queue.wait_s) == (reason, waited)


def test_the_head_is_at_the_end_of_the_chain() -> None:
    snapshot = [session(1, state="idle in transaction (aborted)"), session(2, 1), session(3, 2)]

    queue = longest_queue(snapshot, MAX_WAIT_S)

    assert ([head.pid for head in queue.heads], queue.reason, queue.waiting) == ([1], "lock_queue", 2)


def test_a_busy_holder_is_not_an_idle_one() -> None:
    assert longest_queue([session(1), session(2, 1)], MAX_WAIT_S).reason == "busy_holder"


def test_a_contended_row_without_a_long_holder_has_no_head() -> None:
    snapshot = [session(1, transaction_s=0.01), session(2, 1, 3), session(3, 1)]

    queue = longest_queue(snapshot, MAX_WAIT_S)

    assert (queue.reason, queue.hidden, queue.waiting) == ("", "", 2)


def test_a_transaction_between_two_statements_is_not_idle() -> None:
    snapshot = [session(1, state="idle in transaction", state_s=0.001), session(2, 1)]

    assert longest_queue(snapshot, MAX_WAIT_S).reason == "busy_holder"


@pytest.mark.parametrize("lock", ["advisory", "virtualxid"])
def test_an_intended_wait_is_not_a_queue(lock: str) -> None:
    snapshot = [session(1, state="idle in transaction"), session(2, 1, lock=lock)]

    assert longest_queue(snapshot, MAX_WAIT_S).waiting == 0


def test_a_chain_goes_on_through_a_holder_in_an_intended_wait() -> None:
    snapshot = [session(1, state="idle in transaction"), session(2, 1, lock="advisory"), session(3, 2)]

    queue = longest_queue(snapshot, MAX_WAIT_S)

    assert ([head.pid for head in queue.heads], queue.reason) == ([1], "lock_queue")


def test_a_leader_that_keeps_an_advisory_lock_without_a_transaction_is_not_at_work() -> None:
    leader = session(1, state="idle", transaction_s=0.0)

    assert longest_queue([leader, session(2, 1, lock="advisory"), session(3, 2)], MAX_WAIT_S).reason == ""


@pytest.mark.parametrize("more", [(), (session(3, 1),)], ids=["two", "and one behind them"])
def test_sessions_that_wait_for_each_other_have_no_head(more: tuple[Backend, ...]) -> None:
    queue = longest_queue([session(1, 2), session(2, 1), *more], MAX_WAIT_S)

    assert (queue.heads, queue.reason, queue.hidden) == ((), "", "")
    assert queue.waiting == 2 + len(more)


def test_a_holder_that_waits_for_a_lock_is_not_at_work() -> None:
    holder = replace(session(1), wait_type="Lock")

    assert longest_queue([holder, session(2, 1)], MAX_WAIT_S).reason == ""


def test_a_short_wait_behind_a_long_transaction_is_not_blamed_for_a_late_wait_elsewhere() -> None:
    short_queue = [session(1), session(2, 1, wait_s=0.1)]
    deadlock = [session(3, 4), session(4, 3)]

    assert longest_queue([*short_queue, *deadlock], MAX_WAIT_S).reason == ""


def test_ddl_counts_only_when_it_blocks_others() -> None:
    holder = session(1, state="idle in transaction")
    ddl = session(2, 1, lock="relation", mode="AccessExclusiveLock")
    payment = session(3, 2, lock="relation", mode="RowExclusiveLock")

    assert longest_queue([holder, ddl, payment], MAX_WAIT_S).reason == "ddl_queue"
    assert longest_queue([holder, ddl], MAX_WAIT_S).reason == "lock_queue"


def test_a_prepared_transaction_at_the_head_is_reported_as_not_visible() -> None:
    queue = longest_queue([session(2, 0)], MAX_WAIT_S)

    assert (queue.reason, queue.hidden) == (
        "",
        "a prepared transaction (pid 0) holds others up and is not visible",
    )
