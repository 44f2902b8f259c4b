"""target_session_attrs: the session that libpq looks for among the hosts of a URL.

Source: PostgreSQL documentation, 34.1.2 "Parameter Key Words".
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from diagnostics.clients.postgres.credentials import Credential
from diagnostics.clients.postgres.route import Route, find_route
from diagnostics.engine.deadline import Deadline
from diagnostics.errors import CannotTell

if TYPE_CHECKING:
    from diagnostics.clients.postgres.session import Session

ANY: Final = "any"
PREFER_STANDBY: Final = "prefer-standby"
WRITABLE: Final = frozenset({"read-write", "primary"})
"""Values of an application that writes."""


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


def first_accepted(
    credential: Credential, login: Callable[[Credential], "Session"], deadline: Deadline
) -> "Session":
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


def _state(credential: Credential, session: "Session") -> HostState:
    host = credential.settings.hosts[credential.route.host]
    return HostState(f"{host.shown}:{host.port}", session.in_recovery, session.read_only)
