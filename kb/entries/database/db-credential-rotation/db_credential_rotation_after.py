"""Opens connections with a cached credential, and fetches it anew when the database rejects it.

Keep the credential in memory: a fetch for each connection is slow, is billed and gets throttled.
When a login is rejected, fetch once. Try once more only if the secret has really changed; the same password
would be rejected again, and repeated wrong logins may lock the role. Every other failure passes unchanged.
Take the role from the secret too: a rotation may alternate between two roles.
"""

import json
import os
from contextlib import closing
from pathlib import Path

import boto3
import psycopg2
from botocore.config import Config
from psycopg2.extensions import connection

REJECTED = ("authentication failed", "no password supplied")
QUICK = Config(connect_timeout=3, read_timeout=5)


class Database:
    """Opens connections; outlives rotations of its credential."""

    def __init__(self, url: str, secret_name: str, password: str) -> None:
        self._url, self._secret_name = url, secret_name
        self._secrets = boto3.client("secretsmanager", config=QUICK)
        self._role: str | None = None  # the URL's
        self._password = password

    def connect(self) -> connection:
        """Log in, after a rotation with the new credential. Raises psycopg2.OperationalError."""
        try:
            return self._login()
        except psycopg2.OperationalError as error:
            if not any(text in str(error) for text in REJECTED) or not self._refresh():
                raise
        return self._login()

    def _login(self) -> connection:
        return psycopg2.connect(self._url, user=self._role, password=self._password, connect_timeout=3)

    def _refresh(self) -> bool:
        value = self._secrets.get_secret_value(SecretId=self._secret_name, VersionStage="AWSCURRENT")
        secret = json.loads(value["SecretString"])
        rejected, self._role, self._password = self._password, secret["username"], secret["password"]
        return self._password != rejected


if __name__ == "__main__":
    at_start = Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text("utf-8").strip()
    database = Database(os.environ["DATABASE_URL"], os.environ["SECRET_NAME"], at_start)
    with closing(database.connect()) as conn, conn.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM transactions")
        print("transactions:", cursor.fetchone())
