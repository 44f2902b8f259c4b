"""Conditions under which statistics views show all there is; without them, an empty result proves nothing.

They are the privilege to read other roles' sessions, and the settings with which the server collects them.
Source: PostgreSQL documentation, 20.9.1 "Cumulative Query and Index Statistics".
"""

from collections.abc import Mapping
from typing import Final, Literal

from diagnostics.clients.postgres.row_shape import BOOL, INT, TEXT, read_row, read_rows
from diagnostics.clients.postgres.session import Session
from diagnostics.engine.context import Context

MAY_READ = """
SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE'), quote_ident(current_user)
"""
Tracking = Literal["track_activities", "track_counts"]
HIDES: Final[Mapping[Tracking, str]] = {
    "track_activities": "states and statements of sessions are not recorded",
    "track_counts": "nothing is counted",
}
"""Effect of a setting that is off."""
TRACKING = """
SELECT s.name, s.setting,
       (SELECT count(*) FROM pg_stat_activity a
        WHERE s.name = 'track_activities' AND a.state = 'disabled' AND a.datname = current_database()),
       (SELECT count(*) FROM pg_db_role_setting r, unnest(r.setconfig) item
        WHERE lower(item) IN (s.name || '=off', s.name || '=false', s.name || '=no', s.name || '=0')
          AND r.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())))
FROM pg_settings s WHERE s.name = ANY (%s) ORDER BY s.name
"""
"""Setting of this session, sessions that show it to be off, and roles and databases for which it is off."""


def report_missing_privilege(context: Context, session: Session) -> None:
    """Leave the question open and name the missing grant if other roles' state and statements are hidden.

    Source: PostgreSQL documentation, 28.2.3 "pg_stat_activity", and 22.5 "Predefined Roles".
    """
    may_read, role = read_row(session, MAY_READ, (BOOL, TEXT))
    context.evidence("sees other roles' sessions", may_read, expected=True, ok=may_read)
    if not may_read:
        context.unknown(f"the sessions of other roles are hidden; as a superuser: GRANT pg_monitor TO {role}")


def report_untracked(context: Context, session: Session, *settings: Tracking) -> None:
    """Leave the question open if the server does not collect what the probe reads, at least for some."""
    rows = read_rows(session, TRACKING, (TEXT, TEXT, INT, INT), (list(settings),))
    values = {name: (setting, sessions, roles) for name, setting, sessions, roles in rows}
    for name in settings:
        setting, sessions, roles = values.get(name, ("not readable", 0, 0))
        on = setting == "on" and not sessions and not roles
        note = f"off for {sessions} sessions, and for {roles} roles or databases" if sessions or roles else ""
        context.evidence(name, setting, expected="on", ok=on, note=note)
        if not on:
            where = " for some sessions" if setting == "on" else ""
            remedy = f"as a superuser: ALTER SYSTEM SET {name} = on"
            context.unknown(f"{name} is off{where}: {HIDES[name]}; {remedy}")
