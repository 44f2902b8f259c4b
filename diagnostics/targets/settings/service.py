"""What the application itself serves: its receiver of webhooks, and a worker that must stay responsive."""

from dataclasses import dataclass, field

from diagnostics.targets.settings.secrets import Secret
from kb.records.models import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook(Record):
    """The receiver of ClearPay's webhooks."""

    url: str
    """Where deliveries are sent."""
    secret: Secret = field(default=None, repr=False)
    """What deliveries are signed with."""
    header: str = "clearpay-signature"
    """The header that carries the signature."""
    tolerance_s: float = 300.0
    """Seconds by which a delivery's timestamp may differ from the receiver's clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(Record):
    """A service with an event loop."""

    health: str
    """URL that answers at once when the loop is free."""
    work: str = ""
    """URL that makes the service do what is suspected to block it."""
    work_body: str = ""
    """JSON that is sent there with POST; without it, the URL is asked with GET."""
    pid: int = 0
    """The process that runs its loop, where that is on this machine: what its threads do tells why."""
