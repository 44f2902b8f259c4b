"""Use of the application's connection pool, compared between two snapshots of its sessions."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from diagnostics.clients.postgres.libpq_settings.parameters import connection_settings
from diagnostics.clients.postgres.row_shape import INT, read_row
from diagnostics.clients.postgres.session import Session, monitor_session
from diagnostics.clients.postgres.views.activity import Backend, client_backends
from diagnostics.clients.postgres.views.pool_usage import ConnectionLimits, PoolUse, pool_use, tightest
from diagnostics.clients.postgres.views.pooler_in_front import SHARED, behind_pooler
from diagnostics.clients.postgres.views.visibility import report_missing_privilege, report_untracked
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.engine.window import watch
from diagnostics.targets.settings import Pool
from diagnostics.targets.target import EndpointKind

QUESTION = "Is the application's connection pool used up, and by work or by leaked connections?"
LAYER = "database"
APPLIES_TO: tuple[EndpointKind, ...] = ("postgresql",)
NEEDS = ("connect", "login")
READS: tuple[str, ...] = ()
FINDINGS = ("pool.leaked", "pool.exhausted", "pool.unpooled", "pool.oversubscribed")
SAFETY: Safety = "remote"
BUDGET = 15.0
WINDOW = "pool_window_s"
ALONE = False
SENDS = "One read-only session; pg_stat_activity twice, a window apart, and the limits on connections."

ROLLING_DEPLOY = 2
"""Factor by which a rolling deployment multiplies the sessions for a while: old and new processes run."""
MIN_LEAKED = 2
"""One session that pauses in its transaction may be a person with psql or a report."""
MAX_SHOWN = 3
LIMITS = """
SELECT current_setting('max_connections')::int,
       current_setting('superuser_reserved_connections')::int
           + coalesce(current_setting('reserved_connections', true), '0')::int,
       coalesce((SELECT rolconnlimit FROM pg_roles WHERE rolname = %s), -1),
       (SELECT datconnlimit FROM pg_database WHERE datname = current_database())
"""


@dataclass(frozen=True, slots=True)
class Snapshots:
    """Client sessions at two moments."""

    first: Sequence[Backend]
    second: Sequence[Backend]
    complete: bool
    """True if a whole window lies between them."""


def run(context: Context, /) -> None:
    """Compare two snapshots of the sessions, and the pool's capacity with the limits of the server."""
    settings = connection_settings(context.endpoint.url)
    names = settings.user, settings.database
    pool = context.target.settings.pool
    with monitor_session(context, "pool") as session:
        snapshots = _snapshots(context, session)
        if snapshots is None:
            return
        limits = ConnectionLimits(*read_row(session, LIMITS, (INT, INT, INT, INT), (settings.user,)))
        if behind_pooler(context):
            _judge_server_sessions(context, snapshots, pool, names)
        else:
            _judge_pools(context, snapshots, pool, names)
            if pool:
                own = _of(snapshots.second, pool.application_name, names)
                _compare_capacity(context, pool, limits.room(own, snapshots.second, names))
                _check_name(context, pool, snapshots, names)
        if "fail" not in context.levels:
            report_missing_privilege(context, session)
            report_untracked(context, session, "track_activities")


def _snapshots(context: Context, session: Session) -> Snapshots | None:
    """Return two snapshots, a window apart; None if the second one could not be read."""
    first = client_backends(session)
    second: Sequence[Backend] | None = None
    with watch(context, context.thresholds.pool_window_s) as window:
        window.wait()
        second = client_backends(session)
    context.evidence("time between two looks", round(window.seconds, 2), expected=window.planned_s, unit="s")
    return None if second is None else Snapshots(first, second, complete=window.complete)


def _of(backends: Sequence[Backend], application: str | None, names: tuple[str, str]) -> list[Backend]:
    """Return the sessions in the database with an application_name; without one, those of the role."""
    role, database = names
    in_database = [backend for backend in backends if backend.database == database]
    if application is None:
        return [backend for backend in in_database if backend.role == role]
    return [backend for backend in in_database if backend.application == application]


def _judge_pools(context: Context, snapshots: Snapshots, pool: Pool | None, names: tuple[str, str]) -> None:
    """Judge the configured pool; if none is configured, each application_name of the role."""
    if not pool:
        _judge_by_name(context, snapshots, names)
        return
    who = pool.application_name
    use = pool_use(_of(snapshots.first, who, names), _of(snapshots.second, who, names))
    _show_capacity(context, who, use, pool)
    _show_use(context, who, use, pool.capacity)
    if not _report_leak(context, who, use):
        _judge_number(context, who, use, pool, complete=snapshots.complete)


def _judge_by_name(context: Context, snapshots: Snapshots, names: tuple[str, str]) -> None:
    """Judge the sessions of each application_name of the role as a pool of unknown size."""
    for name, use in _uses_by_name(snapshots, names).items():
        who = name or "sessions without a name"
        context.evidence(
            f"{who}: sessions", len(use.sessions), note="the pool's size is not known: [target.*.pool]"
        )
        _show_use(context, who, use, None)
        if not _report_leak(context, who, use) and len(use.working) == len(use.sessions) > 1:
            context.unknown(
                f"all {len(use.sessions)} sessions of {who} are at work; to know if that is the whole pool, "
                f"set [target.{context.target.name}.pool]"
            )


def _judge_server_sessions(
    context: Context, snapshots: Snapshots, pool: Pool | None, names: tuple[str, str]
) -> None:
    """Look for leaks in the sessions of a pooler: they say nothing else about the pools of its clients.

    A client that leaves a transaction open keeps its server session. The application_name of a session is
    that of its last client, if the pooler passes names on.
    """
    context.evidence("pooler", "in front of the server", note=SHARED)
    for name, use in _uses_by_name(snapshots, names).items():
        who = f"server sessions last used by {name or 'clients without a name'}"
        context.evidence(who, len(use.sessions))
        _show_use(context, who, use, None)
        _report_leak(context, who, use)
    if pool:
        note = "not compared with max_connections: a pooler limits what its clients open, see probe pooler"
        context.evidence("capacity of the pools", pool.capacity, note=note)


def _uses_by_name(snapshots: Snapshots, names: tuple[str, str]) -> dict[str, PoolUse]:
    grouped: dict[str, list[Backend]] = defaultdict(list)
    for backend in _of(snapshots.second, None, names):
        grouped[backend.application].append(backend)
    return {name: pool_use(snapshots.first, backends) for name, backends in sorted(grouped.items())}


def _show_use(context: Context, who: str, use: PoolUse, capacity: int | None) -> None:
    full = capacity is not None and len(use.working) >= capacity
    most = None if capacity is None else f"below {capacity}"
    context.evidence(f"{who}: at work at both looks", len(use.working), expected=most, ok=not full)
    context.evidence(f"{who}: free at one of the looks", len(use.idle))
    note = "not counted as at work: the cause is the session that holds the lock"
    context.evidence(f"{who}: waiting for a lock", len(use.waiting), note=note)


def _report_leak(context: Context, who: str, use: PoolUse) -> bool:
    """Report sessions that were taken from the pool and forgotten, and return True if there are some."""
    held = use.held(context.thresholds.leak_s)
    leaked = len(held) >= MIN_LEAKED
    _show_held(context, who, held, leaked=leaked)
    if leaked:
        context.finding("pool.leaked")
    return leaked


def _judge_number(context: Context, who: str, use: PoolUse, pool: Pool, *, complete: bool) -> None:
    """Compare the sessions at work, and all lasting ones, with the size of the pools.

    At least a whole window has to lie between the snapshots: at a moment a pool may be full by chance.
    """
    if not complete:
        return
    if len(use.working) >= pool.capacity:
        context.finding("pool.exhausted")
    elif pool.processes > 1:
        _judge_processes(context, who, use, pool)
    if use.lasting > pool.capacity:
        most = ROLLING_DEPLOY * pool.capacity
        context.finding("pool.unpooled", "fail" if use.lasting > most else "warn")


def _judge_processes(context: Context, who: str, use: PoolUse, pool: Pool) -> None:
    """Look for one process whose pool is used up; with one address for several they cannot be told apart."""
    own = pool.size + pool.max_overflow
    by_address = use.working_by_address(pool.processes)
    if by_address is not None:
        busiest = max(by_address.values(), default=0)
        full = busiest >= own
        context.evidence(
            f"{who}: most at work in one process", busiest, expected=f"below {own}", ok=not full,
            note="each process has a client address of its own",
        )  # fmt: skip
        if full:
            context.finding("pool.exhausted")
    elif len(use.working) >= own:
        context.unknown(
            f"{len(use.working)} sessions are at work, and the pool of one process has {own}: one of the "
            f"{pool.processes} processes may have none free, and the server cannot tell them apart"
        )


def _show_capacity(context: Context, who: str, use: PoolUse, pool: Pool) -> None:
    note = f"{pool.processes} process(es) x ({pool.size} + {pool.max_overflow})"
    if pool.processes > 1:
        note += "; each process has its own pool, and one may be used up while another has free sessions"
    within = use.lasting <= pool.capacity
    expected = f"at most {pool.capacity}"
    context.evidence(f"{who}: sessions", len(use.sessions), expected=expected, ok=within, note=note)


def _show_held(context: Context, who: str, held: Sequence[Backend], *, leaked: bool) -> None:
    name = f"idle in one transaction for {context.thresholds.leak_s:g} s or longer, unmoved"
    expected = f"below {MIN_LEAKED}"
    context.evidence(f"{who}: {name}", len(held), expected=expected, ok=not leaked)
    for backend in held[:MAX_SHOWN]:
        value = f"pid {backend.pid}, untouched for {backend.state_s:.1f} s"
        context.evidence(f"{who}: held", value, ok=False if leaked else None, note=backend.statement)


def _compare_capacity(context: Context, pool: Pool, room: dict[str, int]) -> None:
    """Compare the connections that the pools may open with those that the server would accept."""
    limit, left = tightest(room)
    fits = pool.capacity <= left
    note = f"{limit}, less what is reserved and what others use now"
    context.evidence("capacity of the pools", pool.capacity, expected=f"at most {left}", ok=fits, note=note)
    if not fits:
        context.finding("pool.oversubscribed", "warn")


def _check_name(context: Context, pool: Pool, snapshots: Snapshots, names: tuple[str, str]) -> None:
    """Leave the question open if only other names last: a full pool would look empty."""
    if _of(snapshots.second, pool.application_name, names):
        return
    before = {backend.pid for backend in snapshots.first}
    lasting = [backend for backend in _of(snapshots.second, None, names) if backend.pid in before]
    others = sorted({backend.application or "(none)" for backend in lasting})
    if others:
        key = f"target.{context.target.name}.pool.application_name"
        context.unknown(
            f"no session is called {pool.application_name}, the role's sessions are called "
            f"{', '.join(others)}: the application is not connected, or {key} is not the name of its sessions"
        )
