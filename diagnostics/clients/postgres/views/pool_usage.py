"""What the sessions of one pool do, judged by two looks: one moment cannot tell a busy pool from a leak."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diagnostics.clients.postgres.views.activity import Client


@dataclass(frozen=True, slots=True)
class PoolUse:
    """The sessions that were there both times, each in one of four groups."""

    opened: int
    """Sessions at the second look, new ones too."""
    working: tuple[Client, ...]
    """Neither idle nor waiting for a lock at both looks, and something moved if it was the client's turn."""
    unmoved: tuple[Client, ...]
    """In the same pause of a transaction at both looks: taken from the pool, and nothing was done with it."""
    waiting: tuple[Client, ...]
    """Waiting for a lock at one of the looks."""
    idle: tuple[Client, ...]
    """Free to be taken at one of the looks."""

    def held(self, least_s: float) -> tuple[Client, ...]:
        """The unmoved ones for at least so many seconds, the longest first."""
        old = [client for client in self.unmoved if client.for_s >= least_s]
        return tuple(sorted(old, key=lambda client: -client.for_s))


def pool_use(first: Sequence[Client], second: Sequence[Client]) -> PoolUse:
    """Compare two looks at the sessions of one pool."""
    before = {client.pid: client for client in first}
    groups: dict[str, list[Client]] = {"working": [], "unmoved": [], "waiting": [], "idle": []}
    for client in second:
        if client.pid in before and client.seen:
            groups[_group(before[client.pid], client)].append(client)
    return PoolUse(len(second), **{name: tuple(found) for name, found in groups.items()})


def _group(then: Client, now: Client) -> str:
    if then.waits_for_lock or now.waits_for_lock:
        return "waiting"
    if "idle" in (then.state, now.state):
        return "idle"
    return "unmoved" if now.in_transaction and now.changed == then.changed else "working"


@dataclass(frozen=True, slots=True)
class Limits:
    """What the server lets in; -1 stands for no limit."""

    most: int
    """max_connections."""
    reserved: int
    """Slots kept for superusers and for pg_use_reserved_connections."""
    role: int
    database: int

    def room(self, own: Sequence[Client], all_: Sequence[Client], names: tuple[str, str]) -> dict[str, int]:
        """Sessions that a pool could have by limit, if all others stay; `names` are its role and database."""
        role, database = names
        mine = {client.pid for client in own}
        others = [client for client in all_ if client.pid not in mine]
        room = {"max_connections": self.most - self.reserved - len(others)}
        if self.role >= 0:
            room[f"CONNECTION LIMIT of role {role}"] = self.role - sum(one.role == role for one in others)
        if self.database >= 0:
            inside = sum(one.database == database for one in others)
            room[f"CONNECTION LIMIT of database {database}"] = self.database - inside
        return room


def tightest(room: Mapping[str, int]) -> tuple[str, int]:
    """The limit that leaves the least room."""
    return min(room.items(), key=lambda item: item[1])
