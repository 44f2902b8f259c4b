"""Use of a connection pool, from two snapshots of its sessions: one snapshot cannot tell work from a leak."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diagnostics.clients.postgres.views.activity import Backend


@dataclass(frozen=True, slots=True)
class PoolUse:
    """The sessions of a pool in the second snapshot; those that are in both are in one of four groups."""

    sessions: tuple[Backend, ...]
    """All sessions of the second snapshot, new ones included."""
    lasting: int
    """Number of sessions that are in both snapshots."""
    working: tuple[Backend, ...]
    """Not idle and not waiting for a lock in both; a pause within a transaction counts if it is a new one."""
    unmoved: tuple[Backend, ...]
    """In the same pause within a transaction in both: taken from the pool and not used in between."""
    waiting: tuple[Backend, ...]
    """Waiting for a lock in one of them."""
    idle: tuple[Backend, ...]
    """Idle, so free to be taken, in one of them."""

    def held(self, min_s: float) -> tuple[Backend, ...]:
        """Return the unmoved sessions whose pause lasts at least `min_s` seconds, the longest first."""
        held = [backend for backend in self.unmoved if backend.state_s >= min_s]
        return tuple(sorted(held, key=lambda backend: -backend.state_s))

    def working_by_address(self, processes: int) -> Mapping[str, int] | None:
        """Return the sessions at work by client address; None unless each process has one of its own."""
        if len({backend.address for backend in self.sessions}) != processes:
            return None
        return Counter(backend.address for backend in self.working)


def pool_use(first: Sequence[Backend], second: Sequence[Backend]) -> PoolUse:
    """Compare two snapshots of the sessions of one pool."""
    before = {backend.pid: backend for backend in first}
    groups: dict[str, list[Backend]] = {"working": [], "unmoved": [], "waiting": [], "idle": []}
    lasting = [backend for backend in second if backend.pid in before]
    for backend in lasting:
        if backend.state_known:
            groups[_group(before[backend.pid], backend)].append(backend)
    return PoolUse(
        tuple(second), len(lasting), **{name: tuple(backends) for name, backends in groups.items()}
    )


def _group(first: Backend, second: Backend) -> str:
    if first.waits_for_lock or second.waits_for_lock:
        return "waiting"
    if "idle" in (first.state, second.state):
        return "idle"
    same_pause = second.idle_in_transaction and second.state_changed == first.state_changed
    return "unmoved" if same_pause else "working"


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Limits of the server on connections; -1 stands for no limit."""

    server: int
    """max_connections."""
    reserved: int
    """Slots reserved for superusers and for pg_use_reserved_connections."""
    role: int
    database: int

    def room(
        self, own: Sequence[Backend], backends: Sequence[Backend], names: tuple[str, str]
    ) -> dict[str, int]:
        """Return by limit how many sessions a pool could have while all other sessions stay.

        `own` are the pool's sessions, `backends` all sessions, `names` the pool's role and database.
        """
        role, database = names
        pids = {backend.pid for backend in own}
        others = [backend for backend in backends if backend.pid not in pids]
        room = {"max_connections": self.server - self.reserved - len(others)}
        if self.role >= 0:
            of_role = sum(backend.role == role for backend in others)
            room[f"CONNECTION LIMIT of role {role}"] = self.role - of_role
        if self.database >= 0:
            in_database = sum(backend.database == database for backend in others)
            room[f"CONNECTION LIMIT of database {database}"] = self.database - in_database
        return room


def tightest(room: Mapping[str, int]) -> tuple[str, int]:
    """Return the limit that leaves the least room, and that room."""
    return min(room.items(), key=lambda item: item[1])
