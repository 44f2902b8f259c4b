"""Errors that poolers raise themselves, by their texts: they share SQLSTATE 08P01 and have no routine.

Source: PgBouncer 1.18 to 1.24, calls of disconnect_client() and log_server_error(); measured with 1.18.
"""

from collections.abc import Mapping
from typing import Final

from diagnostics.clients.postgres.server_error import ServerError

PROTOCOL_VIOLATION: Final = "08P01"
REASONS: Final[Mapping[str, str]] = {
    "no such database": "no_database",
    "is disabled": "disabled",
    "no more connections allowed": "full",
    "unsupported startup parameter": "parameter",
    "unsupported pkt type": "parameter",
    "server login has been failing": "server_failing",
    "server login failed": "server_failing",
    "cannot connect to server": "server_failing",
    "query_wait_timeout": "wait_timeout",
    "SASL authentication failed": "rejected",
    "password authentication failed": "rejected",
    "auth failed": "rejected",
    "no such user": "rejected",
}
"""Reason by a part of the text."""


def pooler_reason(error: ServerError) -> str:
    """Return the reason of an error that a pooler raised; empty if it is PostgreSQL's or not known.

    PostgreSQL names the C function that raised an error, a pooler names none.
    """
    if error.routine or error.sqlstate not in {PROTOCOL_VIOLATION, ""}:
        return ""
    return next((reason for text, reason in REASONS.items() if text in error.message), "")
