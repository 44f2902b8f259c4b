"""Sessions that the checks of a run share: each statement has guards and a timeout of its own.

The application's session is the one that `login` opened; the monitor role's is opened by the first check that
needs it. A statement that fails leaves the session to the next one; a lost session is opened again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from diagnostics.clients.postgres.credentials import of_application, of_monitor
from diagnostics.clients.postgres.route import NoSuitableSession
from diagnostics.clients.postgres.session import LoginFailed, NoStatementAnswered, Session, login_to_accepted
from diagnostics.engine.context import Context
from diagnostics.engine.deadline import Deadline
from diagnostics.engine.shared_resources import Slot
from diagnostics.errors import CannotTell
from diagnostics.targets.target import Target

APPLICATION: Final = "session of the application"
MONITOR: Final = "session of the monitor role"
STATEMENT_S: Final = 2.0
"""Seconds that the server may take for a statement."""
MARGIN_S: Final = 1.0
"""Seconds beyond it in which the server's own answer, that it has cancelled the statement, still arrives."""
GUARDS: Final = (
    "SET LOCAL transaction_read_only = 'on'; "
    f"SET LOCAL statement_timeout = '{STATEMENT_S:g}s'; SET LOCAL lock_timeout = '200ms'; "
)
MAX_LOGINS: Final = 2
"""Logins of one role in a run: the second one only if a statement has lost the first session."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Columns and rows of a statement."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def session_name(target: Target, role: str) -> str:
    """Return the name of the session of a role; without a monitor role, the application's is used."""
    return MONITOR if role == "monitor" and target.settings.monitor else APPLICATION


def run_statement(
    context: Context, role: str, statement: str, values: Mapping[str, object], *, probe: str
) -> Answer:
    """Execute one statement in the shared session of a role, read-only and under a timeout.

    Raises QueryRefused with the server's error, otherwise CannotTell.
    """
    name = session_name(context.target, role)
    with context.borrow(name) as slot:
        session = _open(context, slot, name, probe)
        deadline = Deadline(context.deadline.within(STATEMENT_S + MARGIN_S))
        try:
            columns, rows = session.lent(deadline, GUARDS).table(statement, values)
        finally:
            if not session.usable:
                slot.drop()
    return Answer(tuple(columns), tuple(rows))


def _open(context: Context, slot: Slot, name: str, probe: str) -> Session:
    """Return the session of a slot, opened if there is none. Raises CannotTell."""
    if slot.failure:
        raise CannotTell(slot.failure)
    if isinstance(slot.value, Session):
        return slot.value
    if slot.opened >= MAX_LOGINS:
        raise CannotTell(f"the {name} was lost {slot.opened} times")
    slot.opened += 1
    credential = (of_monitor if name == MONITOR else of_application)(context)
    try:
        with context.step("login"):
            session = login_to_accepted(
                credential, probe=probe, deadline=context.deadline, rejected=context.rejected, guards=GUARDS
            )
    except LoginFailed as failed:
        slot.failure = f"the role {credential.settings.user} cannot log in: {failed.error.shown}"
        raise CannotTell(slot.failure) from None
    except (NoStatementAnswered, NoSuitableSession) as failed:
        slot.failure = str(failed)
        raise
    slot.value = session
    return session
