"""Settings of the application's own servers: webhook receiver and service with an event loop or workers."""

from dataclasses import dataclass, field
from typing import Literal

from diagnostics.targets.settings.address import Url
from diagnostics.targets.settings.secrets import Secret
from kb.records.models import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook(Record):
    """Receiver of ClearPay's webhooks."""

    url: Url
    """URL that deliveries are sent to."""
    secret: Secret = field(default=None, repr=False)
    """Secret that deliveries are signed with."""
    header: str = "clearpay-signature"
    """Header that contains the signature."""
    tolerance_s: float = 300.0
    """Seconds by which the timestamp of a delivery may differ from the receiver's clock."""


ServerKind = Literal["", "event_loop", "workers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(Record):
    """Service of the application: an event loop, or a server with a worker for each request."""

    health: Url
    """URL that answers at once while the event loop, or a worker, is free."""
    health_text: str = ""
    """Text that the answer to `health` contains, as `"ready":true`; default: any but an HTML page."""
    work: Url = ""
    """URL of the work that may block the event loop or occupy all workers."""
    work_text: str = ""
    """Text that the answer to `work` contains; default: any but an HTML page."""
    work_body: str = ""
    """JSON body of a POST request to `work`; without it, a GET request is sent."""
    pid: int = 0
    """Process id of the server if it runs on this machine: its threads show why answers are late."""
    kind: ServerKind = ""
    """`event_loop` or `workers`, for a server behind a proxy that hides which it is; default: recognised."""
