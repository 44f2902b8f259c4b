"""Do statements run into their timeout, or wait for a lock that another session holds?"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence

from diagnostics.clients.postgres.parameters import connection_settings
from diagnostics.clients.postgres.session import Session, look
from diagnostics.clients.postgres.views.activity import Backend, look_at_backends
from diagnostics.clients.postgres.views.locks import LockQueue, longest_queue
from diagnostics.clients.postgres.views.role_timeouts import Timeout, timeouts_of
from diagnostics.clients.postgres.views.visibility import report_missing_privilege
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.targets.target import EndpointKind

QUESTION = "Do statements run into their timeout, or wait for a lock that another session holds?"
LAYER = "database"
APPLIES_TO: tuple[EndpointKind, ...] = ("postgresql",)
NEEDS = ("connect", "login")
READS: tuple[str, ...] = ()
FINDINGS = (
    "statements.lock_queue",
    "statements.ddl_queue",
    "statements.busy_holder",
    "statements.timeout_tiny",
    "statements.url_timeout",
    "statements.stale_statistics",
    "statements.slow",
)
SAFETY: Safety = "remote"
ALONE = False
BUDGET = 20.0
SENDS = "One read-only session; a look at the sessions and their locks four times a second for the window."

POLL_S = 0.25
RESERVE_S = 4.0
"""Seconds kept for what is asked after the window."""
MOST_SHOWN = 3
GRACE_S = 0.5
"""A statement that is older than its role's timeout by so much has a timeout of its own."""
PAUSES = frozenset({"Lock", "Timeout", "Client", "Activity", "Extension"})
"""Kinds of waits in which a statement does not work: for others, for a sleep, for its client."""
STALE = """
SELECT DISTINCT t.relname::text, t.n_mod_since_analyze, t.n_live_tup,
       coalesce(greatest(t.last_analyze, t.last_autoanalyze)::text, 'never')
FROM pg_locks l
JOIN pg_stat_user_tables t ON t.relid = l.relation
WHERE l.pid = ANY (%s) AND l.granted
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND t.n_mod_since_analyze >= 1000 AND t.n_mod_since_analyze > %s * t.n_live_tup
"""
Look = tuple[Backend, ...]


def run(context: Context, /) -> None:
    """Read the timeouts in force, and watch statements and locks for a window."""
    role = connection_settings(context.endpoint.url).user
    with look(context, "statements") as session:
        timeout = timeouts_of(context, session, role).get("statement_timeout")
        if timeout is None:
            context.unknown(f"the statement_timeout of {role} was not read")
        else:
            _judge_timeout(context, timeout)
        limit = timeout.ms / 1000 if timeout else 0.0
        with context.step("watch"):
            looks, stale = _watch(context, session, role, limit)
        _conclude_locks(context, looks)
        _conclude_slow(context, looks, stale, role, limit)
        if not context.codes:
            report_missing_privilege(context, session)


def _judge_timeout(context: Context, timeout: Timeout) -> None:
    """Find a timeout that ends healthy statements."""
    least = context.thresholds.statement_timeout_least_ms
    ok = timeout.ms == 0 or timeout.ms >= least
    context.evidence("statement_timeout in force", timeout.ms, expected=f"at least {least}", unit="ms", ok=ok)
    if not ok:
        context.finding("statements.url_timeout" if timeout.source == "client" else "statements.timeout_tiny")


def _watch(
    context: Context, session: Session, role: str, limit: float
) -> tuple[list[Look], Mapping[str, str]]:
    """Look again and again; what slow statements read is asked at once, while they hold its locks."""
    until = time.monotonic() + min(
        context.thresholds.statement_window_s, max(0.0, context.deadline.left - RESERVE_S)
    )
    looks, stale = [look_at_backends(session)], dict[str, str]()
    while True:
        slow = _slow(context, looks[-1:], role, limit)
        if slow:
            pids = [one.pid for one in slow]
            for table, changed, rows, when in session.rows(STALE, (pids, context.thresholds.stale_share)):
                stale[table] = f"{changed} changes on {rows} rows, analyzed {when}"
        left = until - time.monotonic()
        if left <= 0:
            return looks, stale
        time.sleep(min(POLL_S, left))
        looks.append(look_at_backends(session))


def _conclude_locks(context: Context, looks: Sequence[Look]) -> None:
    """Name the longest queue for a lock, and who is at its head."""
    patience = context.thresholds.lock_wait_s
    queue = max((longest_queue(one, patience) for one in looks), key=lambda queue: queue.waited_s)
    waited = round(queue.waited_s, 1)
    context.evidence(
        "longest wait for a lock", waited, expected=f"below {patience:g}", unit="s", ok=waited < patience
    )
    if not queue.waiting:
        return
    context.evidence("sessions waiting for a lock", queue.waiting)
    _show_heads(context, queue)
    if queue.reason:
        context.finding(f"statements.{queue.reason}")
    elif queue.hidden:
        context.unknown(f"{queue.hidden}: as a superuser look at pg_stat_activity and pg_prepared_xacts")


def _show_heads(context: Context, queue: LockQueue) -> None:
    for root in queue.roots[:MOST_SHOWN]:
        said = f"pid {root.pid} ({root.who}), {root.state} for {root.since_s:.1f} s"
        note = f"in its transaction for {root.open_s:.1f} s; {root.statement}"
        context.evidence("holds up others", said, ok=False, note=note)
    for one in queue.ddl[:MOST_SHOWN]:
        said = f"pid {one.pid} ({one.who}) waits for {one.mode}, {one.waited_s:.1f} s"
        context.evidence("waits at the head of the queue", said, ok=False, note=one.shown)


def _conclude_slow(
    context: Context, looks: Sequence[Look], stale: Mapping[str, str], role: str, limit: float
) -> None:
    """Find statements that work for most of what they are allowed."""
    slow = _slow(context, looks, role, limit)
    share = context.thresholds.slow_share
    expected = f"none beyond {share * limit:g} s" if limit else "no timeout is in force"
    context.evidence("slow statements", len(slow), expected=expected, ok=not slow)
    for one in slow[:MOST_SHOWN]:
        context.evidence("slow statement", round(one.statement_s, 1), unit="s", ok=False, note=one.shown)
    if not slow:
        return
    context.evidence("slow statements were seen waiting for", _waits(looks, slow))
    for table, note in stale.items():
        context.evidence("statistics are stale", table, ok=False, note=note)
    context.finding("statements.stale_statistics" if stale else "statements.slow")


def _slow(context: Context, looks: Sequence[Look], role: str, limit: float) -> list[Backend]:
    """The role's statements that passed the share of their timeout, each as last seen."""
    last = {(one.pid, one.began): one for look in looks for one in look if _works(one, role)}
    least, most = context.thresholds.slow_share * limit, limit + GRACE_S
    return [one for one in last.values() if limit and least <= one.statement_s <= most]


def _works(one: Backend, role: str) -> bool:
    return one.role == role and one.state == "active" and one.wait_type not in PAUSES


def _waits(looks: Sequence[Look], slow: Sequence[Backend]) -> str:
    known = {(one.pid, one.began) for one in slow}
    seen = Counter(
        one.wait_event or "nothing" for look in looks for one in look if (one.pid, one.began) in known
    )
    return ", ".join(f"{event} {times}x" for event, times in seen.most_common())
