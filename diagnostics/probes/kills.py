"""Are sessions ended from outside: by a timeout of the server, by a person, or by something on the way?"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from diagnostics.clients.postgres.parameters import connection_settings
from diagnostics.clients.postgres.session import Session, look
from diagnostics.clients.postgres.views.activity import Backend, look_at_backends
from diagnostics.clients.postgres.views.role_timeouts import Timeout, timeouts_of
from diagnostics.clients.postgres.views.visibility import report_missing_privilege
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.errors import CannotTell
from diagnostics.targets.target import EndpointKind

QUESTION = (
    "Are sessions ended from outside: by a timeout of the server, by a person, or by something on the way?"
)
LAYER = "database"
APPLIES_TO: tuple[EndpointKind, ...] = ("postgresql",)
NEEDS = ("connect", "login")
READS: tuple[str, ...] = ()
FINDINGS = ("kills.idle_in_transaction", "kills.idle_session", "kills.terminated", "kills.cut")
SAFETY: Safety = "remote"
ALONE = False
BUDGET = 25.0
SENDS = "One read-only session; a look at counters and sessions ten times a second for the window."

POLL_S = 0.1
RESERVE_S = 4.0
"""Seconds kept for what is asked after the window."""
NEAR = 0.5
"""A session that was idle for this share of a timeout, while sessions are ended by one, is its victim."""
COUNTERS = """
SELECT to_jsonb(d) ->> 'sessions_fatal', to_jsonb(d) ->> 'sessions_killed',
       to_jsonb(d) ->> 'sessions_abandoned'
FROM pg_stat_database d WHERE d.datname = current_database()
"""
KILLERS = """
SELECT coalesce(usename, '') || ' ' || coalesce(application_name, '') || ', pid ' || pid
FROM pg_stat_activity
WHERE query ILIKE '%%pg_terminate_backend%%' AND pid <> pg_backend_pid()
  AND query_start > now() - %s * interval '1 s'
"""
IDLE: Mapping[str, tuple[str, str]] = {
    "idle_in_transaction": ("idle in transaction", "idle_in_transaction_session_timeout"),
    "idle_session": ("idle", "idle_session_timeout"),
}
"""Which state is ended by which timeout, by the finding that says so."""


@dataclass(slots=True)
class Window:
    """How sessions of the database ended while we watched."""

    fatal: int = 0
    """Ended by an error that the server met, which is what its timeouts are."""
    killed: int = 0
    """Ended by pg_terminate_backend."""
    abandoned: int = 0
    """The connection was lost without a goodbye from the client."""
    idle_s: dict[str, float] = field(default_factory=dict)
    """The longest stay in each state that was seen."""


def run(context: Context, /) -> None:
    """Watch for a window how sessions end, and say which timeout, person or device does it."""
    role = connection_settings(context.endpoint.url).user
    with look(context, "kills") as session:
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
        _note(window, look_at_backends(session), role)
        time.sleep(min(POLL_S, left))
    grown = [max(0, now - then) for now, then in zip(_counters(session), first, strict=True)]
    window.fatal, window.killed, window.abandoned = grown
    return window


def _counters(session: Session) -> list[int]:
    counted = session.rows(COUNTERS)[0]
    if None in counted:
        raise CannotTell("PostgreSQL before 14 does not count how sessions end; its log does")
    return [int(value) for value in counted]


def _note(window: Window, seen: tuple[Backend, ...], role: str) -> None:
    for one in seen:
        if one.role == role:
            state = one.state.removesuffix(" (aborted)")
            window.idle_s[state] = max(window.idle_s.get(state, 0.0), one.since_s)


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


def _conclude(context: Context, session: Session, window: Window, timeouts: Mapping[str, Timeout]) -> None:
    least = context.thresholds.lost_sessions
    if window.killed >= least:
        killers = [name for (name,) in session.rows(KILLERS, (context.thresholds.kill_window_s,))]
        context.evidence("called pg_terminate_backend", tuple(killers), note="sessions that are still there")
        context.finding("kills.terminated")
    if window.fatal >= least:
        reason = _timeout(window, timeouts)
        if reason:
            context.finding(f"kills.{reason}")
        else:
            context.unknown(
                "the server ends sessions by errors that no idle timeout explains; its log says which"
            )
    if window.abandoned >= least:
        context.finding("kills.cut")


def _timeout(window: Window, timeouts: Mapping[str, Timeout]) -> str:
    """The idle timeout whose victims were seen waiting for it."""
    for reason, (state, name) in IDLE.items():
        ms = timeouts[name].ms if name in timeouts else 0
        if ms and window.idle_s.get(state, 0.0) * 1000 >= NEAR * ms:
            return reason
    return ""
