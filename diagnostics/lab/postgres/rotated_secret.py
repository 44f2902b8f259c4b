"""The database secret in Secrets Manager, and a client that reads and rotates it."""

import json
from dataclasses import dataclass
from typing import Any

import botocore.session
from botocore.config import Config

NAME = "clearpay/db/credentials"
REGION = "us-east-1"
ACCESS_KEY = "AKIACLEARPAYLAB00000"
SECRET_KEY = "only-the-lab-knows-it"  # noqa: S105  moto accepts any
CREDENTIALS_FILE = f"[default]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n"


def client(endpoint: str) -> Any:
    """Return a Secrets Manager client that ignores profiles, proxies and regions of the environment."""
    session = botocore.session.Session(session_vars={"profile": (None, None, None, None)})
    return session.create_client(
        "secretsmanager",
        region_name=REGION,
        endpoint_url=endpoint,
        aws_access_key_id=ACCESS_KEY,
        aws_secret_access_key=SECRET_KEY,
        config=Config(proxies={}, connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1}),
    )


@dataclass(frozen=True, slots=True)
class DatabaseSecret:
    """The lab's secret, in the format of AWS's rotation functions."""

    client: Any
    host: str
    port: int
    username: str
    dbname: str

    def reset(self, previous: str, current: str) -> None:
        """Create the secret with two versions, AWSPREVIOUS and AWSCURRENT."""
        if any(item["Name"] == NAME for item in self.client.list_secrets()["SecretList"]):
            self.client.delete_secret(SecretId=NAME, ForceDeleteWithoutRecovery=True)
        self.client.create_secret(Name=NAME, SecretString=self._document(previous))
        self.put(current)

    def put(self, password: str, label: str = "AWSCURRENT") -> str:
        """Write a version with a label and return its id. A new AWSCURRENT makes the last one AWSPREVIOUS."""
        answer = self.client.put_secret_value(
            SecretId=NAME, SecretString=self._document(password), VersionStages=[label]
        )
        return str(answer["VersionId"])

    def password(self, label: str = "AWSCURRENT") -> str:
        """Return the password of the version with a label."""
        return current_password(self.client, label)

    def labels(self) -> dict[str, str]:
        """Return the version id of each label."""
        stages = self.client.describe_secret(SecretId=NAME)["VersionIdsToStages"]
        return {label: version for version, labels in stages.items() for label in labels}

    def _document(self, password: str) -> str:
        return json.dumps(
            {
                "engine": "postgres",
                "host": self.host,
                "port": self.port,
                "username": self.username,
                "password": password,
                "dbname": self.dbname,
            }
        )


def current_password(secrets: Any, label: str = "AWSCURRENT") -> str:
    """Return the password in the lab's secret, as an application's deployment fetches it."""
    document = secrets.get_secret_value(SecretId=NAME, VersionStage=label)["SecretString"]
    return str(json.loads(document)["password"])
