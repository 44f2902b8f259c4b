"""The application's receiver of webhooks has a bug."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab


def bug(name: str, story: str) -> Callable[["Lab"], Iterator[None]]:
    """A fault that switches on one bug of the receiver."""

    def fault(lab: "Lab") -> Iterator[None]:
        lab.receiver.bug = name
        yield

    fault.__doc__ = story
    return fault


slow = bug("slow", "The receiver does its work before it answers.")
redirects = bug("redirects", "The receiver has moved, and answers with a redirect.")
crashes = bug("crashes", "The receiver raises on every delivery.")
unverified = bug("unverified", "The receiver looks at no signature.")
unsigned_taken = bug("unsigned_taken", "The receiver verifies only what has a signature.")
no_timestamp_check = bug("no_timestamp_check", "The receiver never looks at the time of a delivery.")
no_future_check = bug(
    "no_future_check", "The receiver refuses old deliveries and takes those from the future."
)
first_signature_only = bug("first_signature_only", "The receiver looks at the first signature only.")
reserialized = bug("reserialized", "The receiver parses the body, writes it again, and verifies that.")
wrong_header = bug("wrong_header", "The receiver looks for the signature in another header.")
wrong_secret = bug("wrong_secret", "The receiver has the secret of another endpoint.")
rejects_unknown_events = bug("rejects_unknown_events", "The receiver refuses events that it does not know.")
