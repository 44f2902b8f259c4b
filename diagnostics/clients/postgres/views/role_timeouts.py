"""Timeouts in force for the application's role, and the source of each setting.

`login` reads them in a session of the role itself and shares them with later probes. If that failed, as it
does where a timeout cancels the reading itself, they come from the options of the application's URL, from the
settings of role and database in the catalogue, and from the monitor's session, which knows those of the
server. A session behind a pooler may have been changed by another client: its values are those at its
beginning.
Source: PostgreSQL documentation, 20.11.1 "Statement Behavior"; views pg_settings and pg_db_role_setting.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from diagnostics.clients.postgres.libpq_settings.parameters import connection_settings
from diagnostics.clients.postgres.row_shape import INT, TEXT, read_rows
from diagnostics.clients.postgres.session import Session
from diagnostics.engine.context import Context
from diagnostics.errors import CannotTell

NAMES = (
    "statement_timeout",
    "lock_timeout",
    "idle_in_transaction_session_timeout",
    "idle_session_timeout",
    "transaction_timeout",
)
IN_FORCE = """
SELECT name, reset_val::bigint, CASE source WHEN 'session' THEN 'start of session' ELSE source END
FROM pg_settings WHERE name = ANY (%s) ORDER BY name
"""
OF_SERVER = r"""
SELECT name, reset_val::bigint, 'server'
FROM pg_settings
WHERE name = ANY (%s) AND NOT EXISTS (
    SELECT FROM pg_db_role_setting s, unnest(s.setconfig) setting
    WHERE split_part(setting, '=', 1) = name
      AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
      AND s.setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = session_user)))
ORDER BY name
"""
"""Values at the beginning of this session, where no setting of its role or of the database made them."""
FOR_ROLE = r"""
SELECT DISTINCT ON (1) split_part(setting, '=', 1),
       (CASE WHEN value ~ '^\d+$' THEN value::float8
             ELSE extract(epoch FROM value::interval) * 1000 END)::bigint,
       concat_ws(' ', CASE WHEN s.setdatabase <> 0 THEN 'database' END,
                      CASE WHEN s.setrole <> 0 THEN 'user' END)
FROM pg_db_role_setting s, unnest(s.setconfig) setting, split_part(setting, '=', 2) value
WHERE split_part(setting, '=', 1) = ANY (%s)
  AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
  AND s.setrole IN (0, coalesce((SELECT oid FROM pg_roles WHERE rolname = %s), 0))
ORDER BY 1, s.setrole <> 0 DESC, s.setdatabase <> 0 DESC
"""
COLUMNS = (TEXT, INT.or_null, TEXT)
UNITS_MS = {"": 1.0, "us": 0.001, "ms": 1.0, "s": 1e3, "min": 60e3, "h": 3600e3, "d": 86400e3}
OPTION = re.compile(
    r"(?:^|\s)(?:-c\s*|--)(?P<name>\w+)=(?P<value>\d+(?:\.\d+)?)(?P<unit>us|ms|s|min|h|d|)(?=\s|$)"
)
NOTE = "in milliseconds, and what set it; 0 is none"


@dataclass(frozen=True, slots=True)
class RoleTimeout:
    """One timeout as a session of the role gets it."""

    name: str
    ms: int
    """0 means no timeout."""
    source: str
    """As pg_settings.source has it: `client`, `user`, `database user`, `database`, `configuration file`."""


def share_timeouts(context: Context, session: Session) -> None:
    """Show and share the timeouts of a session of the application's role."""
    try:
        rows = read_rows(session, IN_FORCE, COLUMNS, (list(NAMES),))
    except CannotTell as reason:
        context.evidence("timeouts", "not read", note=str(reason))
        return
    for timeout in _timeouts(rows):
        _show(context, timeout)
        context.share(timeout)


def timeouts_of(context: Context, session: Session, role: str) -> Mapping[str, RoleTimeout]:
    """Return the timeouts that `login` shared, else those of catalogue and server for the role.

    A timeout that is not known is absent. Raises CannotTell.
    """
    login = context.earlier.get("login")
    shared = login.facts_of(RoleTimeout) if login else ()
    timeouts = shared or _of_catalogue(context, session, role)
    for timeout in timeouts:
        _show(context, timeout)
    return {timeout.name: timeout for timeout in timeouts}


def _of_catalogue(context: Context, session: Session, role: str) -> tuple[RoleTimeout, ...]:
    """Return the timeouts that a session of the role would begin with, as far as others can read them."""
    monitor = context.target.settings.monitor
    overridden = bool(monitor) and "_timeout" in str(connection_settings(monitor)["options"])
    of_server = [] if overridden else read_rows(session, OF_SERVER, COLUMNS, (list(NAMES),))
    timeouts = (
        *_timeouts(of_server),
        *_timeouts(read_rows(session, FOR_ROLE, COLUMNS, (list(NAMES), role))),
        *timeouts_in_options(str(connection_settings(context.endpoint.url)["options"])),
    )
    return tuple({timeout.name: timeout for timeout in timeouts}.values())


def timeouts_in_options(options: str) -> tuple[RoleTimeout, ...]:
    """Return the timeouts in startup options such as `-c statement_timeout=5s` or `--lock_timeout=100`."""
    return tuple(
        RoleTimeout(found["name"], round(float(found["value"]) * UNITS_MS[found["unit"]]), "client")
        for found in OPTION.finditer(options)
        if found["name"] in NAMES
    )


def _timeouts(rows: Sequence[tuple[Any, ...]]) -> tuple[RoleTimeout, ...]:
    return tuple(RoleTimeout(name, ms or 0, source) for name, ms, source in rows)


def _show(context: Context, timeout: RoleTimeout) -> None:
    context.evidence(timeout.name, (timeout.ms, timeout.source), note=NOTE)
