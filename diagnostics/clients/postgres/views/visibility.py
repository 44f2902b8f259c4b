"""The privilege to read other roles' sessions; without it, an empty result proves nothing."""

from diagnostics.clients.postgres.session import Session
from diagnostics.engine.context import Context

MAY_READ = """
SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE'), quote_ident(current_user)
"""


def report_missing_privilege(context: Context, session: Session) -> None:
    """Leave the question open and name the missing grant if other roles' state and statements are hidden.

    Source: PostgreSQL documentation, 28.2.3 "pg_stat_activity", and 22.5 "Predefined Roles".
    """
    may_read, role = session.rows(MAY_READ)[0]
    context.evidence("sees other roles' sessions", bool(may_read), expected=True, ok=bool(may_read))
    if not may_read:
        context.unknown(f"the sessions of other roles are hidden; as a superuser: GRANT pg_monitor TO {role}")
