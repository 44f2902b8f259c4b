"""Faults in the file that configures the verification of webhook deliveries."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab

EVENTS = '["payment.approved", "payment.declined", "payment.voided", "refund.processed"]'


def off(lab: "Lab") -> Iterator[None]:
    """Switch signature verification off."""
    lab.configs.change("webhook", '"verify_signatures": True', '"verify_signatures": False')
    yield


def no_secret(lab: "Lab") -> Iterator[None]:
    """Delete the line with the webhook secret."""
    lab.configs.change("webhook", '    "webhook_secret": os.environ["CLEARPAY_WEBHOOK_SECRET"],\n', "")
    yield


def placeholder(lab: "Lab") -> Iterator[None]:
    """Set the webhook secret of the example file."""
    _write_secret(lab, "whsec_xxxxxxxxxxxxxxxxxxxxxxxx")
    yield


def header(lab: "Lab") -> Iterator[None]:
    """Write the name of the signature header with an underscore."""
    lab.configs.change("webhook", '"clearpay-signature"', '"clearpay_signature"')
    yield


def no_tolerance(lab: "Lab") -> Iterator[None]:
    """Set the tolerance to zero, so that every delivery is too old."""
    lab.configs.change("webhook", '"tolerance_seconds": 300', '"tolerance_seconds": 0')
    yield


def tolerance_long(lab: "Lab") -> Iterator[None]:
    """Write the tolerance in milliseconds, which makes it three and a half days."""
    lab.configs.change("webhook", '"tolerance_seconds": 300', '"tolerance_seconds": 300000')
    yield


def no_events(lab: "Lab") -> Iterator[None]:
    """Remove every event type from the list to process."""
    lab.configs.change("webhook", EVENTS, "[]")
    yield


def unknown_event(lab: "Lab") -> Iterator[None]:
    """Misspell an event type, so that its deliveries are never processed."""
    lab.configs.change("webhook", '"payment.approved"', '"payment.aproved"')
    yield


def secret_in_source(lab: "Lab") -> Iterator[None]:
    """Write the webhook secret into a Python file of the repository."""
    _write_secret(lab, lab.configs.webhook_secret)
    yield


def _write_secret(lab: "Lab", secret: str) -> None:
    lab.configs.change("webhook", 'os.environ["CLEARPAY_WEBHOOK_SECRET"]', f'"{secret}"')
