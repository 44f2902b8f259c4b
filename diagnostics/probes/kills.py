"""Sessions that are ended by the server, by pg_terminate_backend or by the network, counted over a window.

The counters exist since PostgreSQL 14.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from diagnostics.clients.postgres.parameters import connection_settings
from diagnostics.clients.postgres.session import Session, monitor_session
from diagnostics.clients.postgres.views.activity import Backend, backends_of_database
from diagnostics.clients.postgres.views.role_timeouts import RoleTimeout, timeouts_of
from diagnostics.clients.postgres.views.visibility import report_missing_privilege
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
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
SENDS = "One read-only session; queries on counters and sessions ten times a second for the window."

POLL_S = 0.1
RESERVE_S = 4.0
"""Seconds kept for the queries after the window."""
IDLE_SHARE = 0.5
"""Share of a timeout for which a session must have been idle, so that the timeout explains the ends."""
COUNTERS = """
SELECT to_jsonb(d) ->> 'sessions_fatal', to_jsonb(d) ->> 'sessions_killed',
       to_jsonb(d) ->> 'sessions_abandoned'
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
class Window:
    """Sessions of the database that ended during the window."""

    fatal: int = 0
    """Ended by a FATAL error; the server's timeouts count as such."""
    killed: int = 0
    """Ended by pg_terminate_backend."""
    abandoned: int = 0
    """Lost without a Terminate message from the client."""
    idle_s: dict[str, float] = field(default_factory=dict)
    """Longest time in each state that was seen, in seconds."""


def run(context: Context, /) -> None:
    """Count how sessions end during the window, and name the timeout, session or network behind it."""
    role = connection_settings(context.endpoint.url).user
    with monitor_session(context, "kills") as session:
        timeouts = timeouts_of(context, session, role)
        with context.step("watch"):
            window = _watch(context, session, role)
        _show(context, window)
        _conclude(context, session, window, timeouts)
        if not context.codes:
            report_missing_privilege(context, session)


def _watch(context: Context, session: Session, role: str) -> Window:
    wanted = min(context.thresholds.kill_window_s, max(0.0, context.deadline.left - RESERVE_S))
    until = time.monotonic() + wanted
    first, window = _counters(session), Window()
    while (left := until - time.monotonic()) > 0:
        _record_idle(window, backends_of_database(session), role)
        time.sleep(min(POLL_S, left))
    grown = [max(0, now - then) for now, then in zip(_counters(session), first, strict=True)]
    window.fatal, window.killed, window.abandoned = grown
    return window


def _counters(session: Session) -> list[int]:
    counters = session.rows(COUNTERS)[0]
    if None in counters:
        raise CannotTell("PostgreSQL before 14 does not count how sessions end; its log does")
    return [int(value) for value in counters]


def _record_idle(window: Window, backends: tuple[Backend, ...], role: str) -> None:
    for backend in backends:
        if backend.role == role:
            state = backend.state.removesuffix(" (aborted)")
            window.idle_s[state] = max(window.idle_s.get(state, 0.0), backend.state_s)


def _show(context: Context, window: Window) -> None:
    seconds, least = context.thresholds.kill_window_s, context.thresholds.lost_sessions
    for name, count in (
        ("sessions ended by a fatal error or a timeout", window.fatal),
        ("sessions terminated by a person or a program", window.killed),
        ("sessions lost without a goodbye", window.abandoned),
    ):
        context.evidence(
            name, count, expected=f"below {least}", ok=count < least, note=f"within {seconds:g} s"
        )


def _conclude(
    context: Context, session: Session, window: Window, timeouts: Mapping[str, RoleTimeout]
) -> None:
    least = context.thresholds.lost_sessions
    if window.killed >= least:
        callers = [name for (name,) in session.rows(TERMINATING, (context.thresholds.kill_window_s,))]
        context.evidence(
            "called pg_terminate_backend", tuple(callers), note="sessions that are still connected"
        )
        context.finding("kills.terminated")
    if window.fatal >= least:
        reason = _idle_timeout(window, timeouts)
        if reason:
            context.finding(f"kills.{reason}")
        else:
            context.unknown(
                "the server ends sessions with errors that no idle timeout explains; its log says which"
            )
    if window.abandoned >= least:
        context.finding("kills.cut")


def _idle_timeout(window: Window, timeouts: Mapping[str, RoleTimeout]) -> str:
    """Return the finding of the idle timeout that sessions were close to; empty if there is none."""
    for reason, (state, name) in IDLE.items():
        ms = timeouts[name].ms if name in timeouts else 0
        if ms and window.idle_s.get(state, 0.0) * 1000 >= IDLE_SHARE * ms:
            return reason
    return ""
