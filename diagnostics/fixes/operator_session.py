"""SQL of a fix, by the role of `[target.NAME.operator]`: one login, then statements as they are written."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from diagnostics.clients.postgres.credentials import Credential, source_of
from diagnostics.clients.postgres.libpq import wait
from diagnostics.clients.postgres.libpq_settings.dsn import InvalidSettings
from diagnostics.clients.postgres.libpq_settings.parameters import connection_settings
from diagnostics.clients.postgres.route import find_route
from diagnostics.clients.postgres.session import READ_ONLY, LoginFailed, connect_once, fetched
from diagnostics.engine.deadline import Deadline
from diagnostics.errors import CannotTell
from diagnostics.fixes.process import STEP_S
from diagnostics.redaction import Redactor
from diagnostics.targets.secrets.rds_iam import Login
from diagnostics.targets.secrets.resolver import SecretStore
from diagnostics.targets.settings import Operator
from diagnostics.targets.target import Target

if TYPE_CHECKING:
    from psycopg2.extensions import connection

LOGIN_S: Final = 10.0
CANCEL_S: Final = 5.0
GUARDS: Final = f"{READ_ONLY}SET LOCAL statement_timeout = '10s'; "
"""Sent before a statement that only reads, in its transaction: it cannot write, whatever a record says."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Answer to a statement: the names of the columns and the rows, or the command's tag."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    tag: str = ""


def credential_of(operator: Operator, target: Target, redactor: Redactor, deadline: Deadline) -> Credential:
    """Return the operator's credential. Raises CannotTell."""
    try:
        settings = connection_settings(operator.database)
    except InvalidSettings as error:
        raise CannotTell(f"operator.database: {error}") from None
    route = find_route(settings, deadline)
    host = settings.hosts[route.host]
    store = SecretStore(target, redactor)
    store.require_trust()
    if operator.secret is None:
        redactor.learn(host.password.value, "password")
        return Credential(settings, route, host.password.value, source_of(None, settings, route.host))
    login = Login(host.shown, host.port, settings.user)
    password = store.read(operator.secret, "operator.secret", login=login)
    return Credential(settings, route, password, source_of(operator.secret, settings, route.host))


class OperatorSession:
    """Session of the operator in autocommit mode."""

    def __init__(self, raw: "connection") -> None:
        self._raw = raw

    def read(self, statement: str) -> Rows:
        """Execute a statement that may not write. Raises CannotTell with the server's reason."""
        return self._execute(GUARDS + statement)

    def run(self, statement: str) -> Rows:
        """Execute statements that may change something. Raises CannotTell.

        KeyboardInterrupt cancels it and is raised again, after the server has answered.
        """
        return self._execute(statement)

    def _execute(self, statement: str) -> Rows:
        import psycopg2  # noqa: PLC0415  only where SQL runs

        deadline = Deadline(STEP_S)
        try:
            cursor = self._raw.cursor()
            cursor.execute(statement)
            try:
                wait(self._raw, deadline)
            except BaseException:
                self._cancel()
                raise
            columns = tuple(str(column.name) for column in cursor.description or ())
            rows = tuple(fetched(cursor)) if cursor.description else ()
            return Rows(columns, rows, str(cursor.statusmessage or ""))
        except psycopg2.Error as error:
            message = error.diag.message_primary or str(error).strip().partition("\n")[0]
            raise CannotTell(f"{error.pgcode or 'no SQLSTATE'}: {message}") from None

    def _cancel(self) -> None:
        """Cancel the statement under way and wait for the server's answer: its transaction is rolled back."""
        import psycopg2  # noqa: PLC0415  as above

        if self._raw.closed:
            return
        with suppress(psycopg2.Error, CannotTell):
            self._raw.cancel()
            wait(self._raw, Deadline(CANCEL_S))


@contextmanager
def operator_session(operator: Operator, target: Target, redactor: Redactor) -> Iterator[OperatorSession]:
    """Log in as the operator. Raises CannotTell with the reason if that fails."""
    deadline = Deadline(LOGIN_S)
    credential = credential_of(operator, target, redactor, deadline)
    try:
        raw = connect_once(credential, "fix", deadline, set())
    except LoginFailed as failed:
        raise CannotTell(f"the operator's role {credential.settings.user} cannot log in: {failed}") from None
    try:
        yield OperatorSession(raw)
    finally:
        raw.close()


def administrator_variables(operator: Operator, target: Target, redactor: Redactor) -> dict[str, str]:
    """Return the variables with which a program of a record connects as the operator. Raises CannotTell."""
    credential = credential_of(operator, target, redactor, Deadline(LOGIN_S))
    password = {"PGPASSWORD": credential.password} if credential.password else {}
    return {"ADMIN_DATABASE_URL": operator.database, **password}


def pooler_variables(target: Target, redactor: Redactor) -> dict[str, str]:
    """Return the password of the operator's role at the pooler, if the target has it. Raises CannotTell."""
    operator = target.settings.operator
    if operator is None or operator.pooler_secret is None:
        return {}
    secret = SecretStore(target, redactor).read(operator.pooler_secret, "operator.pooler_secret")
    return {"PGPASSWORD": secret}


def as_table(answer: Rows) -> Sequence[tuple[str, ...]]:
    """Return the answer as rows of texts, the names of the columns first; empty without columns."""
    if not answer.columns:
        return ()
    return (
        answer.columns,
        *(tuple("" if cell is None else str(cell) for cell in row) for row in answer.rows),
    )
