"""Sessions of psycopg2: one attempt to log in, and queries that each have a deadline."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from diagnostics.clients.postgres.credentials import Credential, of_monitor
from diagnostics.clients.postgres.libpq import GUARDS, be_verbose, parameters, wait
from diagnostics.clients.postgres.server_error import ServerError, from_verbose
from diagnostics.engine.context import Context
from diagnostics.engine.deadline import Deadline
from diagnostics.errors import CannotTell
from diagnostics.targets.secrets.fingerprint import digest

if TYPE_CHECKING:
    from psycopg2.extensions import connection

LOGIN_S = 5.0
STATEMENT_S = 3.0


class LoginFailed(Exception):
    """The server, or libpq, ended the login."""

    def __init__(self, error: ServerError, *, used_password: bool, needs_password: bool) -> None:
        super().__init__(error.shown)
        self.error = error
        self.used_password = used_password
        """A password was sent, so that a rejection is one of the password."""
        self.needs_password = needs_password
        """The server asked for a password, and there was none to send."""


@dataclass(frozen=True, slots=True)
class PasswordRejected:
    """Fact that `login` shares if the server rejected the password and gave no further reason."""

    role: str


class Session:
    """A read-only session in autocommit, whose every statement has a deadline."""

    def __init__(self, raw: "connection", deadline: Deadline, *, guarded: bool) -> None:
        self._raw = raw
        self._deadline = deadline
        self.guarded = guarded
        """False behind a pooler that refuses settings: then it may not be asked anything."""

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Run one constant statement. Raises CannotTell with the server's reason."""
        import psycopg2  # noqa: PLC0415  30 ms that only a probe with a session pays

        if not self.guarded:
            raise CannotTell("a pooler refuses read-only sessions: name a direct address as `monitor`")
        patience = Deadline(self._deadline.within(STATEMENT_S))
        cursor = self._raw.cursor()
        try:
            cursor.execute(statement, values or None)
            wait(self._raw, patience)
            return list(cursor.fetchall())
        except psycopg2.Error as error:
            raise CannotTell(f"the server refused a query: {from_verbose(str(error)).shown}") from None

    def close(self) -> None:
        """End the session."""
        self._raw.close()


def login(
    credential: Credential, *, probe: str, deadline: Deadline, rejected: set[bytes], guards: str = GUARDS
) -> Session:
    """Log in once, and remember a rejection. Raises LoginFailed; CannotTell where it was rejected before."""
    if was_rejected(credential, rejected):
        raise CannotTell("this credential was rejected before; a rejected one is never tried again")
    try:
        return _login(credential, probe, deadline, guards)
    except LoginFailed as failed:
        if failed.error.sqlstate == "28P01" or (
            failed.used_password and failed.error.routine == "auth_failed"
        ):
            rejected.add(_identity(credential))
        if failed.used_password or failed.error.sqlstate != "08P01":
            raise
    # A pooler refuses startup options before it asks for a password: nothing was tried yet.
    return _login(credential, probe, deadline, "")


@contextmanager
def look(context: Context, probe: str) -> Iterator[Session]:
    """Open a session of the monitor role, else of the application's. Raises CannotTell where that fails."""
    credential = of_monitor(context)
    try:
        session = login(credential, probe=probe, deadline=context.deadline, rejected=context.rejected)
    except LoginFailed as failed:
        role = credential.settings.user
        raise CannotTell(f"{role} cannot log in to look: {failed.error.shown}") from None
    try:
        yield session
    finally:
        session.close()


def was_rejected(credential: Credential, rejected: set[bytes]) -> bool:
    """Whether the server was seen to reject this password of this role."""
    return _identity(credential) in rejected


def _identity(credential: Credential) -> bytes:
    route, settings = credential.route, credential.settings
    port = settings.hosts[route.host].port
    return digest(route.address, str(port), settings.user, credential.password)


def _login(credential: Credential, probe: str, deadline: Deadline, guards: str) -> Session:
    import psycopg2  # noqa: PLC0415  30 ms that only a probe with a session pays

    patience = Deadline(deadline.within(LOGIN_S))
    raw: connection | None = None
    try:
        raw = psycopg2.connect(**parameters(credential, probe, guards), async_=True)
        be_verbose(raw)
        wait(raw, patience)
    except psycopg2.Error as error:
        raise _failure(raw, str(error)) from None
    return Session(raw, deadline, guarded=bool(guards))


def _failure(raw: "connection | None", text: str) -> LoginFailed:
    if raw is None:
        return LoginFailed(from_verbose(text), used_password=False, needs_password=False)
    used, needs = raw.info.used_password, raw.info.needs_password
    raw.close()
    return LoginFailed(from_verbose(text), used_password=used and not needs, needs_password=needs)
