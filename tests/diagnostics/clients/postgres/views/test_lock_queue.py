"""One look at the sessions is judged by who stands at the head. Pure, so the looks are written by hand."""

import pytest

from diagnostics.clients.postgres.views.activity import Backend
from diagnostics.clients.postgres.views.locks import longest_queue

PATIENCE = 2.0


def session(
    pid: int,
    *blocked_by: int,
    state: str = "active",
    since_s: float = 9.0,
    open_s: float = 9.0,
    lock: str = "",
    mode: str = "ShareLock",
    waited_s: float = 9.0,
) -> Backend:
    kind = lock or ("transactionid" if blocked_by else "")
    wait = "Lock" if blocked_by else ""
    waited = waited_s if blocked_by else 0.0
    return Backend(
        pid,
        "app_user",
        "payments",
        state,
        "",
        wait,
        kind,
        0.0,
        9.0,
        since_s,
        open_s,
        blocked_by,
        kind,
        mode,
        waited,
    )


@pytest.mark.parametrize(("waited", "reason"), [(1.99, ""), (2.0, "lock_queue")])
def test_a_line_begins_when_someone_has_waited_long_enough(waited: float, reason: str) -> None:
    look = [session(1, state="idle in transaction"), session(2, 1, waited_s=waited)]

    queue = longest_queue(look, PATIENCE)

    assert (queue.reason, queue.waited_s) == (reason, waited)


def test_the_head_is_at_the_end_of_the_chain() -> None:
    look = [session(1, state="idle in transaction (aborted)"), session(2, 1), session(3, 2)]

    queue = longest_queue(look, PATIENCE)

    assert ([root.pid for root in queue.roots], queue.reason, queue.waiting) == ([1], "lock_queue", 2)


def test_a_holder_at_work_is_told_from_an_idle_one() -> None:
    assert longest_queue([session(1), session(2, 1)], PATIENCE).reason == "busy_holder"


def test_a_popular_row_that_goes_from_hand_to_hand_has_no_head() -> None:
    look = [session(1, open_s=0.01), session(2, 1, 3), session(3, 1)]

    queue = longest_queue(look, PATIENCE)

    assert (queue.reason, queue.hidden, queue.waiting) == ("", "", 2)


def test_a_transaction_between_two_statements_is_not_idle() -> None:
    look = [session(1, state="idle in transaction", since_s=0.001), session(2, 1)]

    assert longest_queue(look, PATIENCE).reason == "busy_holder"


@pytest.mark.parametrize("lock", ["advisory", "virtualxid"])
def test_waiting_by_design_is_no_line(lock: str) -> None:
    look = [session(1, state="idle in transaction"), session(2, 1, lock=lock)]

    assert longest_queue(look, PATIENCE).waiting == 0


def test_a_holder_that_itself_waits_by_design_is_a_head() -> None:
    look = [session(1, state="idle in transaction"), session(2, 1, lock="advisory"), session(3, 2)]

    queue = longest_queue(look, PATIENCE)

    assert ([root.pid for root in queue.roots], queue.reason) == ([2], "busy_holder")


def test_a_change_of_a_table_counts_only_when_it_holds_up_others() -> None:
    holder = session(1, state="idle in transaction")
    change = session(2, 1, lock="relation", mode="AccessExclusiveLock")
    payment = session(3, 2, lock="relation", mode="RowExclusiveLock")

    assert longest_queue([holder, change, payment], PATIENCE).reason == "ddl_queue"
    assert longest_queue([holder, change], PATIENCE).reason == "lock_queue"


def test_a_prepared_transaction_at_the_head_is_said_to_be_out_of_sight() -> None:
    queue = longest_queue([session(2, 0)], PATIENCE)

    assert (queue.reason, queue.hidden) == (
        "",
        "a prepared transaction (pid 0) holds others up and is not visible",
    )
