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
from diagnostics.clients.postgres.row_shape import FLAG, INT, TEXT, Column, read_named
from diagnostics.clients.postgres.session import (
    UNREADABLE,
    LoginFailed,
    NoStatementAnswered,
    connect_once,
    fetched,
)
from diagnostics.engine.context import Context
from diagnostics.engine.deadline import Deadline
from diagnostics.errors import CannotTell

if TYPE_CHECKING:
    from psycopg2.extensions import connection

SHOW_S = 3.0
View = Literal["VERSION", "CONFIG", "DATABASES", "LISTS", "POOLS", "SERVERS", "STATE", "STATS"]
Row = Mapping[str, Any]
OPTIONAL = INT.or_null
COLUMNS: Mapping[View, Mapping[str, Column]] = {
    "VERSION": {"version": TEXT},
    "CONFIG": {"key": TEXT, "value": TEXT.or_null},
    "DATABASES": {
        "name": TEXT,
        "host": TEXT.or_null,
        "port": OPTIONAL,
        "pool_size": OPTIONAL,
        "max_connections": OPTIONAL,
        "force_user": TEXT.or_null,
        "paused": FLAG.or_null,
        "disabled": FLAG.or_null,
    },
    "LISTS": {"list": TEXT, "items": INT},
    "POOLS": {
        "database": TEXT,
        "user": TEXT,
        "pool_mode": TEXT.or_null,
        "cl_waiting": INT,
        "maxwait": INT,
        "maxwait_us": OPTIONAL,
        "sv_active": INT,
        "sv_idle": INT,
        "sv_used": INT,
        "sv_tested": INT,
        "sv_login": INT,
        "sv_active_cancel": OPTIONAL,
        "sv_being_canceled": OPTIONAL,
    },
    "SERVERS": {
        "database": TEXT,
        "user": TEXT,
        "state": TEXT,
        "ptr": TEXT,
        "link": TEXT.or_null,
        "remote_pid": OPTIONAL,
    },
    "STATE": {"key": TEXT, "value": TEXT.or_null},
    "STATS": {"database": TEXT, "avg_wait_time": OPTIONAL, "avg_xact_time": OPTIONAL},
}
"""Columns that are read; those that may be missing in a version are nullable."""


class Console:
    """Session of the admin console; every command has a deadline."""

    def __init__(self, raw: "connection", deadline: Deadline) -> None:
        self._raw = raw
        self._deadline = deadline

    def show(self, view: View) -> list[Row]:
        """Return the rows of a SHOW command, each with its columns in COLUMNS. Raises CannotTell.

        A column that this version does not have is None.
        """
        import psycopg2  # noqa: PLC0415  30 ms that only a probe with a session pays

        deadline = Deadline(self._deadline.within(SHOW_S))
        try:
            cursor = self._raw.cursor()
            cursor.execute(f"SHOW {view}")
            wait(self._raw, deadline)
            names = [column.name for column in cursor.description or ()]
            rows = [dict(zip(names, map(_plain, row), strict=True)) for row in fetched(cursor)]
        except UNREADABLE as error:
            reason = type(error).__name__
            raise CannotTell(f"the pooler's answer to SHOW {view} is unreadable: {reason}") from None
        except psycopg2.Error as error:
            reason = str(error).strip()
            raise CannotTell(f"the pooler's admin console refused SHOW {view}: {reason}") from None
        return [read_named(row, COLUMNS[view]) for row in rows]


def _plain(value: Any) -> Any:
    """Return a numeric of the protocol as an int: PgBouncer's are counters and microseconds."""
    return int(value) if isinstance(value, Decimal) and value.is_finite() else value


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
