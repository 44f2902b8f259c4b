"""Role, password or database are not what the application thinks."""

import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING

from diagnostics.lab.layout import write_private
from diagnostics.lab.postgres.baseline import APPLICATION, RENAMED

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab


def password_rejected(lab: "Lab") -> Iterator[None]:
    """Someone has changed the role's password in the database, past the rotation."""
    lab.sql(f"ALTER ROLE {APPLICATION} PASSWORD %s", secrets.token_urlsafe(18))
    yield


def role_expired(lab: "Lab") -> Iterator[None]:
    """The role's password was valid until yesterday."""
    lab.sql(f"ALTER ROLE {APPLICATION} VALID UNTIL 'yesterday'")
    yield


def unknown_role(lab: "Lab") -> Iterator[None]:
    """The role has another name now."""
    lab.sql(f"ALTER ROLE {APPLICATION} RENAME TO {RENAMED}")
    yield


def no_password(lab: "Lab") -> Iterator[None]:
    """The file with the application's password is empty."""
    write_private(lab.layout.application_password, "")
    yield


def unknown_database(lab: "Lab") -> Iterator[None]:
    """The name of the database is misspelt."""
    lab.override_address(database="transactionz")
    yield
