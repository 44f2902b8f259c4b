"""What the lab can break: one generator per finding; what it breaks before `yield`, `Lab.repair` heals."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from diagnostics.lab.errors import UnknownFault
from diagnostics.lab.faults import (
    access,
    api_key,
    api_reach,
    api_token,
    batches,
    capacity,
    conflicts,
    credentials,
    kills,
    locks,
    loop,
    network,
    pool,
    reports,
    rotation,
    server,
    timeouts,
)
from kb.nearest import did_you_mean

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab

Fault: TypeAlias = Callable[["Lab"], Iterator[None]]

FAULTS: dict[str, Fault] = {
    "connect.refused": server.refused,
    "connect.socket_missing": server.socket_missing,
    "connect.starting_up": server.starting_up,
    "connect.standby_closed": server.standby_closed,
    "connect.shutting_down": server.shutting_down,
    "connect.host_not_found": network.host_not_found,
    "connect.timeout": network.timeout,
    "connect.no_route": network.no_route,
    "connect.silent": network.silent,
    "connect.closed": network.closed,
    "connect.not_postgres": network.not_postgres,
    "connect.no_hba_rule": access.no_hba_rule,
    "connect.tls_required": access.tls_required,
    "connect.tls_refused": access.tls_refused,
    "connect.server_full": capacity.server_full,
    "login.not_permitted": access.not_permitted,
    "login.no_connect_privilege": access.no_connect_privilege,
    "login.slots_reserved": capacity.slots_reserved,
    "login.role_limit": capacity.role_limit,
    "login.database_limit": capacity.database_limit,
    "login.password_rejected": credentials.password_rejected,
    "login.role_expired": credentials.role_expired,
    "login.unknown_role": credentials.unknown_role,
    "login.no_password": credentials.no_password,
    "login.unknown_database": credentials.unknown_database,
    "login.stale_credential": rotation.stale_credential,
    "login.not_current": rotation.not_current,
    "rotation.unfinished": rotation.unfinished,
    "rotation.label_moved": rotation.label_moved,
    "kills.idle_in_transaction": kills.idle_in_transaction,
    "kills.idle_session": kills.idle_session,
    "kills.terminated": kills.terminated,
    "kills.cut": kills.cut,
    "statements.lock_queue": locks.lock_queue,
    "statements.ddl_queue": locks.ddl_queue,
    "statements.busy_holder": locks.busy_holder,
    "statements.timeout_tiny": timeouts.timeout_tiny,
    "statements.url_timeout": timeouts.url_timeout,
    "statements.stale_statistics": timeouts.stale_statistics,
    "statements.slow": timeouts.slow,
    "conflicts.deadlocks": conflicts.deadlocks,
    "conflicts.serialization": conflicts.serialization,
    "pool.exhausted": pool.exhausted,
    "pool.leaked": pool.leaked,
    "pool.oversubscribed": pool.oversubscribed,
    "batches.row_by_row": batches.row_by_row,
    "report.memory": reports.memory,
    "loop.cpu_inline": loop.cpu_inline,
    "loop.blocking_io": loop.blocking_io,
    "loop.gil_threads": loop.gil_threads,
    "loop.blocked": loop.blocked,
    "reach.refused": api_reach.refused,
    "reach.host_not_found": api_reach.host_not_found,
    "reach.timeout": api_reach.timeout,
    "reach.silent": api_reach.silent,
    "reach.proxy_refused": api_reach.proxy_refused,
    "reach.broken_answer": api_reach.broken_answer,
    "reach.server_error": api_reach.server_error,
    "reach.not_the_api": api_reach.not_the_api,
    "clock.skew": api_reach.clock_skew,
    "latency.first_byte": api_reach.slow_first_byte,
    "latency.body": api_reach.slow_body,
    "key.malformed": api_key.malformed,
    "key.expired": api_key.expired,
    "key.expires_soon": api_key.expires_soon,
    "key.revoked": api_key.revoked,
    "key.unknown": api_key.unknown,
    "key.wrong_environment": api_key.wrong_environment,
    "token.malformed": api_token.malformed,
    "token.expired": api_token.expired,
    "token.not_yet_valid": api_token.not_yet_valid,
    "token.wrong_issuer": api_token.wrong_issuer,
    "token.wrong_audience": api_token.wrong_audience,
    "token.rejected": api_token.rejected,
    "scopes.missing": api_token.scopes_missing,
    "scopes.old_token": api_token.old_token,
    "quota.token_storm": api_token.token_storm,
    "quota.exhausted": api_token.exhausted,
    "quota.low": api_token.low,
}
"""Keyed by finding; the contract test holds it against the records."""


def fault_of(finding: str) -> Fault:
    """What makes a finding true. Raises UnknownFault with the nearest name."""
    if finding not in FAULTS:
        near = did_you_mean(finding, FAULTS)
        raise UnknownFault(f"{finding}: the lab has no such fault; {near}".strip())
    return FAULTS[finding]
