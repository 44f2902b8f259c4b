"""The probe of the pooler, on a real PgBouncer: what the contract does not show of it."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace

import psycopg2
import pytest

from diagnostics.clients.postgres.pgbouncer.queue import (
    PoolSample,
    ServerSession,
    holders,
    waits_too_long,
)
from diagnostics.clients.postgres.pgbouncer.session_state import SessionState, left_settings
from diagnostics.clients.postgres.views.activity import Backend
from diagnostics.lab.faults.pooler import client_dsn, pooled
from diagnostics.lab.lab import Lab
from diagnostics.lab.postgres.pgbouncer import PgBouncer, PoolMode
from diagnostics.targets.settings import Pooler, Thresholds
from diagnostics.targets.target import Target
from tests.diagnostics.probes.running import ProbeResult, run_probes, with_thresholds
from tests.support.requirements import needs_pgbouncer

MODES: tuple[PoolMode, ...] = ("session", "transaction", "statement")
READ = "SELECT balance FROM accounts WHERE id = 1"


def run_pooler(target: Target) -> ProbeResult:
    return run_probes(target, "connect", "login", "pooler")["pooler"]


def without_monitor(lab: Lab) -> Target:
    """Return the lab's target with the admin console and without a direct address of the server."""
    now = lab.target
    secrets = replace(now.settings.secrets, monitor=None)
    return replace(now, settings=replace(now.settings, monitor="", secrets=secrets))


@contextmanager
def clients(lab: Lab, pooler: PgBouncer, statements: int | list[str]) -> Iterator[None]:
    """Keep clients connected to the pooler, each after its statement."""
    queries = [READ] * statements if isinstance(statements, int) else statements
    with ExitStack() as stack:
        for query in queries:
            session = stack.enter_context(closing(psycopg2.connect(client_dsn(lab, pooler))))
            session.autocommit = True
            session.cursor().execute(query)
        yield


def test_a_server_without_a_pooler_in_front_passes(lab: Lab) -> None:
    result = run_pooler(lab.target)

    assert (result.outcome, result.evidence["pooler"].value) == ("pass", "none")


@pytest.mark.parametrize("mode", MODES, ids=MODES)
@pytest.mark.parametrize("direct", [True, False], ids=["with monitor", "without"])
@needs_pgbouncer
def test_a_healthy_pooler_passes_and_its_log_stays_clean(healthy: Lab, mode: PoolMode, direct: bool) -> None:
    with pooled(healthy, mode=mode) as pooler:
        result = run_pooler(healthy.target if direct else without_monitor(healthy))
        log = pooler.log

    assert (result.outcome, result.codes) == ("pass", []), result.reason
    assert str(result.evidence["version"].value).startswith("PgBouncer 1.")
    assert result.evidence["pool mode"].value == mode
    assert "WARNING" not in log
    assert "ERROR" not in log


@needs_pgbouncer
def test_a_pooler_that_only_the_login_sees_is_skipped_with_what_to_write(healthy: Lab) -> None:
    with pooled(healthy, admin=False):
        result = run_pooler(healthy.target)

    assert result.outcome == "skipped"
    assert result.reason.endswith('[target.lab.pooler] admin = "postgresql://..."')


@needs_pgbouncer
def test_a_wrong_password_of_the_console_is_unknown_and_tried_once(healthy: Lab) -> None:
    rejected: set[bytes] = set()
    with pooled(healthy) as pooler:
        healthy.layout.pooler_password.write_text("wrong horse", "utf-8")
        first, second = (
            run_probes(healthy.target, "connect", "login", "pooler", rejected=rejected)["pooler"]
            for _ in range(2)
        )
        log = pooler.log

    assert (first.outcome, second.outcome) == ("unknown", "unknown")
    assert "08P01: SASL authentication failed" in first.reason
    assert "rejected before" in second.reason
    assert log.count("SASL authentication failed") == 1


@needs_pgbouncer
def test_a_role_that_is_no_user_of_the_console_is_told_so(healthy: Lab) -> None:
    with pooled(healthy) as pooler:
        pooler.configure(stats_users="somebody")
        result = run_pooler(healthy.target)

    assert result.outcome == "unknown"
    assert "it must be in stats_users or admin_users" in result.reason


@needs_pgbouncer
def test_a_window_that_the_deadline_cuts_short_is_unknown_and_says_how_much_was_seen(healthy: Lab) -> None:
    with pooled(healthy):
        target = with_thresholds(healthy.target, Thresholds(pooler_window_s=30))
        result = run_probes(target, "connect", "login", "pooler", deadline_s=6)["pooler"]

    assert result.outcome == "unknown"
    assert " of 30 s" in result.reason


@pytest.mark.parametrize(
    ("mode", "statements", "code"),
    [
        ("transaction", ["BEGIN; SELECT 1"] * 2, "pooler.long_transactions"),
        ("session", [READ] * 2, "pooler.session_mode"),
    ],
    ids=["transactions", "session mode"],
)
@needs_pgbouncer
def test_without_the_servers_sessions_the_pooler_tells_what_it_can(
    healthy: Lab, mode: PoolMode, statements: list[str], code: str
) -> None:
    with (
        pooled(healthy, mode=mode, settings={"default_pool_size": "2"}) as pooler,
        clients(healthy, pooler, statements),
    ):
        result = run_pooler(without_monitor(healthy))

    assert (result.outcome, result.codes) == ("fail", [code])
    assert result.evidence["sessions of the server"].value == "not read"


@needs_pgbouncer
def test_a_pool_that_is_busy_with_short_transactions_raises_nothing(healthy: Lab) -> None:
    ending = threading.Event()

    def pay(dsn: str) -> None:
        with closing(psycopg2.connect(dsn)) as session, session.cursor() as cursor:
            while not ending.is_set():
                cursor.execute("UPDATE accounts SET balance = balance WHERE id = 1")
                session.commit()

    with pooled(healthy, settings={"default_pool_size": "2"}) as pooler:
        workers = [
            threading.Thread(target=pay, args=(client_dsn(healthy, pooler),), daemon=True) for _ in range(8)
        ]
        for worker in workers:
            worker.start()
        try:
            result = run_pooler(healthy.target)
        finally:
            ending.set()
            for worker in workers:
                worker.join()

    assert (result.outcome, result.codes) == ("pass", []), result.reason


@needs_pgbouncer
def test_a_setting_of_connect_query_is_none_of_a_client(healthy: Lab) -> None:
    connection = {"connect_query": "'SET lock_timeout = 500'"}
    with pooled(healthy) as pooler:
        pooler.connect_to(**connection)
        result = run_pooler(healthy.target)

    assert (result.outcome, result.codes) == ("pass", []), result.reason
    assert int(str(result.evidence["server sessions compared"].value)) > 1


@needs_pgbouncer
def test_the_whole_pooler_paused_is_red(healthy: Lab) -> None:
    with pooled(healthy) as pooler:
        pooler.admin("PAUSE")
        result = run_pooler(healthy.target)
        pooler.admin("RESUME")

    # Before 1.19 the console does not show it, and the server sessions are gone.
    assert result.codes in (["pooler.paused"], ["pooler.no_server_session"])


@needs_pgbouncer
def test_a_pooler_of_another_kind_is_not_asked(healthy: Lab) -> None:
    with pooled(healthy, admin=False):
        healthy.override_settings(pooler=Pooler(kind="other"))
        result = run_pooler(healthy.target)

    assert result.outcome == "skipped"


def sample(wait_s: float = 0.0, waiting: int = 0, **backends: Backend) -> PoolSample:
    servers = tuple(ServerSession(name, f"client of {name}", backends[name].pid) for name in backends)
    by_pid: Mapping[int, Backend] = {backend.pid: backend for backend in backends.values()}
    return PoolSample(waiting, wait_s, len(servers), 0, 0, "transaction", 1, servers, by_pid)


def backend(pid: int, transaction_s: float, state: str = "active") -> Backend:
    return Backend(pid, state=state, transaction_s=transaction_s)


@pytest.mark.parametrize(
    ("waits", "late"),
    [([0.1, 2.0, 2.5, 3.0], True), ([0.0, 0.0, 0.0, 2.0], False), ([2.0, 0.0, 2.0, 0.0], True)],
    ids=["a queue", "one hiccup", "in jerks"],
)
def test_one_look_at_a_long_wait_is_no_queue(waits: list[float], late: bool) -> None:
    assert waits_too_long([sample(wait_s, 1) for wait_s in waits], max_wait_s=1.0) is late


def test_a_transaction_counts_as_long_in_all_samples_once_it_has_lasted_long() -> None:
    samples = [
        sample(a=backend(1, age), b=backend(2, 0.1), c=backend(3, age, "idle in transaction"))
        for age in (0.5, 3.0, 6.0)
    ]

    assert holders(samples, min_s=5.0) == {"long": 3, "short": 3, "idle": 3}


def test_a_setting_that_only_some_server_sessions_have_was_left_by_a_client() -> None:
    def state(pid: int, *settings: str) -> SessionState:
        return SessionState(pid, (), settings, (), ())

    assert left_settings([state(1, "a = 1", "b = 2"), state(2, "a = 1")]) == ("b = 2",)
    assert left_settings([state(1, "a = 1"), state(2, "a = 2")]) == ("a = 1", "a = 2")
    assert left_settings([state(1, "a = 1")]) == ()
