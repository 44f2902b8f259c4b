"""Opens connections with the password that it read when it started.

A rotation changes the password in the database and in Secrets Manager, but never in this process.
Open connections go on working, because a password is checked only at login. So nothing happens at the hour
of the rotation: the process fails minutes or hours later, when its pool opens the next connection.
It calls every failure a rotation error, an outage too. Only the cause further up in the traceback tells.
"""

import os
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection

PASSWORD = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip()


class CredentialRotationError(Exception):
    """The database rejects the credential of this process."""


def connect() -> connection:
    """Log in with the password that was read at start."""
    try:
        return psycopg2.connect(os.environ["DATABASE_URL"], password=PASSWORD, connect_timeout=3)
    except psycopg2.OperationalError as error:
        raise CredentialRotationError("login failed with the database credential read at start") from error


if __name__ == "__main__":
    with connect().cursor() as cursor:
        cursor.execute("SELECT count(*) FROM transactions")
        print("transactions:", cursor.fetchone())
