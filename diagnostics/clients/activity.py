"""Who is connected and what they do, at one moment.

Source: PostgreSQL documentation, 28.2.3 "pg_stat_activity".
"""

from dataclasses import dataclass

from diagnostics.clients.postgres import Session
from diagnostics.clients.sql_text import normalised

CLIENTS = """
SELECT pid, coalesce(datname, ''), coalesce(usename, ''), coalesce(application_name, ''),
       coalesce(state, ''), coalesce(wait_event_type, '') = 'Lock',
       coalesce(extract(epoch FROM state_change), 0)::float8,
       coalesce(extract(epoch FROM clock_timestamp() - state_change), 0)::float8,
       left(coalesce(query, ''), 2000)
FROM pg_stat_activity
WHERE coalesce(backend_type, 'client backend') = 'client backend' AND pid <> pg_backend_pid()
  AND coalesce(application_name, '') NOT LIKE 'clearpay-doctor/%'
"""


@dataclass(frozen=True, slots=True)
class Client:
    """A session of somebody else; the doctor's own are left out."""

    pid: int
    database: str
    role: str
    application: str
    state: str
    """As PostgreSQL names it; empty where the right to see it is missing."""
    waits_for_lock: bool
    changed: float
    """When it began to be in this state, in seconds of the server's clock."""
    for_s: float
    """Seconds since then."""
    query: str

    @property
    def seen(self) -> bool:
        """Whether its state is known: it is hidden without pg_monitor, not kept without track_activities."""
        return self.state not in ("", "disabled")

    @property
    def statement(self) -> str:
        """Its latest statement without literals."""
        return normalised(self.query)

    @property
    def in_transaction(self) -> bool:
        """Whether it has a transaction open and waits for its client."""
        return self.state.startswith("idle in transaction")


def clients(session: Session) -> list[Client]:
    """Everybody who is connected to the server. Raises CannotTell with the server's reason."""
    return [Client(*row) for row in session.rows(CLIENTS)]
