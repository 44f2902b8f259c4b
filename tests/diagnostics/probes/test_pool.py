"""A pool at work, a leaking pool, and states that look like either."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace

import psycopg2
import pytest
from psycopg2.extensions import connection as Connection  # noqa: N812  it is the class
from psycopg2.extensions import make_dsn
from psycopg2.extras import wait_select

from diagnostics.clients.postgres.views.activity import Backend
from diagnostics.clients.postgres.views.pool_usage import ConnectionLimits, pool_use, tightest
from diagnostics.lab.lab import Lab
from diagnostics.lab.process.background_load import background_load
from diagnostics.targets.settings import Pool, SecretRef, Secrets, Thresholds
from diagnostics.targets.target import Target
from tests.diagnostics.probes.running import ProbeResult, run_probes

QUICK = Thresholds(pool_window_s=0.3, leak_s=0.2)
SMALL = Pool(application_name="payments", size=2)


def run_pool(target: Target, **settings: object) -> ProbeResult:
    own = replace(target.settings, thresholds=QUICK, **settings)  # type: ignore[arg-type]  # a test's own
    return run_probes(replace(target, settings=own), "connect", "login", "pool")["pool"]


@contextmanager
def sessions(
    lab: Lab, number: int, statement: str = "", name: str = "payments"
) -> Iterator[list[Connection]]:
    """Open sessions of the application, each idle in a transaction after the statement."""
    with ExitStack() as stack:
        opened = [
            stack.enter_context(closing(psycopg2.connect(lab.application_dsn(), application_name=name)))
            for _ in range(number)
        ]
        for session in opened if statement else ():
            session.cursor().execute(statement)
        yield opened


def backend(pid: int, state: str, *, changed: float = 1.0, lock: bool = False) -> Backend:
    return Backend(
        pid,
        database="transactions",
        role="app_user",
        state=state,
        state_changed=changed,
        wait_type="Lock" if lock else "",
    )


@pytest.mark.lab
def test_a_pool_of_idle_sessions_passes_with_its_sum_in_the_evidence(lab: Lab) -> None:
    with sessions(lab, 2):
        result = run_pool(lab.target, pool=SMALL)

    assert (result.outcome, result.codes) == ("pass", [])
    assert result.evidence["payments: sessions"].value == 2
    assert result.evidence["payments: free at one of the looks"].value == 2
    assert result.evidence["capacity of the pools"].value == 2
    assert result.evidence["time between two looks"].expected == 0.3


@pytest.mark.lab
def test_two_forgotten_transactions_are_a_leak_and_their_last_statement_is_shown(lab: Lab) -> None:
    with sessions(lab, 2, "SELECT balance FROM accounts WHERE id = 4111"):
        result = run_pool(lab.target)

    assert result.codes == ["pool.leaked"]
    assert result.evidence["payments: held"].note == "SELECT balance FROM accounts WHERE id = ?"


@pytest.mark.lab
def test_one_forgotten_transaction_is_not_enough(lab: Lab) -> None:
    with sessions(lab, 1, "SELECT 1"):
        assert run_pool(lab.target).outcome == "pass"


@pytest.mark.lab
def test_a_pause_shorter_than_the_threshold_is_no_leak(lab: Lab) -> None:
    patient = replace(QUICK, leak_s=60)
    now = lab.target
    with sessions(lab, 3, "SELECT 1"):
        target = replace(now, settings=replace(now.settings, thresholds=patient))
        result = run_probes(target, "connect", "login", "pool")["pool"]

    assert result.outcome == "pass"
    assert result.evidence["payments: idle in one transaction for 60 s or longer, unmoved"].value == 0


@pytest.mark.lab
def test_a_leak_is_found_without_any_settings_by_the_name_that_the_sessions_have(lab: Lab) -> None:
    with sessions(lab, 2, "SELECT 1", name="refunds"):
        result = run_pool(lab.target, pool=None)

    assert result.codes == ["pool.leaked"]
    assert "refunds: sessions" in result.evidence


@pytest.mark.lab
def test_a_queue_for_a_lock_is_not_a_pool_at_work(lab: Lab) -> None:
    with sessions(lab, 1, "UPDATE accounts SET balance = balance WHERE id = 1"), waiters(lab, 2):
        result = run_pool(lab.target, pool=SMALL)

    assert "pool.exhausted" not in result.codes
    assert result.evidence["payments: waiting for a lock"].value == 2
    assert result.evidence["payments: at work at both looks"].value == 0


@pytest.mark.lab
def test_a_pool_is_used_up_exactly_when_all_of_it_is_at_work(lab: Lab) -> None:
    with working(lab, 2):
        full = run_pool(lab.target, pool=SMALL)
        room = run_pool(lab.target, pool=replace(SMALL, max_overflow=1))

    assert full.codes == ["pool.exhausted"]
    assert (room.outcome, room.codes) == ("pass", [])


@pytest.mark.lab
def test_a_busy_pool_of_unknown_size_is_no_pass(lab: Lab) -> None:
    with working(lab, 2):
        result = run_pool(lab.target, pool=None)

    assert result.outcome == "unknown"
    assert "[target.lab.pool]" in result.reason


@pytest.mark.lab
def test_a_name_that_no_session_has_is_no_pass(lab: Lab) -> None:
    with sessions(lab, 1):
        result = run_pool(lab.target, pool=replace(SMALL, application_name="paymnets"))

    assert result.outcome == "unknown"
    assert "called payments" in result.reason


@pytest.mark.lab
def test_a_short_session_of_a_person_does_not_make_the_name_wrong(lab: Lab) -> None:
    with background_load(
        lab.application_dsn(), lambda dsn: psycopg2.connect(dsn, application_name="psql").close()
    ):
        result = run_pool(lab.target, pool=SMALL)

    assert (result.outcome, result.reason) == ("pass", "")


@pytest.mark.lab
@pytest.mark.parametrize(("number", "outcome"), [(2, "pass"), (3, "warn"), (4, "warn"), (5, "fail")])
def test_sessions_beyond_the_pools_were_opened_outside_of_them(lab: Lab, number: int, outcome: str) -> None:
    with sessions(lab, number):
        result = run_pool(lab.target, pool=SMALL)

    assert (result.outcome, result.codes) == (outcome, ["pool.unpooled"] if outcome != "pass" else [])
    assert result.evidence["payments: sessions"].ok is (outcome == "pass")
    assert result.evidence["payments: sessions"].expected == "at most 2"


@pytest.mark.lab
def test_one_of_two_processes_may_have_no_session_left_where_as_many_are_at_work_as_one_has(lab: Lab) -> None:
    two = replace(SMALL, processes=2)
    with sessions(lab, 1):
        with working(lab, 2):
            open_question = run_pool(lab.target, pool=two)
        with working(lab, 1):
            enough = run_pool(lab.target, pool=two)

    assert (open_question.outcome, open_question.codes) == ("unknown", [])
    assert "one of the 2 processes may have none free" in open_question.reason
    assert (enough.outcome, enough.reason) == ("pass", "")


@pytest.mark.lab
def test_one_of_two_processes_with_an_address_each_is_found_used_up(lab: Lab) -> None:
    by_socket = str(make_dsn(lab.application_dsn(), host=str(lab.server.socket_folder)))
    two = replace(SMALL, processes=2)
    with sessions(lab, 1), working(lab, 1, by_socket):
        free = run_pool(lab.target, pool=two)
    with sessions(lab, 1), working(lab, 2, by_socket):
        full = run_pool(lab.target, pool=two)

    assert (free.outcome, free.reason) == ("pass", "")
    assert full.codes == ["pool.exhausted"]
    assert full.evidence["payments: most at work in one process"].value == 2


def test_processes_with_an_address_each_are_told_apart_by_it() -> None:
    first = [
        replace(backend(1, "active"), address="10.0.0.1"),
        replace(backend(2, "idle"), address="10.0.0.2"),
    ]

    use = pool_use(first, first)

    assert use.working_by_address(2) == {"10.0.0.1": 1}
    assert use.working_by_address(3) is None


@pytest.mark.lab
def test_more_sessions_than_the_server_gives_is_a_warning(lab: Lab) -> None:
    fits = run_pool(lab.target, pool=replace(SMALL, size=17))
    not_quite = run_pool(lab.target, pool=replace(SMALL, size=18))

    assert fits.outcome == "pass"
    assert (not_quite.outcome, not_quite.codes) == ("warn", ["pool.oversubscribed"])
    assert not_quite.evidence["capacity of the pools"].expected == "at most 17"


@pytest.mark.lab
def test_the_limit_of_the_role_counts_too(lab: Lab) -> None:
    lab.sql("ALTER ROLE app_user CONNECTION LIMIT 5")
    try:
        result = run_pool(lab.target, pool=replace(SMALL, size=6))
    finally:
        lab.repair()

    assert result.codes == ["pool.oversubscribed"]
    assert "CONNECTION LIMIT of role app_user" in result.evidence["capacity of the pools"].note


@pytest.mark.lab
def test_without_the_right_to_look_nothing_is_green_and_the_grant_is_named(lab: Lab) -> None:
    own = Secrets(database=SecretRef(file=str(lab.layout.application_password)))
    result = run_pool(lab.target, monitor="", secrets=own)

    assert result.outcome == "unknown"
    assert "GRANT pg_monitor TO app_user" in result.reason


@pytest.mark.lab
def test_an_application_that_may_only_see_itself_still_sees_its_leak(lab: Lab) -> None:
    own = Secrets(database=SecretRef(file=str(lab.layout.application_password)))
    with sessions(lab, 2, "SELECT 1"):
        result = run_pool(lab.target, monitor="", secrets=own)

    assert result.codes == ["pool.leaked"]


def test_what_moved_between_the_looks_is_at_work_and_what_did_not_is_held() -> None:
    before = [backend(1, "idle in transaction"), backend(2, "idle in transaction"), backend(3, "active")]
    after = [
        backend(1, "idle in transaction", changed=2),
        backend(2, "idle in transaction"),
        backend(3, "active"),
    ]

    use = pool_use(before, after)

    assert [session.pid for session in use.working] == [1, 3]
    assert [session.pid for session in use.unmoved] == [2]


def test_who_is_new_hidden_idle_once_or_waits_once_is_not_at_work() -> None:
    before = [backend(2, ""), backend(3, "idle"), backend(4, "active", lock=True)]
    after = [backend(1, "active"), backend(2, ""), backend(3, "active"), backend(4, "active")]

    use = pool_use(before, after)

    assert (len(use.sessions), use.lasting) == (4, 3)
    assert (use.working, use.unmoved) == ((), ())
    assert ([session.pid for session in use.idle], [session.pid for session in use.waiting]) == ([3], [4])


def test_the_tightest_of_three_limits_counts() -> None:
    own, other = backend(1, "idle"), backend(2, "idle")
    limits = ConnectionLimits(server=100, reserved=3, role=20, database=50)

    room = limits.room([own], [own, other], ("app_user", "transactions"))

    assert room["max_connections"] == 96
    assert tightest(room) == ("CONNECTION LIMIT of role app_user", 19)


@contextmanager
def working(lab: Lab, number: int, dsn: str = "") -> Iterator[None]:
    """Keep sessions busy with a long statement."""
    with asking(dsn or lab.application_dsn(), number, "SELECT pg_sleep(8)"):
        yield


@contextmanager
def waiters(lab: Lab, number: int) -> Iterator[None]:
    """Keep sessions waiting for a lock on account 1."""
    with asking(lab.application_dsn(), number, "UPDATE accounts SET balance = balance WHERE id = 1"):
        yield


@contextmanager
def asking(dsn: str, number: int, statement: str) -> Iterator[None]:
    """Open sessions with a statement that runs until they are closed."""
    with ExitStack() as stack:
        for _ in range(number):
            session = psycopg2.connect(dsn, async_=True)
            stack.enter_context(closing(session))
            wait_select(session)
            session.cursor().execute(statement)
            stack.callback(session.cancel)
        yield
