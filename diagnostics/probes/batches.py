"""Does a program send its rows one by one, and wait for the network after each?"""

import time

from diagnostics.clients.postgres.session import Session, look
from diagnostics.clients.postgres.views.insert_sampling import INSERTS, ActivitySample, InsertPattern, chatter
from diagnostics.clients.postgres.views.visibility import report_missing_privilege
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.errors import CannotTell
from diagnostics.targets.settings import Thresholds
from diagnostics.targets.target import EndpointKind

QUESTION = "Does a program send its rows one by one, and wait for the network after each?"
LAYER = "database"
APPLIES_TO: tuple[EndpointKind, ...] = ("postgresql",)
NEEDS = ("connect", "login")
READS: tuple[str, ...] = ()
FINDINGS = ("batches.row_by_row",)
SAFETY: Safety = "remote"
BUDGET = 12.0
ALONE = False
SENDS = "One read-only session; 45 short statements on pg_stat_activity, spread over a second."

BEGIN = "BEGIN READ ONLY; SELECT pg_stat_clear_snapshot()"
AGAIN = "SELECT pg_stat_clear_snapshot()"
"""Within a transaction pg_stat_activity stays as it was seen first; this lets it be seen anew."""
COMMIT = "COMMIT; SELECT true"
SAMPLES = 45
LEAST_SAMPLES = 20
LEAST_WAITING = 0.2
"""Share of samples in which the server waits for the client: a pipeline of rows keeps it at work."""
MOST_SHOWN = 3
RESERVE_S = 3.0
LATE_S = 2.0
"""Seconds beyond the window in which a slow server may still answer; it must not look like a healthy one."""


def run(context: Context, /) -> None:
    """Look often, at even distances, and see who shows the same INSERT each time."""
    with look(context, "batches") as session:
        with context.step("sample"):
            samples, seconds = _sampled(context, session)
        context.evidence("samples", len(samples), expected=SAMPLES, note=f"in {seconds:.2f} s")
        if len(samples) < LEAST_SAMPLES:
            raise CannotTell(f"only {len(samples)} samples in {seconds:.1f} s: the server answers too slowly")
        found = chatter(samples)
        for one in found[:MOST_SHOWN]:
            _show(context, one)
        guilty = [one for one in found if row_by_row(one, context.thresholds)]
        context.evidence("sessions that send row by row", len(guilty), expected=0, ok=not guilty)
        if guilty:
            context.finding("batches.row_by_row")
        else:
            report_missing_privilege(context, session)


def row_by_row(one: InsertPattern, limits: Thresholds) -> bool:
    """Whether a session does little else than send one statement again and again, and waits in between."""
    often = one.share >= limits.batch_share and one.change >= limits.batch_change
    return often and one.waiting >= LEAST_WAITING


def _sampled(context: Context, session: Session) -> tuple[list[list[ActivitySample]], float]:
    """Read at even distances; where the server is slow, what fits into a little more.

    All in one transaction: `conflicts` counts those of the database at the same time.
    """
    session.rows(BEGIN)
    began = time.monotonic()
    window = min(context.thresholds.batch_window_s, context.deadline.left - RESERVE_S)
    samples: list[list[ActivitySample]] = []
    for number in range(SAMPLES):
        time.sleep(max(0.0, began + window * number / SAMPLES - time.monotonic()))
        if samples and time.monotonic() > began + window + LATE_S:
            break
        samples.append([ActivitySample(*row) for row in session.rows(f"{AGAIN}; {INSERTS}")])
    seconds = time.monotonic() - began
    session.rows(COMMIT)
    return samples, seconds


def _show(context: Context, one: InsertPattern) -> None:
    limits = context.thresholds
    ok = not row_by_row(one, limits)
    who = f"pid {one.pid} ({one.who})"
    shown = (
        ("samples with one INSERT of one row", one.share, f"below {limits.batch_share:g}", one.statement),
        ("samples with a new run of it", one.change, f"below {limits.batch_change:g}", ""),
        ("share of them in which it waits for the client", one.waiting, f"below {LEAST_WAITING:g}", ""),
    )
    for name, value, expected, note in shown:
        context.evidence(f"{who}: {name}", round(value, 2), expected=expected, ok=ok, note=note)
