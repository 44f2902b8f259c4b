"""Passwords of the lab's roles."""

import secrets
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Passwords:
    """Passwords of the roles, generated for each lab and after each fault."""

    application: str
    previous: str
    monitor: str

    @staticmethod
    def fresh() -> "Passwords":
        """Generate random passwords."""
        return Passwords(*(secrets.token_urlsafe(18) for _ in range(3)))
