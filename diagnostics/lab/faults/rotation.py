"""Faults at each step of a rotation of the database password.

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
    """Complete the rotation but leave the previous password with the application."""
    new = _password()
    lab.secret.put(new)
    _set_in_database(lab, new)
    yield


def not_current(lab: "Lab") -> Iterator[None]:
    """Move AWSCURRENT to a new password that neither the database nor the application has."""
    lab.secret.put(_password())
    yield


def unfinished(lab: "Lab") -> Iterator[None]:
    """Set the new password in the database and stop before it becomes AWSCURRENT."""
    new = _password()
    lab.secret.put(new, "AWSPENDING")
    _set_in_database(lab, new)
    yield


def label_moved(lab: "Lab") -> Iterator[None]:
    """Move AWSCURRENT without setting the password in the database, and restart the application."""
    new = _password()
    lab.secret.put(new)
    write_private(lab.layout.application_password, new)
    yield


def _password() -> str:
    return secrets.token_urlsafe(18)


def _set_in_database(lab: "Lab", password: str) -> None:
    lab.sql(f"ALTER ROLE {APPLICATION} PASSWORD %s", password)
