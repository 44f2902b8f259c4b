"""Observation of one database at the pooler: configuration, samples of its queue, a login of one's own."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from diagnostics.clients.postgres.credentials import of_application
from diagnostics.clients.postgres.direct_address import has_direct_address
from diagnostics.clients.postgres.libpq_settings.parameters import connection_settings
from diagnostics.clients.postgres.pgbouncer.application_login import ApplicationLogin, LoginResult
from diagnostics.clients.postgres.pgbouncer.console import Console
from diagnostics.clients.postgres.pgbouncer.queue import (
    PooledDatabase,
    PoolSample,
    all_paused,
    pooled_database,
    sample,
    typical_use,
    version,
)
from diagnostics.clients.postgres.pooler_errors import pooler_reason
from diagnostics.clients.postgres.session import Session, monitor_session
from diagnostics.engine.context import Context
from diagnostics.engine.window import watch
from diagnostics.errors import CannotTell

POLL_S = 0.25
OWN_S = 1.0
"""Seconds that one's own login may last beyond the window."""
AVERAGES = {"avg_wait_time": "average wait of clients", "avg_xact_time": "average transaction"}
"""Name of the evidence by the column of SHOW STATS, which counts in microseconds."""


@dataclass(frozen=True, slots=True)
class Observation:
    """Configuration and samples of the application's pool, and a login that ran beside them."""

    database: PooledDatabase
    all_paused: bool | None
    """True if the whole pooler is paused; None where its version does not show it."""
    config: Mapping[str, str]
    """Settings of [pgbouncer]."""
    samples: Sequence[PoolSample]
    own: LoginResult
    """One's own login as the application."""

    @property
    def mode(self) -> str:
        """pool_mode of the application's pool."""
        return next((sample.mode for sample in self.samples if sample.mode), self.config.get("pool_mode", ""))

    @property
    def limit(self) -> int:
        """Server sessions that the pool may have; 0 if that is not known."""
        sizes = (self.database.pool_size, self.database.max_connections)
        return min(filter(None, sizes), default=0)

    @property
    def has_room(self) -> bool:
        """True if the pool may open further server sessions."""
        return not self.limit or typical_use(self.samples) < self.limit

    @property
    def own_reason(self) -> str:
        """Reason of the pooler for which one's own login failed; empty if there was none."""
        return pooler_reason(self.own.error) if self.own.error else ""


def observe(context: Context, console: Console, stack: ExitStack) -> Observation:
    """Take samples while the application's login runs; the stack closes its session. Raises CannotTell."""
    program = version(console)
    context.evidence("version", program)
    settings = connection_settings(context.endpoint.url)
    database = pooled_database(console, settings.database) or PooledDatabase(settings.database)
    config = {row["key"]: row["value"] or "" for row in console.show("CONFIG")}
    users = frozenset({settings.user, database.forced_user})
    monitor = _monitor(context, stack)
    samples: list[PoolSample] = []
    with watch(context, context.thresholds.pooler_window_s) as window:
        own = _begin_login(context, window.granted_s + OWN_S)
        samples.extend(sample(console, database.name, users, monitor) for _ in window.polls(POLL_S))
    result = own if isinstance(own, LoginResult) else own.result(context.deadline.within(2 * OWN_S))
    if not samples:
        raise CannotTell("no sample of the pooler's queue was taken")
    if result.session:
        stack.callback(result.session.close)
    context.evidence("window", round(window.seconds, 1), expected=window.planned_s, unit="s")
    _show_averages(context, console, database.name)
    return Observation(database, all_paused(console, program), config, samples, result)


def _begin_login(context: Context, seconds: float) -> ApplicationLogin | LoginResult:
    """Begin a login through the pooler; without a credential or a route, return the reason at once."""
    try:
        credential = of_application(context)
    except CannotTell as reason:
        return LoginResult(0.0, problem=str(reason))
    return ApplicationLogin(credential, "pooler", seconds, context.rejected)


def _monitor(context: Context, stack: ExitStack) -> Session | None:
    """Open a session of the monitor role where it does not lead through the pooler; None otherwise."""
    if not has_direct_address(context):
        note = "name a direct address of the server as `monitor` to see what its sessions do"
        context.evidence("sessions of the server", "not read", note=note)
        return None
    try:
        return stack.enter_context(monitor_session(context, "pooler"))
    except CannotTell as reason:
        context.evidence("sessions of the server", "not read", note=str(reason))
        return None


def _show_averages(context: Context, console: Console, database: str) -> None:
    """Show the averages of the last `stats_period`, a minute by default."""
    row = next((row for row in console.show("STATS") if row["database"] == database), {})
    for column, name in AVERAGES.items():
        if row.get(column) is not None:
            context.evidence(name, round(row[column] / 1000, 1), unit="ms")
