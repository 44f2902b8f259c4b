"""Faults of the application's API key: expired, revoked, unknown, of another environment, or malformed."""

import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING

from diagnostics.lab.api.rules import DAY_S
from diagnostics.lab.layout import write_private

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab


def expired(lab: "Lab") -> Iterator[None]:
    """Set the expiry of the API key to yesterday."""
    lab.api.own_key.ends = lab.api.rules.now() - DAY_S
    yield


def expires_soon(lab: "Lab") -> Iterator[None]:
    """Set the expiry of the API key to three days from now."""
    lab.api.own_key.ends = lab.api.rules.now() + 3 * DAY_S
    yield


def revoked(lab: "Lab") -> Iterator[None]:
    """Revoke the API key."""
    lab.api.own_key.revoked = True
    yield


def unknown(lab: "Lab") -> Iterator[None]:
    """Give the application an API key that the API never issued."""
    write_private(lab.api.key_file, f"cp_test_{secrets.token_hex(12)}")
    yield


def wrong_environment(lab: "Lab") -> Iterator[None]:
    """Assign the API key to the live environment; this API serves the test environment."""
    lab.api.own_key.environment = "live"
    yield


def malformed(lab: "Lab") -> Iterator[None]:
    """Break the API key over two lines, as copying from a terminal does."""
    write_private(lab.api.key_file, f"{lab.api.key[:16]}\n{lab.api.key[16:]}")
    yield
