"""Sessions that are ended by the server, by pg_terminate_backend or by the network, counted over a window.

The counters exist since PostgreSQL 14.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from diagnostics.clients.postgres.libpq_settings.parameters import connection_settings
from diagnostics.clients.postgres.row_shape import INT, TEXT, read_row, read_rows
from diagnostics.clients.postgres.session import Session, monitor_session
from diagnostics.clients.postgres.views.activity import Backend, backends_of_database
from diagnostics.clients.postgres.views.pooler_in_front import SHARED, behind_pooler
from diagnostics.clients.postgres.views.role_timeouts import RoleTimeout, timeouts_of
from diagnostics.clients.postgres.views.visibility import report_missing_privilege, report_untracked
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.engine.window import watch
from diagnostics.errors import CannotTell
from diagnostics.targets.target import EndpointKind

QUESTION = "Are sessions ended by a timeout of the server, by an administrator or by the network?"
LAYER = "database"
APPLIES_TO: tuple[EndpointKind, ...] = ("postgresql",)
NEEDS = ("connect", "login")
READS: tuple[str, ...] = ()
FINDINGS = ("kills.idle_in_transaction", "kills.idle_session", "kills.terminated", "kills.cut")
SAFETY: Safety = "remote"
ALONE = False
BUDGET = 25.0
WINDOW = "kill_window_s"
SENDS = "One read-only session; queries on counters and sessions ten times a second for the window."

POLL_S = 0.1
COUNT_S = 1.0
"""Seconds between reads of the counters: they are the last ones where the connection is lost."""
IDLE_SHARE = 0.5
"""Share of a timeout for which a session must have been idle, so that the timeout explains the ends."""
NOT_LOST = "and a client loses one only in session mode"
COUNTERS = """
SELECT (to_jsonb(d) ->> 'sessions_fatal')::bigint, (to_jsonb(d) ->> 'sessions_killed')::bigint,
       (to_jsonb(d) ->> 'sessions_abandoned')::bigint
FROM pg_stat_database d WHERE d.datname = current_database()
"""
TERMINATING = """
SELECT coalesce(usename, '') || ' ' || coalesce(application_name, '') || ', pid ' || pid
FROM pg_stat_activity
WHERE query ILIKE '%%pg_terminate_backend%%' AND pid <> pg_backend_pid()
  AND query_start > now() - %s * interval '1 s'
"""
IDLE: Mapping[str, tuple[str, str]] = {
    "idle_in_transaction": ("idle in transaction", "idle_in_transaction_session_timeout"),
    "idle_session": ("idle", "idle_session_timeout"),
}
"""State and the timeout that ends it, by the name of the finding."""


@dataclass(slots=True)
class SessionEnds:
    """Sessions of the database that ended during the window."""

    fatal: int = 0
    """Ended by a FATAL error; the server's timeouts count as such."""
    killed: int = 0
    """Ended by pg_terminate_backend."""
    abandoned: int = 0
    """Lost without a Terminate message from the client."""
    idle_s: dict[str, float] = field(default_factory=dict)
    """Longest time in each state that was seen, in seconds."""
    seconds: float = 0.0
    """Length of the window."""

    def count(self, first: Sequence[int], last: Sequence[int]) -> None:
        """Set the numbers of ended sessions from the counters at the beginning and now."""
        grown = (max(0, now - then) for now, then in zip(last, first, strict=True))
        self.fatal, self.killed, self.abandoned = grown


def run(context: Context, /) -> None:
    """Count how sessions end during the window, and name the timeout, session or network behind it."""
    role = connection_settings(context.endpoint.url).user
    with monitor_session(context, "kills") as session:
        timeouts = timeouts_of(context, session, role)
        ends = _watch(context, session, role)
        _show(context, ends)
        _conclude(context, session, ends, timeouts)
        if not context.codes:
            report_missing_privilege(context, session)
            report_untracked(context, session, "track_counts")


def _watch(context: Context, session: Session, role: str) -> SessionEnds:
    first, ends = _counters(session), SessionEnds()
    with watch(context, context.thresholds.kill_window_s) as window:
        counted = window.seconds
        for _ in window.polls(POLL_S):
            _record_idle(ends, backends_of_database(session), role)
            if window.seconds - counted >= COUNT_S:
                ends.count(first, _counters(session))
                counted = window.seconds
        ends.count(first, _counters(session))
    ends.seconds = window.seconds
    return ends


def _counters(session: Session) -> list[int]:
    counters = read_row(session, COUNTERS, (INT.or_null, INT.or_null, INT.or_null))
    if None in counters:
        raise CannotTell("PostgreSQL before 14 does not count how sessions end; its log does")
    return list(counters)


def _record_idle(ends: SessionEnds, backends: tuple[Backend, ...], role: str) -> None:
    for backend in backends:
        if backend.role == role:
            state = backend.state.removesuffix(" (aborted)")
            ends.idle_s[state] = max(ends.idle_s.get(state, 0.0), backend.state_s)


def _show(context: Context, ends: SessionEnds) -> None:
    least = context.thresholds.lost_sessions
    if behind_pooler(context):
        context.evidence("pooler", "in front of the server", note=SHARED)
    for name, count in (
        ("sessions ended by a fatal error or a timeout", ends.fatal),
        ("sessions terminated by a person or a program", ends.killed),
        ("sessions lost without a goodbye", ends.abandoned),
    ):
        note = f"within {ends.seconds:.1f} s"
        context.evidence(name, count, expected=f"below {least}", ok=count < least, note=note)


def _conclude(
    context: Context, session: Session, ends: SessionEnds, timeouts: Mapping[str, RoleTimeout]
) -> None:
    least = context.thresholds.lost_sessions
    if ends.fatal >= least:
        reason = _idle_timeout(ends, timeouts)
        if reason == "idle_session" and behind_pooler(context):
            context.unknown(f"the server ends idle sessions by idle_session_timeout; {SHARED}, {NOT_LOST}")
        elif reason:
            context.finding(f"kills.{reason}")
        else:
            context.unknown(
                "the server ends sessions with errors that no idle timeout explains; its log says which"
            )
    if ends.abandoned >= least:
        context.finding("kills.cut")
    if ends.killed >= least:
        context.finding("kills.terminated")
        callers = [name for (name,) in read_rows(session, TERMINATING, (TEXT,), (ends.seconds,))]
        context.evidence(
            "called pg_terminate_backend", tuple(callers), note="sessions that are still connected"
        )


def _idle_timeout(ends: SessionEnds, timeouts: Mapping[str, RoleTimeout]) -> str:
    """Return the finding of the idle timeout that sessions were close to; empty if there is none."""
    for reason, (state, name) in IDLE.items():
        ms = timeouts[name].ms if name in timeouts else 0
        if ms and ends.idle_s.get(state, 0.0) * 1000 >= IDLE_SHARE * ms:
            return reason
    return ""
