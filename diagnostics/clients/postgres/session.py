"""Sessions through psycopg2: one login attempt, and statements with a deadline each."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from diagnostics.clients.postgres.credentials import Credential, of_monitor
from diagnostics.clients.postgres.libpq import parameters, set_verbose, unread_error, wait
from diagnostics.clients.postgres.login.attempts import forget, one_at_a_time
from diagnostics.clients.postgres.login.polling import LibpqError, complete_login
from diagnostics.clients.postgres.pooler_errors import pooler_reason
from diagnostics.clients.postgres.route import HostState, Route, first_accepted
from diagnostics.clients.postgres.row_shape import BOOL, INT, TEXT, Misshapen, one_row
from diagnostics.clients.postgres.server_error import ServerError, from_verbose
from diagnostics.engine.context import Context
from diagnostics.engine.deadline import Deadline
from diagnostics.errors import CannotTell, OutOfTime
from diagnostics.targets.secrets.fingerprint import digest

if TYPE_CHECKING:
    import psycopg2
    from psycopg2.extensions import connection

LOGIN_S = 5.0
STATEMENT_S = 3.0
MAX_SESSIONS = 5
"""Sessions that the probes of a run have open at once, so that a server with few free slots keeps them."""
READ_ONLY = "SET LOCAL transaction_read_only = 'on'; "
"""For a session that reads the timeouts of its role, which GUARDS would override."""
UNREADABLE = (ValueError, LookupError, ArithmeticError, SystemError, TypeError, RecursionError)
"""Errors that psycopg2 raises beside its own, for a wrong encoding and values of another type."""
GUARD_VALUES = {"transaction_read_only": "on", "statement_timeout": "3s", "lock_timeout": "200ms"}
"""Values of the guards as the server reads them back."""
GUARDS = "".join(f"SET LOCAL {name} = '{value}'; " for name, value in GUARD_VALUES.items())
GUARDED = ("transaction_read_only", "statement_timeout", "lock_timeout")
"""Settings that guards may change."""
FIRST = f"""
SELECT pg_backend_pid(), pg_is_in_recovery(), current_setting('default_transaction_read_only'),
       {", ".join(f"current_setting('{name}')" for name in GUARDED)}
"""
FIRST_COLUMNS = (INT, BOOL, TEXT, TEXT, TEXT, TEXT)
NOT_GUARDED = (
    "what answers at this address does not apply settings that are sent with a statement ({}), so no further "
    "statement is sent: it may not be read-only"
)
POOLED = (
    "behind a pooler, the server is then stopped, frozen or paused, or all sessions of the pool are in use"
)


class LoginFailed(Exception):
    """Login that the server or libpq ended with an error."""

    def __init__(self, error: ServerError, *, used_password: bool, needs_password: bool) -> None:
        super().__init__(error.shown)
        self.error = error
        self.used_password = used_password
        """True if a password was sent, so that a rejection concerns the password."""
        self.needs_password = needs_password
        """True if the server asked for a password and there was none to send."""

    @property
    def rejected(self) -> bool:
        """True if the password itself was rejected, by PostgreSQL or by a pooler."""
        error = self.error
        return (
            error.sqlstate == "28P01"
            or pooler_reason(error) == "rejected"
            or (self.used_password and error.routine == "auth_failed")
        )


@dataclass(frozen=True, slots=True)
class PasswordRejected:
    """Fact that `login` shares if the server rejected the password and gave no further reason."""

    role: str


class NoStatementAnswered(CannotTell):
    """The login was not completed in time, or was accepted and the first statement not answered."""

    def __init__(self, reason: str, error: ServerError | None = None) -> None:
        super().__init__(reason)
        self.error = error
        """Error of a pooler that accepted the login and then closed the session; None if there was none."""


class _SessionLost(CannotTell):
    """The server or a pooler ended the session with an error."""

    def __init__(self, error: ServerError) -> None:
        super().__init__(f"the session was lost: {error.shown}")
        self.error = error


class QueryRefused(CannotTell):
    """Error of the server in answer to a query; the session goes on."""

    def __init__(self, error: ServerError) -> None:
        super().__init__(f"the server refused a query: {error.shown}")
        self.error = error


@dataclass(frozen=True, slots=True)
class ServerState:
    """Fact that `login` shares about the server that answered its first statement."""

    pooled: bool
    """True if a pooler is in front of the server."""
    in_recovery: bool
    read_only: bool


class Session:
    """Read-only session in autocommit mode; every statement has a deadline and a transaction of its own.

    The guards are sent in the same message as the statement. Such a message is one transaction, so they hold
    in every pool mode of a pooler, and leave nothing behind in a server session that others use after us.
    Source: PostgreSQL documentation, 55.2.2.1 "Multiple Statements in a Simple Query".
    """

    def __init__(self, raw: "connection", deadline: Deadline, guards: str) -> None:
        self._raw = raw
        self._deadline = deadline
        self._guards = guards
        self.pooled = False
        """True if the process that answers statements is not the one that accepted the login."""
        self.in_recovery = False
        self.read_only = False
        """True if a transaction of this session may not write."""
        self.passed_over: tuple[HostState, ...] = ()
        """Servers that were logged in to before, and whose sessions target_session_attrs does not accept."""
        self.route: Route | None = None
        """Address of the server, if others were passed over."""

    def begin(self) -> None:
        """Execute the first statement. Raises NoStatementAnswered."""
        errors: list[ServerError] = []
        try:
            statement = f"{self._guards}{FIRST}"
            rows = self._execute(
                statement, (), lambda: errors.extend(filter(None, [unread_error(self._raw)]))
            )
        except CannotTell as reason:
            errors += [reason.error] if isinstance(reason, _SessionLost) else []
            raise NoStatementAnswered(*_first_failure(reason, errors)) from None
        pid, self.in_recovery, default, *guarded = one_row(rows, FIRST_COLUMNS)
        self._require_guards(dict(zip(GUARDED, guarded, strict=True)))
        self.read_only = self.in_recovery or default == "on"
        self.pooled = pid != self._raw.info.backend_pid

    def _require_guards(self, settings: Mapping[str, str]) -> None:
        """Compare the guards with the settings that were in force for the same message. Raises CannotTell."""
        for name, value in GUARD_VALUES.items():
            if f"{name} = '{value}'" in self._guards and settings[name] != value:
                raise CannotTell(NOT_GUARDED.format(f"{name} is {settings[name][:20]}"))

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Execute one constant statement and return its rows. Raises CannotTell with the server's reason."""
        return self._execute(f"{self._guards}{statement}", values)

    def table(self, statement: str, values: Mapping[str, object]) -> tuple[list[str], list[tuple[Any, ...]]]:
        """Execute one statement and return the names of its columns and its rows. Raises CannotTell."""
        columns: list[str] = []
        rows = self._execute(f"{self._guards}{statement}", values, columns=columns)
        return columns, rows

    def lent(self, deadline: Deadline, guards: str) -> "Session":
        """Return a view of this session with another deadline and other guards."""
        view = Session(self._raw, deadline, guards)
        view.pooled, view.in_recovery, view.read_only = self.pooled, self.in_recovery, self.read_only
        return view

    @property
    def usable(self) -> bool:
        """True if the connection is open and no statement is under way."""
        return not self._raw.closed and not self._raw.isexecuting()

    def _execute(
        self,
        statement: str,
        values: Sequence[object] | Mapping[str, object],
        readable: Callable[[], object] = lambda: None,
        *,
        columns: list[str] | None = None,
    ) -> list[tuple[Any, ...]]:
        import psycopg2  # noqa: PLC0415  30 ms that only a probe with a session pays

        deadline = Deadline(self._deadline.within(STATEMENT_S))
        try:
            cursor = self._raw.cursor()
            readable()
            cursor.execute(statement, values or None)
            wait(self._raw, deadline, readable)
            if columns is not None:
                columns += [str(column.name) for column in cursor.description or ()]
            return fetched(cursor)
        except UNREADABLE as error:
            raise CannotTell(
                f"the server's answer to a query is unreadable: {type(error).__name__}"
            ) from None
        except psycopg2.Error as error:
            reason = _statement_error(error)
            if self._raw.closed and reason.sqlstate:
                raise _SessionLost(reason) from None
            if self._raw.closed:
                raise CannotTell(f"the session was lost: {reason.shown}") from None
            raise QueryRefused(reason) from None

    def close(self) -> None:
        """Close the connection."""
        self._raw.close()


def fetched(cursor: "psycopg2.extensions.cursor") -> list[tuple[Any, ...]]:
    """Return the rows of an answer. Raises CannotTell for a value that its type cannot have."""
    try:
        return list(cursor.fetchall())
    except UNREADABLE as error:
        raise Misshapen(f"a value of another form than its type has ({type(error).__name__})") from None


def _statement_error(error: "psycopg2.Error") -> ServerError:
    if error.pgcode:
        return ServerError(error.pgcode, error.diag.message_primary or "")
    return from_verbose(str(error))


def _first_failure(reason: CannotTell, errors: Sequence[ServerError]) -> tuple[str, ServerError | None]:
    if errors:
        return f"the login was accepted, and the session then ended with {errors[0].shown}", errors[0]
    return f"the login was accepted, but the first statement was not answered: {reason}; {POOLED}", None


def login(
    credential: Credential, *, probe: str, deadline: Deadline, rejected: set[bytes], guards: str = GUARDS
) -> Session:
    """Log in once, execute the first statement, and add a rejected credential to `rejected`.

    Raises LoginFailed, NoStatementAnswered, or CannotTell if the credential is in `rejected`.
    """
    session = Session(connect_once(credential, probe, deadline, rejected), deadline, guards)
    try:
        session.begin()
    except BaseException:
        session.close()
        raise
    return session


def login_to_accepted(
    credential: Credential, *, probe: str, deadline: Deadline, rejected: set[bytes], guards: str = GUARDS
) -> Session:
    """Log in at the first host whose session target_session_attrs accepts.

    Raises NoSuitableSession if no host has one, and otherwise as `login` does.
    """

    def at(host: Credential) -> Session:
        return login(host, probe=probe, deadline=deadline, rejected=rejected, guards=guards)

    return first_accepted(credential, at, deadline)


def connect_once(
    credential: Credential, probe: str, deadline: Deadline, rejected: set[bytes]
) -> "connection":
    """Log in once, and add a rejected credential to `rejected`. Raises as `login` does."""
    identity = _identity(credential)
    with one_at_a_time(identity, deadline):
        if was_rejected(credential, rejected):
            raise CannotTell("this credential was rejected before; a rejected one is never tried again")
        try:
            return _connect(credential, probe, deadline)
        except LoginFailed as failed:
            if failed.rejected:
                rejected.add(identity)
                forget(identity)
            raise


@contextmanager
def monitor_session(context: Context, probe: str) -> Iterator[Session]:
    """Open a session of the monitor role, else of the application's role. Raises CannotTell if that fails.

    `probe` goes into application_name.
    """
    credential = of_monitor(context)
    with context.permit("sessions of probes", MAX_SESSIONS):
        try:
            session = login_to_accepted(
                credential, probe=probe, deadline=context.deadline, rejected=context.rejected
            )
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


def _connect(credential: Credential, probe: str, deadline: Deadline) -> "connection":
    import psycopg2  # noqa: PLC0415  30 ms that only a probe with a session pays

    limit = Deadline(deadline.within(LOGIN_S))
    raw: connection | None = None
    try:
        raw = psycopg2.connect(**parameters(credential, probe), async_=True)
        set_verbose(raw)
        complete_login(raw, limit)
        wait(raw, limit)
    except OutOfTime as timeout:
        _close(raw)
        raise NoStatementAnswered(f"the login was not completed: {timeout}; {POOLED}") from None
    except (LibpqError, psycopg2.Error) as error:
        raise _failure(raw, str(error)) from None
    except UNREADABLE as error:
        _close(raw)
        raise CannotTell(f"the server's answer to the login is unreadable: {type(error).__name__}") from None
    except BaseException:
        _close(raw)
        raise
    return raw


def _close(raw: "connection | None") -> None:
    if raw is not None:
        raw.close()


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
