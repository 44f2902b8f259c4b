"""Faults of statements that exceed their timeout: too much work, a wrong plan, or a timeout too short."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import psycopg2
from psycopg2.extensions import make_dsn

from diagnostics.lab.postgres.baseline import APPLICATION
from diagnostics.lab.process.background_load import background_load

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab

TINY_MS = 10
USUAL_MS = 1500
"""Short enough for a window of 1.3 s to contain the second half of a statement."""
ROWS = 40_000
ONE_OLD_ROW = "INSERT INTO transactions (account_id, amount, type) VALUES (1, 1, 'payment')"
UNCHECKED = "SET session_replication_role = replica;"
"""Skips the foreign key checks of generated rows, which take most of the load's time."""
LOAD = f"""{UNCHECKED}
INSERT INTO transactions (account_id, amount, type)
SELECT 1 + n %% 10, n, 'settlement' FROM generate_series(1, %s) AS n
"""  # noqa: S608  a constant of this file
LOAD_EQUAL = f"""{UNCHECKED}
INSERT INTO transactions (account_id, amount, type) SELECT 1, 1, 'settlement' FROM generate_series(1, %s)
"""  # noqa: S608  a constant of this file
ANALYZE = "ANALYZE transactions"
DUPLICATES = """
SELECT count(*) FROM transactions a JOIN transactions b USING (account_id, amount)
WHERE a.type = 'settlement' AND b.type = 'settlement' AND b.id > a.id
"""


def timeout_tiny(lab: "Lab") -> Iterator[None]:
    """Set the role's statement_timeout below the duration of an ordinary statement."""
    _load(lab)
    lab.sql(f"ALTER ROLE {APPLICATION} SET statement_timeout = {TINY_MS}")
    yield


def url_timeout(lab: "Lab") -> Iterator[None]:
    """Set a statement_timeout in the application's URL below the duration of an ordinary statement."""
    _load(lab)
    lab.override_address(parameters=(("options", f"-c statement_timeout={TINY_MS}"),))
    yield


def stale_statistics(lab: "Lab") -> Iterator[None]:
    """Load a batch without ANALYZE, so that the planner expects almost no such rows."""
    lab.sql(ONE_OLD_ROW)
    lab.sql(ANALYZE)
    lab.sql(LOAD, ROWS)
    with _repeated_statement(lab):
        yield


def slow(lab: "Lab") -> Iterator[None]:
    """Run a statement that compares each row with every other; no plan makes it fast."""
    lab.sql(LOAD_EQUAL, ROWS)
    lab.sql(ANALYZE)
    with _repeated_statement(lab):
        yield


def _load(lab: "Lab") -> None:
    lab.sql(LOAD, ROWS)
    lab.sql(ANALYZE)


@contextmanager
def _repeated_statement(lab: "Lab") -> Iterator[None]:
    """Run the statement repeatedly as the application, under the timeout of its role."""
    lab.sql(f"ALTER ROLE {APPLICATION} SET statement_timeout = {USUAL_MS}")
    with background_load(str(make_dsn(lab.application_dsn(), options="")), _count):
        yield


def _count(dsn: str) -> None:
    with closing(psycopg2.connect(dsn)) as session, session.cursor() as cursor:
        cursor.execute(DUPLICATES)
