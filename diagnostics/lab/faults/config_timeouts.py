"""Faults in the file of timeouts and retries."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab


def no_timeout(lab: "Lab") -> Iterator[None]:
    """Remove the read timeout."""
    lab.configs.change("network", '"read_timeout": 10', '"read_timeout": None')
    yield


def not_a_number(lab: "Lab") -> Iterator[None]:
    """Write the read timeout as a text with its unit."""
    lab.configs.change("network", '"read_timeout": 10', '"read_timeout": "10s"')
    yield


def unit(lab: "Lab") -> Iterator[None]:
    """Write the read timeout in milliseconds; it is read in seconds."""
    lab.configs.change("network", '"read_timeout": 10', '"read_timeout": 10000')
    yield


def connect_too_long(lab: "Lab") -> Iterator[None]:
    """Set the connect timeout to 30 s."""
    lab.configs.change("network", '"connection_timeout": 3.05', '"connection_timeout": 30')
    yield


def longer_than_proxy(lab: "Lab") -> Iterator[None]:
    """Set the read timeout to 120 s, behind a load balancer that ends requests after 60 s."""
    lab.configs.change("network", '"read_timeout": 10', '"read_timeout": 120')
    yield


def backoff(lab: "Lab") -> Iterator[None]:
    """Let the pauses between retries shrink instead of grow."""
    lab.configs.change("network", '"backoff_factor": 2', '"backoff_factor": 0.5')
    yield


def retry_of_post(lab: "Lab") -> Iterator[None]:
    """Retry payments without an idempotency key."""
    lab.configs.change("network", '"idempotency_keys": True', '"idempotency_keys": False')
    yield


def worst_case(lab: "Lab") -> Iterator[None]:
    """Retry five times, so that the timeouts together exceed what the caller waits."""
    lab.configs.change("network", '"max_retries": 2', '"max_retries": 5')
    yield
