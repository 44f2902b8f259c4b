"""Errors that poolers raise or relay, by their texts: most share SQLSTATE 08P01, and none names a routine.

Source: PgBouncer 1.12 to 1.25, calls of disconnect_client() and kill_pool_logins(); measured with 1.18. Until
1.21 an error of the server that ends the pooler's own login is relayed with SQLSTATE 08P01, too.
"""

from collections.abc import Mapping
from typing import Final

from diagnostics.clients.postgres.server_error import ServerError

PROTOCOL_VIOLATION: Final = "08P01"
REASONS: Final[Mapping[str, str]] = {
    "no such database": "no_database",
    "is disabled": "disabled",
    "database does not allow connections": "disabled",
    "no more connections allowed": "full",
    "client connections exceeded": "full",
    "unsupported startup parameter": "parameter",
    "unsupported options startup parameter": "parameter",
    "unsupported pkt type": "parameter",
    "server login has been failing": "server_failing",
    "server login failed": "server_failing",
    "cannot connect to server": "server_failing",
    "client_login_timeout (server down)": "server_failing",
    "query_wait_timeout": "wait_timeout",
    "password authentication failed": "rejected",
    "authentication failed": "rejected",
    "auth failed": "rejected",
    "login rejected": "rejected",
    "empty password returned by client": "rejected",
    "no such user": "rejected",
}
"""Reason by a part of the text; the first that fits."""
RELAYED: Final = (
    "password authentication failed for user",
    "no pg_hba.conf entry for",
    "too many clients already",
    "remaining connection slots are reserved",
    "too many connections for",
    "is not permitted to log in",
    "does not exist",
    "the database system is",
)
"""Parts of PostgreSQL's answers to the pooler's own login. The pooler had accepted the client's password.

The pooler's own `password authentication failed` ends there, without ` for user`.
"""


def pooler_reason(error: ServerError) -> str:
    """Return the reason of an error that a pooler raised; empty if it is PostgreSQL's or not known.

    PostgreSQL names the C function that raised an error, a pooler names none.
    """
    if error.routine or error.sqlstate not in {PROTOCOL_VIOLATION, ""}:
        return ""
    if error.sqlstate and any(text in error.message for text in RELAYED):
        return "server_failing"
    return next((reason for text, reason in REASONS.items() if text in error.message), "")
