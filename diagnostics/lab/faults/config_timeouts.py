"""The file of timeouts and retries has a mistake."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab


def no_timeout(lab: "Lab") -> Iterator[None]:
    """Reading has no timeout."""
    lab.configs.change("network", '"read_timeout": 10', '"read_timeout": None')
    yield


def not_a_number(lab: "Lab") -> Iterator[None]:
    """The timeout is written with its unit, as a text."""
    lab.configs.change("network", '"read_timeout": 10', '"read_timeout": "10s"')
    yield


def unit(lab: "Lab") -> Iterator[None]:
    """The timeout is written in milliseconds, and read in seconds."""
    lab.configs.change("network", '"read_timeout": 10', '"read_timeout": 10000')
    yield


def connect_too_long(lab: "Lab") -> Iterator[None]:
    """Connecting may take half a minute."""
    lab.configs.change("network", '"connection_timeout": 3.05', '"connection_timeout": 30')
    yield


def longer_than_proxy(lab: "Lab") -> Iterator[None]:
    """Reading may take two minutes, behind a load balancer that cuts after one."""
    lab.configs.change("network", '"read_timeout": 10', '"read_timeout": 120')
    yield


def backoff(lab: "Lab") -> Iterator[None]:
    """The pauses between retries become shorter instead of longer."""
    lab.configs.change("network", '"backoff_factor": 2', '"backoff_factor": 0.5')
    yield


def retry_of_post(lab: "Lab") -> Iterator[None]:
    """Payments are sent again without an idempotency key."""
    lab.configs.change("network", '"idempotency_keys": True', '"idempotency_keys": False')
    yield


def worst_case(lab: "Lab") -> Iterator[None]:
    """Each timeout is reasonable, and five retries of all of them are not."""
    lab.configs.change("network", '"max_retries": 2', '"max_retries": 5')
    yield
