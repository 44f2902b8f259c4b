"""Settings of the application's own servers: webhook receiver and service with an event loop."""

from dataclasses import dataclass, field

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(Record):
    """Service with an event loop."""

    health: Url
    """URL that answers at once while the event loop is free."""
    work: Url = ""
    """URL of the work that may block the event loop."""
    work_body: str = ""
    """JSON body of a POST request to `work`; without it, a GET request is sent."""
    pid: int = 0
    """Process id of the event loop if it runs on this machine: its threads show why it is blocked."""
