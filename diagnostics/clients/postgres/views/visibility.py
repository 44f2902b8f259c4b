"""What the role that looks may see of the sessions of others: nothing found by a blind one is no pass."""

from diagnostics.clients.postgres.session import Session
from diagnostics.engine.context import Context

MAY_LOOK = """
SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE'), quote_ident(current_user)
"""


def report_missing_privilege(context: Context, session: Session) -> None:
    """Leave the question open, and name the grant, where other roles' state and statements read as NULL.

    Source: PostgreSQL documentation, 28.2.3 "pg_stat_activity", and 22.5 "Predefined Roles".
    """
    may_look, role = session.rows(MAY_LOOK)[0]
    context.evidence("sees other roles' sessions", bool(may_look), expected=True, ok=bool(may_look))
    if not may_look:
        context.unknown(f"the sessions of other roles are hidden; as a superuser: GRANT pg_monitor TO {role}")
