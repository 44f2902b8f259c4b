"""The application's API key is no longer, or never was, what the API takes."""

import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING

from diagnostics.lab.api.rules import DAY_S
from diagnostics.lab.layout import write_private

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab


def expired(lab: "Lab") -> Iterator[None]:
    """The key's time was over yesterday."""
    lab.api.own_key.ends = lab.api.rules.now() - DAY_S
    yield


def expires_soon(lab: "Lab") -> Iterator[None]:
    """The key has three days left."""
    lab.api.own_key.ends = lab.api.rules.now() + 3 * DAY_S
    yield


def revoked(lab: "Lab") -> Iterator[None]:
    """Somebody revoked the key."""
    lab.api.own_key.revoked = True
    yield


def unknown(lab: "Lab") -> Iterator[None]:
    """The application presents a key that the API has never given out."""
    write_private(lab.api.key_file, f"cp_test_{secrets.token_hex(12)}")
    yield


def wrong_environment(lab: "Lab") -> Iterator[None]:
    """The key belongs to the live environment, and this is the API of the test environment."""
    lab.api.own_key.environment = "live"
    yield


def malformed(lab: "Lab") -> Iterator[None]:
    """The key was copied from a terminal that had broken its line."""
    write_private(lab.api.key_file, f"{lab.api.key[:16]}\n{lab.api.key[16:]}")
    yield
