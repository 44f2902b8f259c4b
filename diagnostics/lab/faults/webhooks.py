"""Faults of the application's webhook receiver: one bug each."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab


def receiver_bug(name: str, summary: str) -> Callable[["Lab"], Iterator[None]]:
    """Return the fault that enables one bug of the receiver."""

    def fault(lab: "Lab") -> Iterator[None]:
        lab.receiver.bug = name
        yield

    fault.__doc__ = summary
    return fault


slow = receiver_bug("slow", "Process each delivery before answering it.")
redirects = receiver_bug("redirects", "Answer deliveries with a redirect.")
crashes = receiver_bug("crashes", "Raise an exception on every delivery.")
unverified = receiver_bug("unverified", "Accept deliveries without verifying the signature.")
unsigned_taken = receiver_bug("unsigned_taken", "Accept deliveries that have no signature.")
no_timestamp_check = receiver_bug("no_timestamp_check", "Accept deliveries of any age.")
no_future_check = receiver_bug("no_future_check", "Reject old deliveries and accept those from the future.")
first_signature_only = receiver_bug("first_signature_only", "Verify only the first signature of a delivery.")
reserialized = receiver_bug("reserialized", "Verify the body after parsing and serializing it again.")
wrong_header = receiver_bug("wrong_header", "Read the signature from another header.")
wrong_secret = receiver_bug("wrong_secret", "Verify with the secret of another endpoint.")
rejects_unknown_events = receiver_bug("rejects_unknown_events", "Reject events of unknown types.")
