"""The way to a server: which address answers, with which encryption, in libpq's order."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass

from diagnostics.clients.dns import HostNotFound, resolve
from diagnostics.clients.postgres.parameters import ConnectionSettings, Host
from diagnostics.clients.postgres.socket_address import SocketAddress
from diagnostics.clients.postgres.startup import Answer, Encryption, StartupAttempt, Steps
from diagnostics.engine.context import Context, OpenStep
from diagnostics.engine.deadline import Deadline
from diagnostics.errors import CannotTell

RESOLVE_S = 2.0
ADDRESS_S = 3.0
ATTEMPTS: dict[str, tuple[Encryption, ...]] = {
    "disable": ("plain",),
    "allow": ("plain", "tls"),
    "prefer": ("offered", "plain"),
}
"""What libpq tries for an sslmode, the next where the one before was not allowed in; else it insists."""


@dataclass(frozen=True, slots=True)
class Route:
    """The host, by its place in the settings, the address and the encryption that reached a server."""

    host: int
    address: str
    tls: bool


def doors(host: Host, seconds: float) -> tuple[SocketAddress, ...]:
    """Every address of a host. Raises HostNotFound or CannotTell as the resolver does."""
    if host.local:
        return (SocketAddress(host.host, host.host, host.port),)
    addresses = (host.address,) if host.address else resolve(host.host, seconds)
    return tuple(SocketAddress(host.host, address, host.port) for address in addresses)


def reach(door: SocketAddress, settings: ConnectionSettings, deadline: Deadline, step: Steps) -> Answer:
    """Knock as libpq would: with the encryptions that sslmode allows, one after the other."""
    first, *others = ATTEMPTS.get(settings["sslmode"], ("tls",))
    knock = StartupAttempt(door, settings, deadline, step)
    answer = knock(first)
    for encryption in others:
        if door.local or not _worth_another(answer, encryption):
            break
        again = knock(encryption)
        if again.problem != "tls_refused":  # then the first refusal says more
            answer = again
    return answer


def _worth_another(answer: Answer, encryption: Encryption) -> bool:
    if encryption == "plain" and not answer.tls and answer.problem != "tls_failed":
        return False  # it was plain already
    return answer.problem == "tls_failed" or (answer.problem == "server_error" and not_allowed(answer))


def not_allowed(answer: Answer) -> bool:
    """Whether the server turned the connection away by a rule: PostgreSQL 28000, poolers 08P01."""
    return answer.error is not None and answer.error.sqlstate in {"28000", "08P01"}


def route_of(context: Context, settings: ConnectionSettings) -> Route:
    """Take the way that `connect` found, else search anew. Raises CannotTell where no address answers."""
    return context.fact_of("connect", Route) or find_route(settings, context.deadline)


def find_route(settings: ConnectionSettings, deadline: Deadline) -> Route:
    """Find the first address that lets one ask for a login. Raises CannotTell where none does."""
    reasons: list[str] = []
    for index, door in _every_door(settings, deadline, reasons):
        patience = Deadline(deadline.within(ADDRESS_S))
        answer = reach(door, settings, patience, lambda _name: nullcontext(OpenStep()))
        if not answer.problem:
            return Route(index, door.address, bool(answer.tls))
        reasons.append(f"{door.shown} {answer.problem}")
    raise CannotTell(f"no address answers as PostgreSQL: {', '.join(reasons)}")


def _every_door(
    settings: ConnectionSettings, deadline: Deadline, reasons: list[str]
) -> Iterator[tuple[int, SocketAddress]]:
    for index, host in enumerate(settings.hosts):
        try:
            yield from ((index, door) for door in doors(host, deadline.within(RESOLVE_S)))
        except HostNotFound:
            reasons.append(f"{host.shown} not found")
