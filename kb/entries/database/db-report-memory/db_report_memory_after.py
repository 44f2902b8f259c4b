"""Sums up a month in the database, and reads its bookings page by page where single ones are needed.

Let SQL do the sum: a few rows come back, whatever the month holds, and money stays exact.
Where every row is needed, name the cursor: PostgreSQL keeps the answer and hands out `itersize` rows at a
time, all of one snapshot. A month is a half-open range of dates: the index finds it, and the planner knows
its size. Values go into parameters.
"""

import os
import re
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection

SUMS = """
SELECT category, sum(amount) FROM bookings WHERE booked_at >= %s AND booked_at < %s GROUP BY category
"""
EACH = "SELECT reference, amount FROM bookings WHERE booked_at >= %s AND booked_at < %s"
NOVEMBER = (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))


def generate_monthly_report(conn: connection, month: tuple[datetime, datetime]) -> dict[str, Decimal]:
    """Amounts by category."""
    with conn, conn.cursor() as cursor:
        cursor.execute(SUMS, month)
        return dict(cursor.fetchall())


def largest(conn: connection, month: tuple[datetime, datetime]) -> Decimal:
    """Return the largest amount, read row by row as an export would."""
    with conn, conn.cursor("report") as cursor:
        cursor.itersize = 5000
        cursor.execute(EACH, month)
        return max((amount for _reference, amount in cursor), default=Decimal(0))


def peak_mb() -> float:
    """Return the peak memory of this process, as Linux reports it."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1000


if __name__ == "__main__":
    password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip()
    url = os.environ["DATABASE_URL"]
    with closing(psycopg2.connect(url, password=password, connect_timeout=3)) as session:
        start = peak_mb()
        print(generate_monthly_report(session, NOVEMBER), "largest:", largest(session, NOVEMBER))
    print(f"memory taken: {peak_mb() - start:.1f} MB")
