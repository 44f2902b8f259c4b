"""Sessions through psycopg2: one login attempt, and statements with a deadline each."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from diagnostics.clients.postgres.credentials import Credential, of_monitor
from diagnostics.clients.postgres.libpq import GUARDS, parameters, set_verbose, wait
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
    """Login that the server or libpq ended with an error."""

    def __init__(self, error: ServerError, *, used_password: bool, needs_password: bool) -> None:
        super().__init__(error.shown)
        self.error = error
        self.used_password = used_password
        """True if a password was sent, so that a rejection concerns the password."""
        self.needs_password = needs_password
        """True if the server asked for a password and there was none to send."""


@dataclass(frozen=True, slots=True)
class PasswordRejected:
    """Fact that `login` shares if the server rejected the password and gave no further reason."""

    role: str


class Session:
    """Read-only session in autocommit mode; every statement has a deadline."""

    def __init__(self, raw: "connection", deadline: Deadline, *, guarded: bool) -> None:
        self._raw = raw
        self._deadline = deadline
        self.guarded = guarded
        """False behind a pooler that refuses startup options: no statement is sent then."""

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Execute one constant statement and return its rows. Raises CannotTell with the server's reason."""
        import psycopg2  # noqa: PLC0415  30 ms that only a probe with a session pays

        if not self.guarded:
            raise CannotTell("a pooler refuses read-only sessions: name a direct address as `monitor`")
        deadline = Deadline(self._deadline.within(STATEMENT_S))
        cursor = self._raw.cursor()
        try:
            cursor.execute(statement, values or None)
            wait(self._raw, deadline)
            return list(cursor.fetchall())
        except psycopg2.Error as error:
            raise CannotTell(f"the server refused a query: {from_verbose(str(error)).shown}") from None

    def close(self) -> None:
        """Close the connection."""
        self._raw.close()


def login(
    credential: Credential, *, probe: str, deadline: Deadline, rejected: set[bytes], guards: str = GUARDS
) -> Session:
    """Log in once and add a rejected credential to `rejected`.

    Raises LoginFailed, or CannotTell if the credential is in `rejected`.
    """
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
    # A pooler refuses startup options before it asks for a password, so no login was attempted yet.
    return _login(credential, probe, deadline, "")


@contextmanager
def monitor_session(context: Context, probe: str) -> Iterator[Session]:
    """Open a session of the monitor role, else of the application's role. Raises CannotTell if that fails.

    `probe` goes into application_name.
    """
    credential = of_monitor(context)
    try:
        session = login(credential, probe=probe, deadline=context.deadline, rejected=context.rejected)
    except LoginFailed as failed:
        role = credential.settings.user
        raise CannotTell(
            f"the role {role}, which the doctor reads with, cannot log in: {failed.error.shown}"
        ) from None
    try:
        yield session
    finally:
        session.close()


def was_rejected(credential: Credential, rejected: set[bytes]) -> bool:
    """Return True if the server has rejected this password of this role before."""
    return _identity(credential) in rejected


def _identity(credential: Credential) -> bytes:
    route, settings = credential.route, credential.settings
    port = settings.hosts[route.host].port
    return digest(route.address, str(port), settings.user, credential.password)


def _login(credential: Credential, probe: str, deadline: Deadline, guards: str) -> Session:
    import psycopg2  # noqa: PLC0415  30 ms that only a probe with a session pays

    limit = Deadline(deadline.within(LOGIN_S))
    raw: connection | None = None
    try:
        raw = psycopg2.connect(**parameters(credential, probe, guards), async_=True)
        set_verbose(raw)
        wait(raw, limit)
    except psycopg2.Error as error:
        raise _failure(raw, str(error)) from None
    return Session(raw, deadline, guarded=bool(guards))


def _failure(raw: "connection | None", text: str) -> LoginFailed:
    if raw is None:
        return LoginFailed(from_verbose(text), used_password=False, needs_password=False)
    used_password, needs_password = raw.info.used_password, raw.info.needs_password
    raw.close()
    return LoginFailed(
        from_verbose(text),
        used_password=used_password and not needs_password,
        needs_password=needs_password,
    )
