"""Faults of the application's role, password and database name."""

import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING

from diagnostics.lab.layout import write_private
from diagnostics.lab.postgres.baseline import APPLICATION, RENAMED

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab


def password_rejected(lab: "Lab") -> Iterator[None]:
    """Change the role's password in the database, outside the rotation."""
    lab.sql(f"ALTER ROLE {APPLICATION} PASSWORD %s", secrets.token_urlsafe(18))
    yield


def role_expired(lab: "Lab") -> Iterator[None]:
    """Set VALID UNTIL of the role to yesterday."""
    lab.sql(f"ALTER ROLE {APPLICATION} VALID UNTIL 'yesterday'")
    yield


def unknown_role(lab: "Lab") -> Iterator[None]:
    """Rename the role."""
    lab.sql(f"ALTER ROLE {APPLICATION} RENAME TO {RENAMED}")
    yield


def no_password(lab: "Lab") -> Iterator[None]:
    """Empty the application's password file."""
    write_private(lab.layout.application_password, "")
    yield


def unknown_database(lab: "Lab") -> Iterator[None]:
    """Misspell the database name in the application's URL."""
    lab.override_address(database="transactionz")
    yield
