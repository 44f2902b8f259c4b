"""Faults of a server or a database that accepts no writes of an application that writes."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from diagnostics.lab.postgres.baseline import DATABASE

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab


def standby(lab: "Lab") -> Iterator[None]:
    """Leave the application connected to a standby, as after a failover."""
    lab.override_settings(writes=True)
    lab.server.stop()
    (lab.server.data / "standby.signal").touch()
    lab.server.start()
    yield


def read_only(lab: "Lab") -> Iterator[None]:
    """Set default_transaction_read_only of the database."""
    lab.override_settings(writes=True)
    lab.sql(f"ALTER DATABASE {DATABASE} SET default_transaction_read_only = on")
    try:
        yield
    finally:
        # A session in the database itself could not change it back.
        lab.server.query(f"ALTER DATABASE {DATABASE} RESET default_transaction_read_only")
