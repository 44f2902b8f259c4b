"""Statements take longer than they may: too much work, a wrong plan, or a timeout that nothing meets."""

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
"""Short enough that a window of 1.3 s sees a statement in its second half."""
ROWS = 40_000
ONE_OLD_ROW = "INSERT INTO transactions (account_id, amount, type) VALUES (1, 1, 'payment')"
UNCHECKED = "SET session_replication_role = replica;"
"""Rows that the lab makes itself need no check of their foreign key, which takes most of a load's time."""
LOAD = f"""{UNCHECKED}
INSERT INTO transactions (account_id, amount, type)
SELECT 1 + n %% 10, n, 'settlement' FROM generate_series(1, %s) AS n
"""  # noqa: S608  a constant of this file
LOAD_EQUAL = f"""{UNCHECKED}
INSERT INTO transactions (account_id, amount, type) SELECT 1, 1, 'settlement' FROM generate_series(1, %s)
"""  # noqa: S608  a constant of this file
ANALYZE = "ANALYZE transactions"
DOUBLES = """
SELECT count(*) FROM transactions a JOIN transactions b USING (account_id, amount)
WHERE a.type = 'settlement' AND b.type = 'settlement' AND b.id > a.id
"""


def timeout_tiny(lab: "Lab") -> Iterator[None]:
    """The role's timeout is shorter than an ordinary statement."""
    _load(lab)
    lab.sql(f"ALTER ROLE {APPLICATION} SET statement_timeout = {TINY_MS}")
    yield


def url_timeout(lab: "Lab") -> Iterator[None]:
    """The application's URL asks for a timeout that is shorter than an ordinary statement."""
    _load(lab)
    lab.override_address(parameters=(("options", f"-c statement_timeout={TINY_MS}"),))
    yield


def stale_statistics(lab: "Lab") -> Iterator[None]:
    """A batch was loaded, and the planner still believes that there is next to nothing of its kind."""
    lab.sql(ONE_OLD_ROW)
    lab.sql(ANALYZE)
    lab.sql(LOAD, ROWS)
    with _statements(lab):
        yield


def slow(lab: "Lab") -> Iterator[None]:
    """A statement that compares each row with each other one; no plan makes it fast."""
    lab.sql(LOAD_EQUAL, ROWS)
    lab.sql(ANALYZE)
    with _statements(lab):
        yield


def _load(lab: "Lab") -> None:
    lab.sql(LOAD, ROWS)
    lab.sql(ANALYZE)


@contextmanager
def _statements(lab: "Lab") -> Iterator[None]:
    """The application runs the statement again and again under the timeout of its role."""
    lab.sql(f"ALTER ROLE {APPLICATION} SET statement_timeout = {USUAL_MS}")
    with background_load(str(make_dsn(lab.application_dsn(), options="")), _count):
        yield


def _count(dsn: str) -> None:
    with closing(psycopg2.connect(dsn)) as session, session.cursor() as cursor:
        cursor.execute(DOUBLES)
