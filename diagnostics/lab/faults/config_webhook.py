"""The file that says how deliveries are verified has a mistake."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab

EVENTS = '["payment.approved", "payment.declined", "payment.voided", "refund.processed"]'


def off(lab: "Lab") -> Iterator[None]:
    """Somebody switched verification off to get a test through."""
    lab.configs.change("webhook", '"verify_signatures": True', '"verify_signatures": False')
    yield


def no_secret(lab: "Lab") -> Iterator[None]:
    """The line with the secret is gone."""
    lab.configs.change("webhook", '    "webhook_secret": os.environ["CLEARPAY_WEBHOOK_SECRET"],\n', "")
    yield


def placeholder(lab: "Lab") -> Iterator[None]:
    """The secret is that of the example."""
    _write_secret(lab, "whsec_xxxxxxxxxxxxxxxxxxxxxxxx")
    yield


def header(lab: "Lab") -> Iterator[None]:
    """The header is written with an underscore."""
    lab.configs.change("webhook", '"clearpay-signature"', '"clearpay_signature"')
    yield


def no_tolerance(lab: "Lab") -> Iterator[None]:
    """The tolerance is zero, so no delivery is ever young enough."""
    lab.configs.change("webhook", '"tolerance_seconds": 300', '"tolerance_seconds": 0')
    yield


def tolerance_long(lab: "Lab") -> Iterator[None]:
    """The tolerance is written in milliseconds: three and a half days."""
    lab.configs.change("webhook", '"tolerance_seconds": 300', '"tolerance_seconds": 300000')
    yield


def no_events(lab: "Lab") -> Iterator[None]:
    """No type of event is left to process."""
    lab.configs.change("webhook", EVENTS, "[]")
    yield


def unknown_event(lab: "Lab") -> Iterator[None]:
    """A type of event is misspelt: it never arrives, and nobody is told."""
    lab.configs.change("webhook", '"payment.approved"', '"payment.aproved"')
    yield


def secret_in_source(lab: "Lab") -> Iterator[None]:
    """The secret stands in a Python file of the repository."""
    _write_secret(lab, lab.configs.webhook_secret)
    yield


def _write_secret(lab: "Lab", secret: str) -> None:
    lab.configs.change("webhook", 'os.environ["CLEARPAY_WEBHOOK_SECRET"]', f'"{secret}"')
