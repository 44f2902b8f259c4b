"""What a report says of certificates: names, times and keys, in a reader's words."""

from collections.abc import Iterable
from datetime import UTC, datetime

from diagnostics.clients.tls_chain import Chain
from diagnostics.clients.x509 import Certificate
from diagnostics.context import Context

DAY_S = 86400
LATE_D, NOW_D = 14, 3
SHOWN_NAMES = 8
SHOWN_LINKS = 5


def show_chain(context: Context, chain: Chain) -> None:
    """The server's own certificate, and what it sent beside it."""
    for problem in chain.problems:
        context.evidence("chain", problem, ok=False)
    leaf = chain.leaf
    if leaf is None:
        return
    context.evidence("certificate", str(leaf.subject), note=f"issued by {leaf.issuer}")
    names = ", ".join(leaf.names[:SHOWN_NAMES])
    more = f"and {len(leaf.names) - SHOWN_NAMES} more" if len(leaf.names) > SHOWN_NAMES else ""
    context.evidence("names", names or "none", note=more)
    context.evidence("valid", period(leaf), note=f"serial number {leaf.serial:x}")
    context.evidence("key", str(leaf.key), note=f"signed with {leaf.signature}")
    context.evidence(
        "sent", len(chain.sent), unit="certificates", note="; ".join(map(_link, chain.sent[:SHOWN_LINKS]))
    )


def show_ends(context: Context, path: Iterable[Certificate], now: datetime) -> float:
    """The certificate of a path that ends first; returns the days that are left."""
    first = min(path, key=lambda one: one.not_after)
    days = first.left(now).total_seconds() / DAY_S
    limit = context.thresholds.certificate_days
    grade = "it ends within 3 days" if days < NOW_D else "it ends within 14 days" if days < LATE_D else ""
    context.evidence(
        "days left", round(days, 1), expected=f"at least {limit:g}", unit="days", ok=days >= limit,
        note="; ".join(filter(None, (f"{first.subject}, until {stamp(first.not_after)}", grade))),
    )  # fmt: skip
    return days


def period(one: Certificate) -> str:
    """From when until when."""
    return f"{stamp(one.not_before)} to {stamp(one.not_after)}"


def stamp(moment: datetime) -> str:
    """A moment in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _link(one: Certificate) -> str:
    return f"{one.subject} from {one.issuer}"
