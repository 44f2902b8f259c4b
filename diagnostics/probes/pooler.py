"""Queue and server sessions of the pooler in front of the server, and state that its clients share."""

import re
from collections.abc import Mapping
from contextlib import ExitStack
from statistics import median

from diagnostics.clients.postgres.credentials import of_application
from diagnostics.clients.postgres.direct_address import direct_problem
from diagnostics.clients.postgres.pgbouncer.console import open_console
from diagnostics.clients.postgres.pgbouncer.observation import Observation, observe
from diagnostics.clients.postgres.pgbouncer.queue import PoolSample, holders, typical_use, waits_too_long
from diagnostics.clients.postgres.pgbouncer.session_state import (
    by_kind,
    held_locks,
    open_sessions,
    session_states,
)
from diagnostics.clients.postgres.session import ServerState, Session
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.errors import Skip
from diagnostics.targets.target import EndpointKind

QUESTION = "Does the pooler give its clients a server session in time, and without the state of others?"
LAYER = "database"
APPLIES_TO: tuple[EndpointKind, ...] = ("postgresql",)
NEEDS: tuple[str, ...] = ()
READS = ("connect", "login")
FINDINGS = (
    "pooler.disabled",
    "pooler.paused",
    "pooler.server_unreachable",
    "pooler.no_server_session",
    "pooler.idle_in_transaction",
    "pooler.long_transactions",
    "pooler.session_mode",
    "pooler.too_small",
    "pooler.clients_full",
    "pooler.clients_nearly_full",
    "pooler.advisory_locks",
    "pooler.temp_tables",
    "pooler.listeners",
    "pooler.session_settings",
    "pooler.prepared_statements",
)
SAFETY: Safety = "remote"
BUDGET = 20.0
WINDOW = "pooler_window_s"
ALONE = False
SENDS = (
    "One login at the pooler's admin console, and SHOW commands four times a second for the window; one to "
    "three logins as the application through the pooler; one login as the monitor role."
)

MAX_SHOWN = 3
MAX_SESSIONS = 3
"""One's own sessions through the pooler, which compare as many server sessions."""
NUMBER = re.compile(r"[1-9][0-9]{0,8}")
SHARED_MODES = frozenset({"transaction", "statement"})
"""Values of pool_mode in which a server session passes from client to client."""
UNSHARED_MODE = "session"
PAUSES = frozenset({"pooler.disabled", "pooler.paused"})
UNREACHED = frozenset({"pooler.server_unreachable", "pooler.no_server_session"})
KINDS: Mapping[str, str] = {
    "advisory_locks": "advisory locks of free server sessions",
    "temp_tables": "temporary tables of other clients",
    "listeners": "channels that other clients listen to",
    "session_settings": "settings of other clients",
    "prepared_statements": "prepared statements of other clients",
}
"""Name of the evidence by the name of the finding."""


def run(context: Context, /) -> None:
    """Watch the pooler beside one's own login through it, and name what holds its clients up."""
    pooler = context.target.settings.pooler
    if not pooler or not pooler.admin:
        _conclude_without_console(context)
        return
    with open_console(context, pooler.admin, "pooler") as console, ExitStack() as stack:
        seen = observe(context, console, stack)
        _judge_configuration(context, seen)
        _judge_clients(context, seen)
        _judge_server(context, seen)
        _judge_queue(context, seen)
        if "fail" in context.levels:
            return
        if seen.own.session:
            _judge_session_state(context, seen, seen.own.session)
        else:
            context.unknown(f"one's own login through the pooler failed: {seen.own.problem}")


def _conclude_without_console(context: Context) -> None:
    """Pass if the login led to the server itself. Raises Skip if a pooler is, or may be, in front of it."""
    server = context.fact_of("login", ServerState)
    if server is None or server.pooled or context.target.settings.pooler:
        name = context.target.name
        raise Skip(f'target {name} names no admin console: [target.{name}.pooler] admin = "postgresql://..."')
    context.evidence("pooler", "none", note="the process that accepted the login answers statements")


def _judge_configuration(context: Context, seen: Observation) -> None:
    """Report a database that the pooler does not serve."""
    database = seen.database
    context.evidence("pool mode", seen.mode or "unknown")
    context.evidence("server, as the pooler knows it", database.server or "not listed yet")
    context.evidence("database disabled", database.disabled, ok=not database.disabled)
    if database.disabled:
        context.finding("pooler.disabled")
    paused = database.paused or bool(seen.all_paused)
    note = "this version shows a pause of one database, not of the whole pooler"
    context.evidence("paused", paused, ok=not paused, note=note if seen.all_paused is None else "")
    if paused:
        context.finding("pooler.paused")


def _judge_clients(context: Context, seen: Observation) -> None:
    """Compare the clients of the pooler with max_client_conn, without one's own."""
    stated = seen.config.get("max_client_conn", "")
    if not NUMBER.fullmatch(stated):
        context.unknown(f"the pooler's admin console states no max_client_conn: {stated[:20]!r}")
        return
    most = int(stated)
    own = 1 + bool(seen.own.session or seen.own.unanswered)
    clients = round(median(sample.clients for sample in seen.samples)) - own
    full = seen.own_reason == "full" or clients >= most
    nearly = clients >= context.thresholds.pooler_clients * most
    context.evidence("clients", clients, expected=f"below max_client_conn = {most}", ok=not nearly)
    if full:
        context.finding("pooler.clients_full")
    elif nearly:
        context.finding("pooler.clients_nearly_full", "warn")


def _judge_server(context: Context, seen: Observation) -> None:
    """Report a pooler that has no session with the server although a client wants one, or a silent server."""
    # A session that an earlier client gave up may be counted until the pooler has closed it.
    connected = max(sample.established for sample in seen.samples[len(seen.samples) // 2 :])
    failing = seen.own_reason == "server_failing"
    waiting = seen.samples[-1].waiting
    wanted = bool(waiting or failing or seen.own.unanswered)
    without = wanted and (failing or not connected)
    context.evidence("server sessions", connected, ok=False if without else None)
    if not wanted or context.codes & PAUSES:
        return
    if seen.own.problem:
        context.evidence("one's own statement", seen.own.problem, ok=False)
    if problem := direct_problem(context):
        context.evidence("server, asked directly", problem, ok=False, note="the address of `monitor`")
        context.finding("pooler.server_unreachable")
        return
    opening = sum(sample.logins > 0 for sample in seen.samples) >= len(seen.samples) / 2
    context.evidence("a login at the server is under way", opening)
    if without:
        silent = opening and not failing
        context.finding("pooler.server_unreachable" if silent else "pooler.no_server_session")
    elif seen.own.unanswered and (not waiting or (opening and seen.has_room)):
        # One's own statement has reached the server, or the pooler's login at the server gets no answer.
        context.finding("pooler.server_unreachable")


def _judge_queue(context: Context, seen: Observation) -> None:
    """Report clients that wait too long, and what holds the server sessions meanwhile."""
    most = context.thresholds.pooler_wait_s
    late = waits_too_long(seen.samples, most)
    used = typical_use(seen.samples)
    context.evidence("clients waiting", max(sample.waiting for sample in seen.samples))
    waited = round(max(sample.wait_s for sample in seen.samples), 1)
    context.evidence("longest wait", waited, expected=f"below {most:g}", unit="s", ok=not late)
    context.evidence("server sessions in use", used, note=f"the pool may have {seen.limit or 'any number'}")
    if not late or context.codes & (PAUSES | UNREACHED):
        return
    if used < seen.limit:
        context.unknown(
            f"clients wait although only {used} of {seen.limit} server sessions are in use: the pooler's log "
            "says why it opens no more"
        )
        return
    context.finding(f"pooler.{_reason_of_queue(context, seen)}")


def _reason_of_queue(context: Context, seen: Observation) -> str:
    """Return what holds at least half of the server sessions while clients wait."""
    long_s = context.thresholds.pooler_hold_s
    uses = holders(seen.samples, long_s)
    value = f"{uses['idle']} idle in a long transaction, {uses['long']} in a long one, {uses['short']} others"
    note = f"sums over {len(seen.samples)} samples; long is {long_s:g} s or more"
    context.evidence("server sessions are held by", value, ok=False, note=note)
    _show_holders(context, seen.samples[-1])
    half = uses.total() / 2
    if uses["idle"] >= half:
        return "idle_in_transaction"
    if uses["idle"] + uses["long"] >= half:
        return "long_transactions"
    return "session_mode" if seen.mode == "session" else "too_small"


def _show_holders(context: Context, sample: PoolSample) -> None:
    """Show the oldest transactions of the server sessions that clients hold."""
    oldest = sorted(sample.backends.values(), key=lambda backend: -backend.transaction_s)
    for backend in oldest[:MAX_SHOWN]:
        value = f"pid {backend.pid} ({backend.who}), {backend.state} for {backend.state_s:.1f} s"
        note = f"in its transaction for {backend.transaction_s:.1f} s; {backend.statement}"
        context.evidence("holds a server session", value, ok=False, note=note)


def _judge_session_state(context: Context, seen: Observation, first: Session) -> None:
    """Report state of other clients that one's own sessions find in the server sessions they get."""
    if seen.mode not in SHARED_MODES:
        context.evidence("session state", "not shared", note=f"pool_mode is {seen.mode or 'unknown'}")
        if seen.mode != UNSHARED_MODE:
            context.unknown("the pooler does not say which pool_mode it uses, so its sessions may be shared")
        return
    room = seen.limit - max(sample.in_use for sample in seen.samples)
    with ExitStack() as stack, context.step("session state"):
        count = min(MAX_SESSIONS, room) - 1
        sessions = [first, *open_sessions(context, of_application(context), count, stack)]
        tracked = seen.config.get("track_extra_parameters", "").replace(" ", "").split(",")
        states = session_states(sessions, tracked)
        free = [server.pid for server in seen.samples[-1].servers if not server.client]
        left = by_kind(states, held_locks(first, free))
    context.evidence("server sessions compared", len(states))
    for kind, name in KINDS.items():
        items = left.get(kind, ())
        context.evidence(name, items[:MAX_SHOWN] or "none", ok=not items)
        if items:
            context.finding(f"pooler.{kind}")
