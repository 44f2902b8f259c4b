"""Does a program send its rows one by one, and wait for the network after each?"""

import re
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from diagnostics.clients.postgres import Session, look
from diagnostics.clients.sql_text import masked, normalised
from diagnostics.clients.visibility import admit_blindness
from diagnostics.context import Context
from diagnostics.deadline import CannotTell
from diagnostics.probe import Safety
from diagnostics.settings import Thresholds
from diagnostics.target import EndpointKind

LAYER = "database"
APPLIES_TO: tuple[EndpointKind, ...] = ("postgresql",)
NEEDS = ("connect", "login")
READS: tuple[str, ...] = ()
FINDINGS = ("batches.row_by_row",)
SAFETY: Safety = "remote"
BUDGET = 12.0
ALONE = True
SENDS = "One read-only session; 45 short statements on pg_stat_activity, spread over a second."

SAMPLES = 45
LEAST_SAMPLES = 20
LONGEST = 400
"""Characters of an INSERT of one row; execute_batch and execute_values send longer ones."""
LEAST_WAITING = 0.2
"""Share of samples in which the server waits for the client. A pipeline of rows keeps it at work."""
MOST_SHOWN = 3
RESERVE_S = 3.0
INSERTS = f"""
SELECT pid, concat_ws(' ', usename, application_name), query_start::text, state LIKE 'idle%',
       left(query, {LONGEST + 1})
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND left(ltrim(query), 6) ILIKE 'insert'
"""  # noqa: S608  a constant of this file
ONE_ROW = re.compile(
    r"insert into [^;]*?\bvalues ?\((?:[^()]|\([^()]*\))*\)(?! ?,)[^;]*;?", re.IGNORECASE | re.DOTALL
)

Sample = tuple[int, str, str, bool, str]


@dataclass(frozen=True, slots=True)
class Chatter:
    """What the samples say of one session and its most frequent INSERT of one row."""

    who: str
    statement: str
    share: float
    """Of all samples, those that show the statement."""
    change: float
    """Of all samples, those that show a run of it that no earlier sample has shown."""
    waiting: float
    """Of its samples, those in which the server waits for the client."""

    def row_by_row(self, limits: Thresholds) -> bool:
        """Whether it does little else than send this statement again and again."""
        often = self.share >= limits.batch_share and self.change >= limits.batch_change
        return often and self.waiting >= LEAST_WAITING


def run(context: Context, /) -> None:
    """Look often, at even distances, and see who shows the same INSERT each time."""
    with look(context, "batches") as session:
        with context.step("sample"):
            samples, seconds = _sampled(context, session)
        context.evidence("samples", len(samples), unit=f"in {seconds:.2f} s", expected=SAMPLES)
        if len(samples) < LEAST_SAMPLES:
            raise CannotTell(f"only {len(samples)} samples in {seconds:.1f} s: the server answers too slowly")
        found = sorted(chatter(samples), key=lambda one: -one.share)
        for one in found[:MOST_SHOWN]:
            _show(context, one)
        if any(one.row_by_row(context.thresholds) for one in found):
            context.finding("batches.row_by_row")
        else:
            context.evidence("sessions that send row by row", 0, expected=0, ok=True)
            admit_blindness(context, session)


def chatter(samples: Sequence[Sequence[Sample]]) -> list[Chatter]:
    """For each session that was seen with an INSERT of one row, how it behaved over all samples."""
    seen: dict[int, list[Sample]] = defaultdict(list)
    for sample in samples:
        for row in sample:
            seen[row[0]].append(row)
    found = (_of_session(rows, len(samples)) for rows in seen.values())
    return [one for one in found if one]


def one_row(statement: str) -> bool:
    """Whether a statement is a short INSERT with one row of values, and nothing behind it."""
    return len(statement) <= LONGEST and bool(ONE_ROW.fullmatch(masked(statement)))


def _sampled(context: Context, session: Session) -> tuple[list[list[Sample]], float]:
    """Read at even distances; where the server is slow, what fits into the window."""
    began = time.monotonic()
    window = min(context.thresholds.batch_window_s, context.deadline.left - RESERVE_S)
    samples: list[list[Sample]] = []
    for number in range(SAMPLES):
        time.sleep(max(0.0, began + window * number / SAMPLES - time.monotonic()))
        if samples and time.monotonic() > began + 2 * window:
            break
        samples.append([(row[0], row[1], row[2], row[3], row[4]) for row in session.rows(INSERTS)])
    return samples, time.monotonic() - began


def _of_session(rows: Sequence[Sample], samples: int) -> Chatter | None:
    texts = {text: normalised(text) for text in {row[4] for row in rows} if one_row(text)}
    if not texts:
        return None
    shape, times = Counter(texts[row[4]] for row in rows if row[4] in texts).most_common(1)[0]
    same = [row for row in rows if texts.get(row[4]) == shape]
    starts = {row[2] for row in same}
    waiting = sum(row[3] for row in same) / times
    return Chatter(same[0][1], shape, times / samples, len(starts) / samples, waiting)


def _show(context: Context, one: Chatter) -> None:
    limits = context.thresholds
    bad = one.row_by_row(limits)
    who = one.who or "a session"
    context.evidence(
        f"{who}: samples with one INSERT of one row",
        round(one.share, 2),
        expected=f"below {limits.batch_share:g}",
        ok=not bad,
        note=one.statement,
    )
    change = f"below {limits.batch_change:g}"
    context.evidence(
        f"{who}: samples with a new run of it", round(one.change, 2), expected=change, ok=not bad
    )
    context.evidence(f"{who}: share of time that the server waits for the client", round(one.waiting, 2))
