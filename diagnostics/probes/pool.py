"""Use of the application's connection pool, compared between two snapshots of its sessions."""

import time
from collections import defaultdict
from collections.abc import Sequence

from diagnostics.clients.postgres.parameters import connection_settings
from diagnostics.clients.postgres.session import Session, monitor_session
from diagnostics.clients.postgres.views.activity import Backend, client_backends
from diagnostics.clients.postgres.views.pool_usage import ConnectionLimits, PoolUse, pool_use, tightest
from diagnostics.clients.postgres.views.visibility import report_missing_privilege
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.targets.settings import Pool
from diagnostics.targets.target import EndpointKind

QUESTION = "Is the application's connection pool used up, and by work or by leaked connections?"
LAYER = "database"
APPLIES_TO: tuple[EndpointKind, ...] = ("postgresql",)
NEEDS = ("connect", "login")
READS: tuple[str, ...] = ()
FINDINGS = ("pool.leaked", "pool.exhausted", "pool.oversubscribed")
SAFETY: Safety = "remote"
BUDGET = 15.0
ALONE = False
SENDS = "One read-only session; pg_stat_activity twice, a window apart, and the limits on connections."

RESERVE_S = 4.0
"""Seconds kept for the queries after the window."""
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


def run(context: Context, /) -> None:
    """Compare two snapshots of the sessions, and the pool's capacity with the limits of the server."""
    settings = connection_settings(context.endpoint.url)
    names = settings.user, settings.database
    pool = context.target.settings.pool
    with monitor_session(context, "pool") as session:
        first, second = _snapshots(context, session)
        limits = ConnectionLimits(*session.rows(LIMITS, (settings.user,))[0])
        for name, use in _pools(first, second, pool, names).items():
            _judge(context, name, use, pool)
        if pool:
            own = _of(second, pool.application_name, names)
            _compare_capacity(context, pool, limits.room(own, second, names))
            _check_name(context, pool, _of(second, None, names))
        if any(backend.state == "disabled" for backend in second):
            context.unknown("track_activities is off for some sessions, so their state is not visible")
        if "fail" not in context.levels:
            report_missing_privilege(context, session)


def _snapshots(context: Context, session: Session) -> tuple[Sequence[Backend], Sequence[Backend]]:
    seconds = min(context.thresholds.pool_window_s, context.deadline.left - RESERVE_S)
    context.evidence("time between two looks", seconds, expected=context.thresholds.pool_window_s, unit="s")
    with context.step("watch"):
        first = client_backends(session)
        time.sleep(max(0.0, seconds))
        return first, client_backends(session)


def _of(backends: Sequence[Backend], application: str | None, names: tuple[str, str]) -> list[Backend]:
    """Return the sessions in the database with an application_name; without one, those of the role."""
    role, database = names
    in_database = [backend for backend in backends if backend.database == database]
    if application is None:
        return [backend for backend in in_database if backend.role == role]
    return [backend for backend in in_database if backend.application == application]


def _pools(
    first: Sequence[Backend], second: Sequence[Backend], pool: Pool | None, names: tuple[str, str]
) -> dict[str, PoolUse]:
    """Return the configured pool by name; if none is configured, each application_name of the role."""
    if pool:
        name = pool.application_name
        return {name: pool_use(_of(first, name, names), _of(second, name, names))}
    grouped: dict[str, list[Backend]] = defaultdict(list)
    for backend in _of(second, None, names):
        grouped[backend.application].append(backend)
    return {name: pool_use(first, backends) for name, backends in sorted(grouped.items())}


def _judge(context: Context, name: str, use: PoolUse, pool: Pool | None) -> None:
    who = name or "sessions without a name"
    held = use.held(context.thresholds.leak_s)
    leaked = len(held) >= MIN_LEAKED
    full = pool is not None and len(use.working) >= pool.capacity
    _show_capacity(context, who, use, pool)
    most = f"below {pool.capacity}" if pool else None
    context.evidence(f"{who}: at work at both looks", len(use.working), expected=most, ok=not full)
    context.evidence(f"{who}: free at one of the looks", len(use.idle))
    note = "not counted as at work: the cause is the session that holds the lock"
    context.evidence(f"{who}: waiting for a lock", len(use.waiting), note=note)
    _show_held(context, who, held, leaked=leaked)
    if leaked:
        context.finding("pool.leaked")
    elif full:
        context.finding("pool.exhausted")
    elif pool is None and len(use.working) == use.opened > 1:
        context.unknown(
            f"all {use.opened} sessions of {who} are at work; to know if that is the whole pool, set "
            f"[target.{context.target.name}.pool]"
        )


def _show_capacity(context: Context, who: str, use: PoolUse, pool: Pool | None) -> None:
    if pool is None:
        context.evidence(f"{who}: sessions", use.opened, note="the pool's size is not known: [target.*.pool]")
        return
    note = f"{pool.processes} process(es) x ({pool.size} + {pool.max_overflow})"
    if pool.processes > 1:
        note += "; each process has its own pool, and one may be used up while another has free sessions"
    within = use.opened <= pool.capacity
    expected = f"at most {pool.capacity}"
    context.evidence(f"{who}: sessions", use.opened, expected=expected, ok=within, note=note)


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


def _check_name(context: Context, pool: Pool, of_role: Sequence[Backend]) -> None:
    """Leave the question open if no session has the configured name: a full pool would look empty."""
    others = {backend.application or "(none)" for backend in of_role} - {pool.application_name}
    if others and not any(backend.application == pool.application_name for backend in of_role):
        names = ", ".join(sorted(others))
        context.unknown(
            f"no session is called {pool.application_name}; the role's sessions are called {names}: "
            f"correct target.{context.target.name}.pool.application_name"
        )
