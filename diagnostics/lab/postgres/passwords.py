"""What the roles of the lab log in with."""

import secrets
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Passwords:
    """What the lab's roles log in with, made anew for each lab and after each fault."""

    application: str
    previous: str
    monitor: str

    @staticmethod
    def fresh() -> "Passwords":
        """Random ones."""
        return Passwords(*(secrets.token_urlsafe(18) for _ in range(3)))
