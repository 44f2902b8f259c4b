"""Admin console of PgBouncer: SHOW commands only, and never one that changes anything.

Columns are read by their names, because their number and order differ between versions.
Source: PgBouncer documentation, "Usage", chapter "Admin console".
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from diagnostics.clients.postgres.credentials import of_pooler_admin
from diagnostics.clients.postgres.libpq import wait
from diagnostics.clients.postgres.session import UNREADABLE, LoginFailed, NoStatementAnswered, connect_once
from diagnostics.engine.context import Context
from diagnostics.engine.deadline import Deadline
from diagnostics.errors import CannotTell

if TYPE_CHECKING:
    from psycopg2.extensions import connection

SHOW_S = 3.0
View = Literal["VERSION", "CONFIG", "DATABASES", "LISTS", "POOLS", "SERVERS", "STATE", "STATS"]
Row = Mapping[str, Any]


class Console:
    """Session of the admin console; every command has a deadline."""

    def __init__(self, raw: "connection", deadline: Deadline) -> None:
        self._raw = raw
        self._deadline = deadline

    def show(self, view: View) -> list[Row]:
        """Return the rows of a SHOW command, each by the names of its columns. Raises CannotTell."""
        import psycopg2  # noqa: PLC0415  30 ms that only a probe with a session pays

        deadline = Deadline(self._deadline.within(SHOW_S))
        try:
            cursor = self._raw.cursor()
            cursor.execute(f"SHOW {view}")
            wait(self._raw, deadline)
            names = [column.name for column in cursor.description or ()]
            return [dict(zip(names, map(_plain, row), strict=True)) for row in cursor.fetchall()]
        except UNREADABLE as error:
            reason = type(error).__name__
            raise CannotTell(f"the pooler's answer to SHOW {view} is unreadable: {reason}") from None
        except psycopg2.Error as error:
            reason = str(error).strip()
            raise CannotTell(f"the pooler's admin console refused SHOW {view}: {reason}") from None


def _plain(value: Any) -> Any:
    """Return a numeric of the protocol as an int: PgBouncer's are counters and microseconds."""
    return int(value) if isinstance(value, Decimal) else value


@contextmanager
def open_console(context: Context, url: str, probe: str) -> Iterator[Console]:
    """Open the admin console at `url`. Raises CannotTell with the reason and the remedy.

    `probe` goes into application_name. A rejected credential is not tried again.
    """
    credential = of_pooler_admin(context, url)
    role = credential.settings.user
    try:
        raw = connect_once(credential, probe, context.deadline, context.rejected)
    except LoginFailed as failed:
        raise CannotTell(
            f"the role {role} cannot log in to the pooler's admin console: {failed.error.shown}; it must be "
            "in stats_users or admin_users of pgbouncer.ini"
        ) from None
    except NoStatementAnswered:
        raise CannotTell("the pooler's admin console did not complete the login in time") from None
    try:
        yield Console(raw, context.deadline)
    finally:
        raw.close()
