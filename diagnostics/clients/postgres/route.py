"""Route to a server: the first address that answers, or whose session target_session_attrs accepts.

Encryptions and hosts are tried as libpq does. Source: PostgreSQL documentation, 34.1.2 "Parameter Key Words".
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Final, Protocol, Self, TypeVar

from diagnostics.clients.dns import HostNotFound, resolve
from diagnostics.clients.postgres.libpq_settings.parameters import ConnectionSettings, Host
from diagnostics.clients.postgres.pooler_errors import PROTOCOL_VIOLATION, pooler_reason
from diagnostics.clients.postgres.server_error import ServerError
from diagnostics.clients.postgres.socket_address import SocketAddress
from diagnostics.clients.postgres.startup import Encryption, StartupAttempt, StartupResult, Steps
from diagnostics.engine.context import Context, OpenStep
from diagnostics.engine.deadline import Deadline
from diagnostics.errors import CannotTell

RESOLVE_S = 2.0
CERTIFICATE_ROUTINES = frozenset({"ClientAuthentication", "auth_failed"})
"""Functions of PostgreSQL that refuse a client certificate. Source: auth.c."""
ADDRESS_S = 3.0
ATTEMPTS: dict[str, tuple[Encryption, ...]] = {
    "disable": ("plain",),
    "allow": ("plain", "tls"),
    "prefer": ("offered", "plain"),
}
"""Encryptions that libpq tries for an sslmode, one after the other; only `tls` for the other modes."""
ANY: Final = "any"
PREFER_STANDBY: Final = "prefer-standby"
WRITABLE: Final = frozenset({"read-write", "primary"})
"""Values of an application that writes."""

OF_LOGIN = frozenset({"3D000", "28P01", "42501"})
"""SQLSTATEs that poolers raise before a login and PostgreSQL after it."""


@dataclass(frozen=True, slots=True)
class Route:
    """Address and encryption with which a server was reached; `connect` shares it with later probes."""

    host: int
    """Index of the host in the settings."""
    address: str
    tls: bool


def addresses_of(host: Host, seconds: float) -> tuple[SocketAddress, ...]:
    """Return all addresses of a host, resolved within `seconds`. Raises HostNotFound or CannotTell."""
    if host.local:
        return (SocketAddress(host.host, host.host, host.port),)
    addresses = (host.address,) if host.address else resolve(host.host, seconds)
    return tuple(SocketAddress(host.host, address, host.port) for address in addresses)


def start_up(
    address: SocketAddress, settings: ConnectionSettings, deadline: Deadline, step: Steps
) -> StartupResult:
    """Attempt a startup as libpq would: with the encryptions that sslmode allows, one after the other."""
    first, *others = ATTEMPTS.get(settings["sslmode"], ("tls",))
    attempt = StartupAttempt(address, settings, deadline, step)
    result = attempt(first)
    for encryption in others:
        if address.local or not _retries(result, encryption):
            break
        second = attempt(encryption)
        # A refusal over TLS that names the client certificate, or a lack of TLS, says less than the first.
        if second.problem != "tls_refused" and not demands_client_certificate(result):
            result = second
    return result


def _retries(result: StartupResult, encryption: Encryption) -> bool:
    """Return True if libpq would try another encryption after this result."""
    if encryption == "plain" and not result.tls and result.problem != "tls_failed":
        return False  # the first attempt was plain
    return result.problem == "tls_failed" or (result.problem == "server_error" and refused_by_rule(result))


def refused_by_rule(result: StartupResult) -> bool:
    """Return True if a rule on hosts and TLS refused the connection: PostgreSQL 28000, poolers 08P01."""
    error = result.error
    if error is None:
        return False
    return error.sqlstate == "28000" or (error.sqlstate == PROTOCOL_VIOLATION and not pooler_reason(error))


def belongs_to_login(error: ServerError) -> bool:
    """Return True for an error before the login that concerns the login, as poolers raise them.

    An unknown or disabled database and an unsupported parameter are among them; a pooler without room for
    another client is not, because no login is possible then.
    """
    return error.sqlstate in OF_LOGIN or pooler_reason(error) not in {"", "full"}


def demands_client_certificate(result: StartupResult) -> bool:
    """Return True if a rule refused the connection for its client certificate.

    The text depends on the server's language. Every other refusal of that routine names the file
    pg_hba.conf, and over TLS only `cert` and `ident` authenticate without asking.
    """
    if result.error is None or result.error.sqlstate != "28000" or not result.tls:
        return False
    message, routine = result.error.message, result.error.routine
    if "pg_hba.conf" in message or "Ident" in message:
        return False
    return "client certificate" in message or routine in CERTIFICATE_ROUTINES


def route_of(context: Context, settings: ConnectionSettings) -> Route:
    """Return the route that `login` or `connect` shared, else search for one. Raises CannotTell."""
    shared = context.fact_of("login", Route) or context.fact_of("connect", Route)
    return shared or find_route(settings, context.deadline)


def find_route(settings: ConnectionSettings, deadline: Deadline, tried: Collection[Route] = ()) -> Route:
    """Return the route to the first address that accepts a startup. Raises CannotTell if none does.

    Addresses of `tried` and hosts before them are left out.
    """
    reasons: list[str] = []
    first = max((route.host for route in tried), default=0)
    left_out = {(route.host, route.address) for route in tried}
    for index, address in _all_addresses(settings, deadline, reasons, first):
        if (index, address.address) in left_out:
            continue
        limit = Deadline(deadline.within(ADDRESS_S))
        result = start_up(address, settings, limit, lambda _name: nullcontext(OpenStep()))
        if not result.problem or (result.error and belongs_to_login(result.error)):
            return Route(index, address.address, bool(result.tls))
        reasons.append(f"{address.shown} {result.problem}")
    other = "other " if tried else ""
    raise CannotTell(f"no {other}address answers as PostgreSQL{': ' * bool(reasons)}{', '.join(reasons)}")


def _all_addresses(
    settings: ConnectionSettings, deadline: Deadline, reasons: list[str], first: int
) -> Iterator[tuple[int, SocketAddress]]:
    for index, host in list(enumerate(settings.hosts))[first:]:
        try:
            yield from ((index, address) for address in addresses_of(host, deadline.within(RESOLVE_S)))
        except HostNotFound:
            reasons.append(f"{host.shown} not found")


@dataclass(frozen=True, slots=True)
class HostState:
    """State of the server at one address."""

    address: str
    in_recovery: bool
    read_only: bool

    @property
    def text(self) -> str:
        """State in words."""
        role = "standby" if self.in_recovery else "primary"
        return f"{role}, {'read-only' if self.read_only else 'read-write'}"

    def satisfies(self, wanted: str) -> bool:
        """Return True if libpq would keep a session there; for prefer-standby, in its first pass."""
        return {
            "read-write": not self.read_only and not self.in_recovery,
            "read-only": self.read_only or self.in_recovery,
            "primary": not self.in_recovery,
            "standby": self.in_recovery,
            PREFER_STANDBY: self.in_recovery,
        }.get(wanted, True)


class NoSuitableSession(CannotTell):
    """No host of the settings has a session that target_session_attrs accepts."""

    def __init__(self, wanted: str, states: tuple[HostState, ...], reason: str) -> None:
        listed = ", ".join(f"{state.address} is {state.text}" for state in states)
        super().__init__(f"no host accepts target_session_attrs={wanted}: {listed}; {reason}")
        self.wanted = wanted
        self.states = states
        """States of the servers that were logged in to."""


class HostCredential(Protocol):
    """Credential of a role, for one host of the settings."""

    @property
    def settings(self) -> ConnectionSettings:
        """Settings with all hosts."""

    @property
    def route(self) -> Route:
        """Host to log in at."""

    def at(self, route: Route) -> Self:
        """Return the credential for another host."""


class HostSession(Protocol):
    """Session that has executed its first statement."""

    in_recovery: bool
    read_only: bool
    passed_over: tuple[HostState, ...]
    route: Route | None

    def close(self) -> None:
        """Close the connection."""


CredentialT = TypeVar("CredentialT", bound=HostCredential)
SessionT = TypeVar("SessionT", bound=HostSession)


def first_accepted(
    credential: CredentialT, login: Callable[[CredentialT], SessionT], deadline: Deadline
) -> SessionT:
    """Log in at the host of the route, then at those after it, until target_session_attrs accepts a session.

    As with libpq, a failed login ends the search, and prefer-standby takes any session where no host is a
    standby. Raises NoSuitableSession, and what `login` raises.
    """
    wanted = credential.settings["target_session_attrs"] or ANY
    states: list[HostState] = []
    tried: list[Route] = []
    while True:
        session = login(credential)
        state = _state(credential, session)
        if state.satisfies(wanted):
            session.passed_over, session.route = tuple(states), credential.route
            return session
        session.close()
        states.append(state)
        tried.append(credential.route)
        try:
            credential = credential.at(find_route(credential.settings, deadline, tried))
        except CannotTell as reason:
            if wanted != PREFER_STANDBY:
                raise NoSuitableSession(wanted, tuple(states), str(reason)) from None
            return login(credential.at(tried[0]))


def _state(credential: HostCredential, session: HostSession) -> HostState:
    host = credential.settings.hosts[credential.route.host]
    return HostState(f"{host.shown}:{host.port}", session.in_recovery, session.read_only)
