"""Fault of a report that reads more rows than its memory allows."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from diagnostics.lab.postgres.baseline import ACCOUNTS

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab

ROWS = 200_000
NOVEMBER = f"""
INSERT INTO bookings (account_id, amount, category, reference, booked_at)
SELECT n % {ACCOUNTS} + 1, n % 500, (ARRAY['card', 'transfer', 'refund'])[n % 3 + 1], 'booking ' || n,
       timestamptz '2026-11-01 00:00+00' + n * interval '12 seconds'
FROM generate_series(1, {ROWS}) AS n
"""  # noqa: S608  a constant of this file


def memory(lab: "Lab") -> Iterator[None]:
    """Insert 200,000 bookings in November, a thousand times what the report was tested with."""
    lab.sql(NOVEMBER)
    lab.sql("ANALYZE bookings")
    yield
