"""A rotation of the database's password went wrong, at each of its steps.

Source: AWS Secrets Manager, "Rotation by Lambda function": create, set, test, finish.
"""

import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING

from diagnostics.lab.layout import write_private
from diagnostics.lab.postgres.baseline import APPLICATION

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab


def stale_credential(lab: "Lab") -> Iterator[None]:
    """The rotation is complete; the application still has the password from before."""
    new = _password()
    lab.secret.put(new)
    _set_in_database(lab, new)
    yield


def not_current(lab: "Lab") -> Iterator[None]:
    """The secret moved on, while database and application agree on the password from before."""
    lab.secret.put(_password())
    yield


def unfinished(lab: "Lab") -> Iterator[None]:
    """The rotation set the new password in the database, and died before it became AWSCURRENT."""
    new = _password()
    lab.secret.put(new, "AWSPENDING")
    _set_in_database(lab, new)
    yield


def label_moved(lab: "Lab") -> Iterator[None]:
    """AWSCURRENT moved, the database was never told, and the application has been restarted since."""
    new = _password()
    lab.secret.put(new)
    write_private(lab.layout.application_password, new)
    yield


def _password() -> str:
    return secrets.token_urlsafe(18)


def _set_in_database(lab: "Lab", password: str) -> None:
    lab.sql(f"ALTER ROLE {APPLICATION} PASSWORD %s", password)
