"""Sums up a month by loading all of its bookings.

`fetchall` builds every row in Python, beside the copy that libpq has made: some 900 bytes for a row of 96.
Reading the same cursor in pieces hardly helps, since libpq has the whole answer by then; nor does OFFSET: it
reads all skipped rows again for each page, and while others write it shows rows twice and leaves rows out.
`extract(month ...)` finds November of every year and uses no index; MONTH() and YEAR() do not exist in
PostgreSQL. Values that are put into the text of a statement are an open door.
"""

import os
import re
from contextlib import closing
from pathlib import Path

import psycopg2

MONTH = 11


def generate_monthly_report(conn: psycopg2.extensions.connection, month: int) -> dict[str, float]:
    """Amounts by category."""
    with conn, conn.cursor() as cursor:
        cursor.execute(f"SELECT * FROM bookings WHERE extract(month FROM booked_at) = {month}")
        bookings = cursor.fetchall()
    report: dict[str, float] = {}
    for _id, _account, amount, _currency, category, *_rest in bookings:
        report[category] = report.get(category, 0) + float(amount)
    return report


def peak_mb() -> float:
    """Return the peak memory of this process, as Linux reports it."""
    status = Path("/proc/self/status").read_text("utf-8")
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1000


if __name__ == "__main__":
    password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip()
    with closing(psycopg2.connect(os.environ["DATABASE_URL"], password=password)) as session:
        start = peak_mb()
        print(generate_monthly_report(session, MONTH))
    print(f"memory taken: {peak_mb() - start:.1f} MB")
