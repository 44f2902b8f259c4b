"""Queue of one database at PgBouncer, and the transactions that hold it up."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final, Literal

from diagnostics.clients.postgres.pgbouncer.console import Console, Row
from diagnostics.clients.postgres.row_shape import Misshapen
from diagnostics.clients.postgres.session import Session
from diagnostics.clients.postgres.views.activity import Backend, client_backends
from diagnostics.errors import CannotTell

VERSION: Final = re.compile(r"(\d+)\.(\d+)")
SHOWS_STATE: Final = (1, 19)
"""First version with SHOW STATE."""
ESTABLISHED: Final = ("sv_idle", "sv_used", "sv_tested")
IN_USE: Final = ("sv_active", "sv_active_cancel", "sv_being_canceled")
WAIT_SHARE: Final = 0.5
"""Share of the samples in which the oldest client must have waited too long: one look may see a hiccup."""
Holder = Literal["idle", "long", "short"]
"""Use of a server session: a transaction that waits for its client, one that lasts long, or a short one."""


@dataclass(frozen=True, slots=True)
class PooledDatabase:
    """A database as SHOW DATABASES has it."""

    name: str
    server: str = ""
    """Address of the server as the pooler knows it."""
    pool_size: int = 0
    max_connections: int = 0
    """Server sessions that all pools of the database may have; 0 stands for no limit."""
    forced_user: str = ""
    paused: bool = False
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class ServerSession:
    """A session of the pooler with the server."""

    id: str
    client: str
    """Client that it is linked to; empty if it is free."""
    pid: int
    """Process of the server, where the pooler knows it."""


@dataclass(frozen=True, slots=True)
class PoolSample:
    """The pool of the application at one moment."""

    waiting: int
    """Clients that wait for a server session."""
    wait_s: float
    """Wait of the oldest of them; 0 while the pooler has not reached the server since its start."""
    in_use: int
    idle: int
    logins: int
    """Server sessions that are being opened."""
    mode: str
    """pool_mode; empty before the pool's first client."""
    clients: int
    """Clients of all databases, those of the console included."""
    servers: tuple[ServerSession, ...] = ()
    backends: Mapping[int, Backend] = field(default_factory=dict)
    """Sessions of the server by pid; empty where they cannot be read."""

    @property
    def established(self) -> int:
        """Server sessions that are open."""
        return self.in_use + self.idle


def pooled_database(console: Console, name: str) -> PooledDatabase | None:
    """Return a database of the pooler; None if it is not listed, as with `*` before its first client."""
    row = next((row for row in console.show("DATABASES") if row["name"] == name), None)
    if row is None:
        return None
    return PooledDatabase(
        name,
        f"{row['host'] or 'unix socket'}:{row['port']}",
        row["pool_size"] or 0,
        row["max_connections"] or 0,
        row["force_user"] or "",
        bool(row["paused"]),
        bool(row["disabled"]),
    )


def version(console: Console) -> str:
    """Return the pooler's name and version, as `PgBouncer 1.18.0`."""
    rows = console.show("VERSION")
    if len(rows) != 1:
        raise Misshapen(f"{len(rows) or 'no'} rows of SHOW VERSION instead of one")
    return str(rows[0]["version"])


def all_paused(console: Console, version_text: str) -> bool | None:
    """Return True if the whole pooler is paused or suspended; None if its version does not show it.

    An older version is not asked: it would write a warning into its log.
    """
    numbers = VERSION.search(version_text)
    if not numbers or (int(numbers[1]), int(numbers[2])) < SHOWS_STATE:
        return None
    return {row["key"]: row["value"] for row in console.show("STATE")}.get("active") == "no"


def sample(console: Console, database: str, users: frozenset[str], monitor: Session | None) -> PoolSample:
    """Return the pool of these users in a database as it is now. Raises CannotTell.

    With a session of the monitor role, the sample has the sessions of the server that the pooler holds.
    """
    pools = [row for row in console.show("POOLS") if row["database"] == database and row["user"] in users]
    servers = [
        ServerSession(row["ptr"], row["link"] or "", row["remote_pid"] or 0)
        for row in console.show("SERVERS")
        if row["database"] == database and row["user"] in users and row["state"] != "new"
    ]
    lists = {row["list"]: row["items"] for row in console.show("LISTS")}
    backends = _backends(monitor) if monitor else {}
    return PoolSample(
        waiting=_sum(pools, ("cl_waiting",)),
        wait_s=max((row["maxwait"] + (row["maxwait_us"] or 0) / 1e6 for row in pools), default=0.0),
        in_use=_sum(pools, IN_USE),
        idle=_sum(pools, ESTABLISHED),
        logins=_sum(pools, ("sv_login",)),
        mode=next((row["pool_mode"] or "" for row in pools), ""),
        clients=lists.get("used_clients", 0) + lists.get("login_clients", 0),
        servers=tuple(servers),
        backends={server.pid: backends[server.pid] for server in servers if server.pid in backends},
    )


def _backends(monitor: Session) -> dict[int, Backend]:
    """Return the sessions of the server by pid; none if it does not answer any more."""
    try:
        return {backend.pid: backend for backend in client_backends(monitor)}
    except CannotTell:
        return {}


def _sum(rows: Sequence[Row], columns: Sequence[str]) -> int:
    return sum(row[column] or 0 for row in rows for column in columns)


def waits_too_long(samples: Sequence[PoolSample], max_wait_s: float) -> bool:
    """Return True if the oldest waiting client has waited too long in enough of the samples."""
    return sum(sample.wait_s >= max_wait_s for sample in samples) >= WAIT_SHARE * len(samples)


def typical_use(samples: Sequence[PoolSample]) -> int:
    """Return the median of the server sessions in use."""
    return round(median(sample.in_use for sample in samples))


def holders(samples: Sequence[PoolSample], min_s: float) -> Counter[Holder]:
    """Count the uses of server sessions over all samples; a transaction that reaches `min_s` seconds is long.

    Where the server's sessions cannot be read, a session that the same client holds in every sample counts as
    long, unless clients keep theirs in pool_mode `session`: a waiting client would have got it otherwise.
    """
    shared = all(sample.mode != "session" for sample in samples)
    holding = [[server for server in sample.servers if server.client] for sample in samples]
    kept = set.intersection(*map(set, holding)) if shared and holding else set()
    lasted = {server: 0.0 for servers in holding for server in servers}
    for sample, servers in zip(samples, holding, strict=True):
        for server in servers:
            backend = sample.backends.get(server.pid)
            age = backend.transaction_s if backend else min_s if server in kept else 0.0
            lasted[server] = max(lasted[server], age)
    uses: Counter[Holder] = Counter()
    for sample, servers in zip(samples, holding, strict=True):
        for server in servers:
            backend = sample.backends.get(server.pid)
            idle = backend is not None and backend.idle_in_transaction
            uses["short" if lasted[server] < min_s else "idle" if idle else "long"] += 1
    return uses
