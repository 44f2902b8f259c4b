"""Sessions that insert rows one by one, each with a network round trip."""

import time
from collections import Counter
from collections.abc import Sequence

from diagnostics.clients.postgres.row_shape import read_rows
from diagnostics.clients.postgres.session import Session, monitor_session
from diagnostics.clients.postgres.views.insert_sampling import (
    COLUMNS,
    INSERTS,
    ActivitySample,
    InsertPattern,
    SharedInsert,
    insert_patterns,
    shared_inserts,
)
from diagnostics.clients.postgres.views.pooler_in_front import SHARED, behind_pooler
from diagnostics.clients.postgres.views.visibility import report_missing_privilege, report_untracked
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.engine.window import watch
from diagnostics.errors import CannotTell
from diagnostics.targets.settings import Thresholds
from diagnostics.targets.target import EndpointKind

QUESTION = "Does a program insert its rows one by one, with a network round trip for each?"
LAYER = "database"
APPLIES_TO: tuple[EndpointKind, ...] = ("postgresql",)
NEEDS = ("connect", "login")
READS: tuple[str, ...] = ()
FINDINGS = ("batches.row_by_row",)
SAFETY: Safety = "remote"
BUDGET = 12.0
WINDOW = "batch_window_s"
ALONE = False
SENDS = "One read-only session; 45 short statements on pg_stat_activity, spread over a second."

BEGIN = "BEGIN READ ONLY; SELECT pg_stat_clear_snapshot()"
REFRESH = "SELECT pg_stat_clear_snapshot()"
"""Within a transaction pg_stat_activity is read once and cached; this drops the cache."""
COMMIT = "COMMIT; SELECT true"
SAMPLES = 45
MIN_SAMPLES = 20
MIN_WAITING = 0.2
"""Share of samples in which the server waits for the client: a pipeline of rows keeps the server busy."""
MAX_JOBS = 3
"""Sessions that may send the same INSERT without a transaction and still be a job; many more are requests."""
MIN_LONE, MAX_OVERLAP = 0.8, 0.1
"""Shares of samples from which an INSERT behind a pooler may come from one program that sends row by row."""
MAX_SHOWN = 3
LATE_S = 2.0
"""Seconds after the window in which a slow server may still answer, so that it does not look healthy."""


def run(context: Context, /) -> None:
    """Sample the sessions at even intervals, and report those that repeat one single-row INSERT."""
    with monitor_session(context, "batches") as session:
        snapshots = _sample(context, session)
        if len(snapshots) < MIN_SAMPLES:
            raise CannotTell(f"only {len(snapshots)} of {SAMPLES} samples were answered")
        shared = behind_pooler(context)
        patterns = insert_patterns(snapshots, shared=shared)
        matches = without_requests(
            [pattern for pattern in patterns if row_by_row(pattern, context.thresholds)]
        )
        for pattern in [*matches, *(pattern for pattern in patterns if pattern not in matches)][:MAX_SHOWN]:
            _show(context, pattern, ok=pattern not in matches)
        context.evidence("sessions that send row by row", len(matches), expected=0, ok=not matches)
        if matches:
            context.finding("batches.row_by_row")
            return
        if shared:
            _judge_shared(context, shared_inserts(snapshots))
        report_missing_privilege(context, session)
        report_untracked(context, session, "track_activities")


def _judge_shared(context: Context, inserts: Sequence[SharedInsert]) -> None:
    """Leave the question open if one client at a time repeats an INSERT behind a pooler.

    It may be a row-by-row job, or the requests of many clients, one after the other.
    """
    context.evidence("pooler", "in front of the server", note=SHARED)
    for insert in inserts[:MAX_SHOWN]:
        change, overlap = round(insert.change, 2), round(insert.overlap, 2)
        context.evidence("samples with a new INSERT outside of a transaction", change, note=insert.statement)
        context.evidence("samples with new ones in several sessions", overlap)
    lone = [insert for insert in inserts if insert.change >= MIN_LONE and insert.overlap <= MAX_OVERLAP]
    if lone:
        context.unknown(
            "one session at a time repeats an INSERT of one row without a transaction, which behind a pooler "
            f"may be one program or many clients: {lone[0].statement}"
        )


def row_by_row(pattern: InsertPattern, limits: Thresholds) -> bool:
    """Return True if the session mostly repeats one statement and lets the server wait in between."""
    often = pattern.share >= limits.batch_share and pattern.change >= limits.batch_change
    return often and pattern.waiting >= MIN_WAITING


def without_requests(patterns: Sequence[InsertPattern]) -> list[InsertPattern]:
    """Return the patterns without an INSERT that more than MAX_JOBS sessions send outside of transactions.

    Each of those is a request of one of many clients; a job that sends row by row is one program, or a few.
    """
    sessions = Counter(pattern.statement for pattern in patterns if not pattern.in_transaction)
    return [
        pattern for pattern in patterns if pattern.in_transaction or sessions[pattern.statement] <= MAX_JOBS
    ]


def _sample(context: Context, session: Session) -> list[list[ActivitySample]]:
    """Return snapshots at even intervals; fewer if the server is slow or the window is cut short.

    All are read in one transaction, because `conflicts` counts the transactions of the database meanwhile.
    Behind a pooler each is one of its own: a transaction would keep a server session from the clients.
    """
    snapshots: list[list[ActivitySample]] = []
    with watch(context, context.thresholds.batch_window_s, step="sample") as window:
        late_s = LATE_S if window.granted_s == window.planned_s else 0.0
        if not session.pooled:
            session.rows(BEGIN)
        for number in range(SAMPLES):
            time.sleep(max(0.0, window.planned_s * number / SAMPLES - window.seconds))
            if snapshots and window.seconds > window.granted_s + late_s:
                break
            rows = read_rows(session, f"{REFRESH}; {INSERTS}", COLUMNS)
            snapshots.append([ActivitySample(*row) for row in rows])
        window.wait()
        if not session.pooled:
            session.rows(COMMIT)
    context.evidence("samples", len(snapshots), expected=SAMPLES, note=f"in {window.seconds:.2f} s")
    return snapshots


def _show(context: Context, pattern: InsertPattern, *, ok: bool) -> None:
    limits = context.thresholds
    who = f"pid {pattern.pid} ({pattern.who})"
    share, change = f"below {limits.batch_share:g}", f"below {limits.batch_change:g}"
    measurements = (
        ("samples with one INSERT of one row", pattern.share, share, pattern.statement),
        ("samples with a new run of it", pattern.change, change, ""),
        ("share of them in which it waits for the client", pattern.waiting, f"below {MIN_WAITING:g}", ""),
    )
    for name, value, expected, note in measurements:
        context.evidence(f"{who}: {name}", round(value, 2), expected=expected, ok=ok, note=note)
