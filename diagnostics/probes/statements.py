"""Statement timeouts, slow statements and lock queues of the application's role, watched over a window."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from diagnostics.clients.postgres.libpq_settings.parameters import connection_settings
from diagnostics.clients.postgres.row_shape import INT, TEXT, read_rows
from diagnostics.clients.postgres.session import Session, monitor_session
from diagnostics.clients.postgres.views.activity import Backend, backends_of_database
from diagnostics.clients.postgres.views.locks import LockQueue, longest_queue
from diagnostics.clients.postgres.views.role_timeouts import RoleTimeout, timeouts_of
from diagnostics.clients.postgres.views.visibility import report_missing_privilege, report_untracked
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.engine.window import watch
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
WINDOW = "statement_window_s"
SENDS = "One read-only session; a query on sessions and locks four times a second for the window."

POLL_S = 0.25
MAX_SHOWN = 3
MIN_LATE = 2
"""Snapshots that have to show a late wait before one without a long holder leaves the question open."""
DEADLOCKED = "each other: a deadlock until the server ends it, and then the probe conflicts counts it"
GRACE_S = 0.5
"""A statement that runs this much longer than its role's timeout has a timeout of its own."""
PAUSES = frozenset({"Lock", "Timeout", "Client", "Activity", "Extension"})
"""Wait event types in which a statement does no work: for a lock, a sleep or its client."""
STALE = """
SELECT DISTINCT t.relname::text, t.n_mod_since_analyze, t.n_live_tup,
       coalesce(greatest(t.last_analyze, t.last_autoanalyze)::text, 'never')
FROM pg_locks l
JOIN pg_stat_user_tables t ON t.relid = l.relation
WHERE l.pid = ANY (%s) AND l.granted
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND t.n_mod_since_analyze >= 1000 AND t.n_mod_since_analyze > %s * t.n_live_tup
"""
Snapshot = tuple[Backend, ...]


def run(context: Context, /) -> None:
    """Read the timeouts in force, and watch statements and locks for a window."""
    role = connection_settings(context.endpoint.url).user
    with monitor_session(context, "statements") as session:
        timeout = timeouts_of(context, session, role).get("statement_timeout")
        if timeout is None:
            context.unknown(f"the statement_timeout of {role} was not read")
        else:
            _judge_timeout(context, timeout)
        limit = timeout.ms / 1000 if timeout else 0.0
        snapshots, stale = _watch(context, session, role, limit)
        if not snapshots:
            return
        _conclude_locks(context, snapshots)
        _conclude_slow(context, snapshots, stale, role, limit)
        if not context.codes:
            report_missing_privilege(context, session)
            report_untracked(context, session, "track_activities")


def _judge_timeout(context: Context, timeout: RoleTimeout) -> None:
    """Emit a finding if the timeout ends healthy statements."""
    least = context.thresholds.statement_timeout_least_ms
    ok = timeout.ms == 0 or timeout.ms >= least
    context.evidence("statement_timeout in force", timeout.ms, expected=f"at least {least}", unit="ms", ok=ok)
    if not ok:
        context.finding("statements.url_timeout" if timeout.source == "client" else "statements.timeout_tiny")


def _watch(
    context: Context, session: Session, role: str, limit: float
) -> tuple[list[Snapshot], Mapping[str, str]]:
    """Return snapshots of the sessions, and the tables with stale statistics that slow statements read.

    The tables are queried while the statements run, because only then their locks name them.
    """
    snapshots, stale = list[Snapshot](), dict[str, str]()
    with watch(context, context.thresholds.statement_window_s) as window:
        for _ in window.polls(POLL_S):
            snapshots.append(backends_of_database(session))
            slow = _slow(context, snapshots[-1:], role, limit)
            if slow:
                pids = [backend.pid for backend in slow]
                values = (pids, context.thresholds.stale_share)
                for table, changed, rows, when in read_rows(session, STALE, (TEXT, INT, INT, TEXT), values):
                    stale[table] = f"{changed} changes on {rows} rows, analyzed {when}"
    context.evidence("snapshots of the sessions", len(snapshots), note=f"within {window.seconds:.1f} s")
    return snapshots, stale


def _conclude_locks(context: Context, snapshots: Sequence[Snapshot]) -> None:
    """Show the longest lock queue and its heads, and emit its finding."""
    most = context.thresholds.lock_wait_s
    queues = [longest_queue(snapshot, most) for snapshot in snapshots]
    waited = round(max(queue.wait_s for queue in queues), 1)
    context.evidence(
        "longest wait for a lock", waited, expected=f"below {most:g}", unit="s", ok=waited < most
    )
    queue = max(queues, key=lambda queue: (bool(queue.reason), queue.wait_s))
    if not queue.waiting:
        return
    context.evidence("sessions waiting for a lock", queue.waiting)
    _show_heads(context, queue)
    if queue.reason:
        context.finding(f"statements.{queue.reason}")
    elif queue.hidden:
        context.unknown(f"{queue.hidden}: as a superuser, query pg_stat_activity and pg_prepared_xacts")
    elif sum(bool(queue.waiting) for queue in queues) >= MIN_LATE:
        behind = "short transactions, one after the other" if queue.heads else DEADLOCKED
        context.unknown(f"sessions wait up to {waited:g} s for a lock, behind {behind}")


def _show_heads(context: Context, queue: LockQueue) -> None:
    for head in queue.heads[:MAX_SHOWN]:
        value = f"pid {head.pid} ({head.who}), {head.state} for {head.state_s:.1f} s"
        note = f"in its transaction for {head.transaction_s:.1f} s; {head.statement}"
        context.evidence("holds up others", value, ok=False, note=note)
    for ddl in queue.ddl[:MAX_SHOWN]:
        value = f"pid {ddl.pid} ({ddl.who}) waits for {ddl.lock_mode}, {ddl.lock_wait_s:.1f} s"
        context.evidence("waits at the head of the queue", value, ok=False, note=ddl.statement)


def _conclude_slow(
    context: Context, snapshots: Sequence[Snapshot], stale: Mapping[str, str], role: str, limit: float
) -> None:
    """Emit a finding if statements use up most of their timeout, `limit` in seconds."""
    slow = _slow(context, snapshots, role, limit)
    share = context.thresholds.slow_share
    expected = f"none beyond {share * limit:g} s" if limit else "no timeout is in force"
    context.evidence("slow statements", len(slow), expected=expected, ok=not slow)
    for backend in slow[:MAX_SHOWN]:
        seconds = round(backend.query_s, 1)
        context.evidence("slow statement", seconds, unit="s", ok=False, note=backend.statement)
    if not slow:
        return
    context.evidence("slow statements were seen waiting for", _waits(snapshots, slow))
    for table, note in stale.items():
        context.evidence("statistics are stale", table, ok=False, note=note)
    context.finding("statements.stale_statistics" if stale else "statements.slow")


def _slow(context: Context, snapshots: Sequence[Snapshot], role: str, limit: float) -> list[Backend]:
    """Return the role's statements that have used up the share of their timeout, each as last seen."""
    last = {_statement_key(backend): backend for backend in _chain(snapshots) if _works(backend, role)}
    least, most = context.thresholds.slow_share * limit, limit + GRACE_S
    return [backend for backend in last.values() if limit and least <= backend.query_s <= most]


def _works(backend: Backend, role: str) -> bool:
    return backend.role == role and backend.state == "active" and backend.wait_type not in PAUSES


def _waits(snapshots: Sequence[Snapshot], slow: Sequence[Backend]) -> str:
    """Return the wait events of the slow statements with their counts, the most frequent first."""
    keys = {_statement_key(backend) for backend in slow}
    events = Counter(
        backend.wait_event or "nothing" for backend in _chain(snapshots) if _statement_key(backend) in keys
    )
    return ", ".join(f"{event} {count}x" for event, count in events.most_common())


def _chain(snapshots: Sequence[Snapshot]) -> Iterator[Backend]:
    return (backend for snapshot in snapshots for backend in snapshot)


def _statement_key(backend: Backend) -> tuple[int, float]:
    return backend.pid, backend.query_started
