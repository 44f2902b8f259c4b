"""What the lab can break: one generator per finding; what it breaks before `yield`, `Lab.repair` heals."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from diagnostics.lab.errors import UnknownFault
from diagnostics.lab.faults import (
    access,
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
}
"""Keyed by finding; the contract test holds it against the records."""


def fault_of(finding: str) -> Fault:
    """What makes a finding true. Raises UnknownFault with the nearest name."""
    if finding not in FAULTS:
        near = did_you_mean(finding, FAULTS)
        raise UnknownFault(f"{finding}: the lab has no such fault; {near}".strip())
    return FAULTS[finding]
