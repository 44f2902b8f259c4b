"""Is the application's pool of connections used up, and is that work, or sessions never given back?"""

import time
from collections import defaultdict
from collections.abc import Sequence

from diagnostics.clients.postgres.parameters import connection_settings
from diagnostics.clients.postgres.session import Session, look
from diagnostics.clients.postgres.views.activity import Client, clients
from diagnostics.clients.postgres.views.pool_usage import Limits, PoolUse, pool_use, tightest
from diagnostics.clients.postgres.views.visibility import report_missing_privilege
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.targets.settings import Pool
from diagnostics.targets.target import EndpointKind

QUESTION = "Is the application's pool of connections used up, and is that work, or sessions never given back?"
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
"""Seconds kept for what is asked after the window."""
LEAST_LEAKED = 2
"""One session that pauses in its transaction may be a person with psql or a report."""
MOST_SHOWN = 3
LIMITS = """
SELECT current_setting('max_connections')::int,
       current_setting('superuser_reserved_connections')::int
           + coalesce(current_setting('reserved_connections', true), '0')::int,
       coalesce((SELECT rolconnlimit FROM pg_roles WHERE rolname = %s), -1),
       (SELECT datconnlimit FROM pg_database WHERE datname = current_database())
"""


def run(context: Context, /) -> None:
    """Look twice, and compare what each session did meanwhile."""
    settings = connection_settings(context.endpoint.url)
    names = settings.user, settings.database
    pool = context.target.settings.pool
    with look(context, "pool") as session:
        first, second = _look_twice(context, session)
        limits = Limits(*session.rows(LIMITS, (settings.user,))[0])
        for name, use in _pools(first, second, pool, names).items():
            _judge(context, name, use, pool)
        if pool:
            _sum(context, pool, limits.room(_of(second, pool.application_name, names), second, names))
            _check_name(context, pool, _of(second, None, names))
        if any(client.state == "disabled" for client in second):
            context.unknown("track_activities is off for some sessions: what they do is not to be seen")
        if "fail" not in context.levels:
            report_missing_privilege(context, session)


def _look_twice(context: Context, session: Session) -> tuple[list[Client], list[Client]]:
    seconds = min(context.thresholds.pool_window_s, context.deadline.left - RESERVE_S)
    context.evidence("time between two looks", seconds, expected=context.thresholds.pool_window_s, unit="s")
    with context.step("watch"):
        first = clients(session)
        time.sleep(max(0.0, seconds))
        return first, clients(session)


def _of(found: Sequence[Client], application: str | None, names: tuple[str, str]) -> list[Client]:
    """The sessions in the database by the name they give themselves; without one, those of the role."""
    role, database = names
    inside = [client for client in found if client.database == database]
    if application is None:
        return [client for client in inside if client.role == role]
    return [client for client in inside if client.application == application]


def _pools(
    first: Sequence[Client], second: Sequence[Client], pool: Pool | None, names: tuple[str, str]
) -> dict[str, PoolUse]:
    """The configured pool; where none is, whatever the role's sessions call themselves."""
    if pool:
        name = pool.application_name
        return {name: pool_use(_of(first, name, names), _of(second, name, names))}
    grouped: dict[str, list[Client]] = defaultdict(list)
    for client in _of(second, None, names):
        grouped[client.application].append(client)
    return {name: pool_use(first, found) for name, found in sorted(grouped.items())}


def _judge(context: Context, name: str, use: PoolUse, pool: Pool | None) -> None:
    who = name or "sessions without a name"
    held = use.held(context.thresholds.leak_s)
    leaked = len(held) >= LEAST_LEAKED
    full = pool is not None and len(use.working) >= pool.capacity
    _show_capacity(context, who, use, pool)
    most = f"below {pool.capacity}" if pool else None
    context.evidence(f"{who}: at work at both looks", len(use.working), expected=most, ok=not full)
    context.evidence(f"{who}: free at one of the looks", len(use.idle))
    note = "not counted as at work: who waits for a lock is a matter of the lock's holder"
    context.evidence(f"{who}: waiting for a lock", len(use.waiting), note=note)
    _show_held(context, who, held, leaked=leaked)
    if leaked:
        context.finding("pool.leaked")
    elif full:
        context.finding("pool.exhausted")
    elif pool is None and len(use.working) == use.opened > 1:
        context.unknown(
            f"all {use.opened} sessions of {who} are at work; whether that is the whole pool says only "
            f"[target.{context.target.name}.pool]"
        )


def _show_capacity(context: Context, who: str, use: PoolUse, pool: Pool | None) -> None:
    if pool is None:
        context.evidence(f"{who}: sessions", use.opened, note="the pool's size is not known: [target.*.pool]")
        return
    note = f"{pool.processes} process(es) x ({pool.size} + {pool.max_overflow})"
    if pool.processes > 1:
        note += "; each process has its own pool, and one may be dry while another has room"
    within = use.opened <= pool.capacity
    expected = f"at most {pool.capacity}"
    context.evidence(f"{who}: sessions", use.opened, expected=expected, ok=within, note=note)


def _show_held(context: Context, who: str, held: Sequence[Client], *, leaked: bool) -> None:
    long = f"idle in one transaction for {context.thresholds.leak_s:g} s or longer, unmoved"
    expected = f"below {LEAST_LEAKED}"
    context.evidence(f"{who}: {long}", len(held), expected=expected, ok=not leaked)
    for client in held[:MOST_SHOWN]:
        value = f"pid {client.pid}, untouched for {client.for_s:.1f} s"
        context.evidence(f"{who}: held", value, ok=False if leaked else None, note=client.statement)


def _sum(context: Context, pool: Pool, room: dict[str, int]) -> None:
    """Compare what the processes may open with what the server would give them."""
    limit, left = tightest(room)
    fits = pool.capacity <= left
    note = f"{limit}, less what is reserved and what others use now"
    context.evidence("capacity of the pools", pool.capacity, expected=f"at most {left}", ok=fits, note=note)
    if not fits:
        context.finding("pool.oversubscribed", "warn")


def _check_name(context: Context, pool: Pool, of_role: Sequence[Client]) -> None:
    """A name that nobody uses would make a full pool look like none."""
    others = {client.application or "(none)" for client in of_role} - {pool.application_name}
    if others and not any(client.application == pool.application_name for client in of_role):
        names = ", ".join(sorted(others))
        context.unknown(
            f"no session is called {pool.application_name}; the role's sessions are called {names}: "
            f"correct target.{context.target.name}.pool.application_name"
        )
