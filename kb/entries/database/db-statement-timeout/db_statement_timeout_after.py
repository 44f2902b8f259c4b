"""Looks for payments that were booked twice, within a limit that holds for this transaction only.

set_config with true as its third value is SET LOCAL with a parameter: it ends with the transaction, however
that ends, and the default of the role comes back by itself.
`with conn` commits or rolls back, so that no connection stays in a transaction after a timeout.
57014 also means that a person cancelled: pass the driver's error on, and do not call each one a timeout.
The statement groups instead of comparing pairs: its work grows with the rows, not with their square.
"""

import os
from contextlib import closing
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection

LIMIT_MS = 1000
LIMIT = "SELECT set_config('statement_timeout', %s, true)"
DOUBLES = """
    SELECT coalesce(sum(times * (times - 1) / 2), 0) FROM (
        SELECT count(*) AS times FROM transactions WHERE type = 'settlement'
        GROUP BY account_id, amount HAVING count(*) > 1
    ) AS alike
"""


def doubles(conn: connection, limit_ms: int) -> int:
    """Count the pairs of payments that look alike. Raises psycopg2.errors.QueryCanceled."""
    with conn, conn.cursor() as cursor:
        cursor.execute(LIMIT, (str(limit_ms),))
        cursor.execute(DOUBLES)
        return int((cursor.fetchone() or (0,))[0])


if __name__ == "__main__":
    password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip()
    url = os.environ["DATABASE_URL"]
    with closing(psycopg2.connect(url, password=password, connect_timeout=3)) as conn:
        print("pairs:", doubles(conn, LIMIT_MS))
