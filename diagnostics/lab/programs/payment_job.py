"""The payment job of the lab, configured by its environment only.

`python payment_job.py` books one payment; `--every 0.2` books one every 0.2 s until it fails. It reads
DATABASE_URL and DATABASE_PASSWORD_FILE, and ends with the driver's traceback.
"""

import argparse
import os
import sys
import time
from contextlib import closing
from pathlib import Path

import psycopg2

ACCOUNT = 1
AMOUNT = "25.00"


def pay() -> int:
    """Book one payment in one transaction and return its id. Raises psycopg2.Error."""
    password = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip()
    session = psycopg2.connect(os.environ["DATABASE_URL"], password=password, application_name="payments")
    with closing(session), session, session.cursor() as cursor:
        cursor.execute("UPDATE accounts SET balance = balance - %s WHERE id = %s", (AMOUNT, ACCOUNT))
        cursor.execute(
            "INSERT INTO transactions (account_id, amount, type) VALUES (%s, %s, 'payment') RETURNING id",
            (ACCOUNT, AMOUNT),
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def main() -> None:
    """Book one payment, or one at each interval."""
    parser = argparse.ArgumentParser(description="Book payments, as ClearPay's payment job does.")
    parser.add_argument(
        "--every", type=float, metavar="SECONDS", help="repeat at this interval until a payment fails"
    )
    every: float | None = parser.parse_args().every
    while True:
        number = pay()
        sys.stdout.write(f"payment {number} of {AMOUNT} booked\n")
        sys.stdout.flush()
        if every is None:
            return
        time.sleep(every)


if __name__ == "__main__":
    main()
