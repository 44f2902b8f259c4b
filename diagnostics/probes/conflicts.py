"""Deadlocks and serialization failures, counted over a window.

Deadlocks come from pg_stat_database. PostgreSQL has no counter for serialization failures: many rollbacks at
a strict isolation level are the sign.
"""

from dataclasses import dataclass

from diagnostics.clients.postgres.libpq_settings.parameters import connection_settings
from diagnostics.clients.postgres.row_shape import BOOL, FLOAT, INT, TEXT, read_row
from diagnostics.clients.postgres.session import Session, monitor_session
from diagnostics.clients.postgres.views.activity import backends_of_database
from diagnostics.clients.postgres.views.locks import head_blockers
from diagnostics.clients.postgres.views.visibility import report_missing_privilege, report_untracked
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.engine.window import watch
from diagnostics.targets.target import EndpointKind

QUESTION = "Do transactions fail because of deadlocks or serialization conflicts?"
LAYER = "database"
APPLIES_TO: tuple[EndpointKind, ...] = ("postgresql",)
NEEDS = ("connect", "login")
READS: tuple[str, ...] = ()
FINDINGS = ("conflicts.deadlocks", "conflicts.serialization")
SAFETY: Safety = "remote"
BUDGET = 20.0
WINDOW = "deadlock_window_s"
ALONE = False
SENDS = "One read-only session; a statement on pg_stat_database four times a second for the window."

POLL_S = 0.25
MIN_ROLLBACKS = 5
MAX_SHOWN = 3
STRICT = frozenset({"repeatable read", "serializable"})

COUNTERS = """
SELECT d.deadlocks, d.xact_commit, d.xact_rollback,
       EXISTS (SELECT FROM pg_locks l WHERE l.mode = 'SIReadLock' AND l.database = d.datid)
FROM pg_stat_database d WHERE d.datname = current_database()
"""
COUNTER_COLUMNS = (INT, INT, INT, BOOL)
SINCE = """
SELECT d.deadlocks,
       extract(epoch FROM now() - coalesce(d.stats_reset, pg_postmaster_start_time()))::float8 / 86400
FROM pg_stat_database d WHERE d.datname = current_database()
"""
SETTINGS = """
SELECT current_setting('deadlock_timeout'), current_setting('log_lock_waits'), coalesce(
    (SELECT split_part(setting, '=', 2)
     FROM pg_db_role_setting s, unnest(s.setconfig) setting
     WHERE setting LIKE 'default_transaction_isolation=%%'
       AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
       AND s.setrole IN (0, coalesce((SELECT oid FROM pg_roles WHERE rolname = %s), 0))
     ORDER BY s.setrole <> 0 DESC, s.setdatabase <> 0 DESC LIMIT 1),
    current_setting('default_transaction_isolation'))
"""


@dataclass(frozen=True, slots=True)
class Growth:
    """Growth of the database's counters during the window."""

    seconds: float
    deadlocks: int
    commits: int
    rollbacks: int
    predicate_locks: bool
    """True if a serializable transaction was seen."""

    @property
    def rollback_ratio(self) -> float:
        """Share of transactions that were rolled back, 0 without any."""
        ended = self.commits + self.rollbacks
        return self.rollbacks / ended if ended else 0.0


def run(context: Context, /) -> None:
    """Watch the counters for a window, and show which sessions block others."""
    role = connection_settings(context.endpoint.url).user
    with monitor_session(context, "conflicts") as session:
        isolation = _show_settings(context, session, role)
        _show_history(context, session)
        _show_locks(context, session, "before the window")
        growth = _watch(context, session)
        _show_growth(context, growth)
        found = _conclude(context, growth, isolation)
        _show_locks(context, session, "after the window")
        if not found:
            report_missing_privilege(context, session)
            report_untracked(context, session, "track_counts")


def _watch(context: Context, session: Session) -> Growth:
    """Read the counters until a deadlock is counted or the window ends, without the probe's own reads."""
    first = read_row(session, COUNTERS, COUNTER_COLUMNS)
    last, reads, predicate_locks = first, 0, first[3]
    with watch(context, context.thresholds.deadlock_window_s) as window:
        for _ in window.polls(POLL_S):
            last, reads = read_row(session, COUNTERS, COUNTER_COLUMNS), reads + 1
            predicate_locks = predicate_locks or last[3]
            if last[0] > first[0]:
                window.decide()
    deadlocks, commits, rollbacks = (
        max(0, now - then) for now, then in zip(last[:3], first[:3], strict=True)
    )
    return Growth(window.seconds, deadlocks, max(0, commits - reads), rollbacks, predicate_locks)


def _conclude(context: Context, growth: Growth, isolation: str) -> bool:
    """Emit the finding and return True if there is one; deadlocks first, because they cause rollbacks too."""
    if growth.deadlocks > 0:
        context.finding("conflicts.deadlocks")
        return True
    strict = growth.predicate_locks or isolation in STRICT
    many = growth.rollbacks >= MIN_ROLLBACKS and growth.rollback_ratio >= context.thresholds.rollback_ratio
    if strict and many:
        context.finding("conflicts.serialization")
        return True
    return False


def _show_settings(context: Context, session: Session, role: str) -> str:
    deadlock_timeout, log_lock_waits, isolation = read_row(session, SETTINGS, (TEXT, TEXT, TEXT), (role,))
    context.evidence("deadlock_timeout", deadlock_timeout)
    context.evidence(
        "log_lock_waits",
        log_lock_waits,
        note="on: the log names the sessions that wait and those that block them",
    )
    context.evidence("default_transaction_isolation", isolation, note=f"of role {role} in this database")
    return str(isolation)


def _show_history(context: Context, session: Session) -> None:
    deadlocks, days = read_row(session, SINCE, (INT, FLOAT))
    context.evidence("deadlocks since the counters began", deadlocks, note=f"{days:.1f} days")
    context.evidence("deadlocks per day", round(deadlocks / max(days, 1.0), 2))


def _show_locks(context: Context, session: Session, when: str) -> None:
    backends = backends_of_database(session)
    waiting = sum(bool(backend.blocked_by) for backend in backends)
    context.evidence(f"sessions waiting for a lock {when}", waiting)
    for head in head_blockers(backends)[:MAX_SHOWN]:
        value = (
            f"pid {head.pid} ({head.who}), {head.state}, in its transaction for {head.transaction_s:.1f} s"
        )
        context.evidence(f"blocks others {when}", value, note=head.statement)


def _show_growth(context: Context, growth: Growth) -> None:
    note = "a session that stays connected and idle reports its deadlocks after 10 s"
    seconds, wanted = round(growth.seconds, 1), context.thresholds.deadlock_window_s
    context.evidence("window", seconds, expected=wanted, unit="s", note=note)
    context.evidence("deadlocks in the window", growth.deadlocks, expected=0, ok=growth.deadlocks == 0)
    context.evidence("transactions committed in the window", growth.commits)
    context.evidence("transactions rolled back in the window", growth.rollbacks)
    most = context.thresholds.rollback_ratio
    ratio = round(growth.rollback_ratio, 3)
    context.evidence("share rolled back", ratio, expected=f"below {most:g}", ok=ratio < most)
    context.evidence("serializable transactions seen", growth.predicate_locks)
