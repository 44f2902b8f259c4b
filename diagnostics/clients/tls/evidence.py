"""What a report says of certificates: names, times and keys, in a reader's words."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice

from diagnostics.clients.certificates.certificate import Certificate
from diagnostics.clients.certificates.chain import Chain
from diagnostics.clients.tls.certificate_rules import faults_of
from diagnostics.clients.tls.endpoint import TlsEndpoint
from diagnostics.clients.tls.trust_failures import Verdict
from diagnostics.engine.context import Context

DAY_S = 86400
LATE_D, NOW_D = 14, 3
SHOWN_NAMES = 8
SHOWN_LINKS, SHOWN_FAULTS = 5, 8
UNTRUSTED = ("self_signed", "unknown_authority", "missing_intermediate", "interception")
"""Facts that all say that nobody trusted stands behind a certificate."""


def show_chain(context: Context, chain: Chain, now: datetime) -> None:
    """The server's own certificate, and what it sent beside it."""
    for problem in chain.problems[:SHOWN_LINKS]:
        context.evidence("chain", problem, ok=False)
    flaws = ((flaw, one) for one in chain.path for flaw in one.extensions.flaws)
    for flaw, one in islice(flaws, SHOWN_LINKS):
        context.evidence("extension", flaw, note=f"{chain.role(one)}, {one.subject}")
    leaf = chain.leaf
    if leaf is None:
        return
    context.evidence("certificate", str(leaf.subject), note=f"issued by {leaf.issuer}")
    names = ", ".join(leaf.names[:SHOWN_NAMES])
    more = f"and {len(leaf.names) - SHOWN_NAMES} more" if len(leaf.names) > SHOWN_NAMES else ""
    context.evidence("names", names or "none", note=more)
    context.evidence("valid", period(leaf), note=f"{left(leaf, now)}; serial number {leaf.serial:x}")
    context.evidence("fingerprint", leaf.fingerprint, note="SHA-256")
    context.evidence("key", str(leaf.key), note=f"signed with {leaf.signature}")
    sent = [f"{one.subject} from {one.issuer}" for one in chain.sent[:SHOWN_LINKS]]
    context.evidence("sent", len(chain.sent), unit="certificates", note="; ".join(sent))


def show_culprit(context: Context, chain: Chain, verdict: Verdict, now: datetime) -> None:
    """The certificate that a refusal is about, and what else is wrong with the chain."""
    one = verdict.faulty_certificate
    if one is not None:
        shown = (
            verdict.why, chain.role(one), f"valid {period(one)}, {left(one, now)}", f"key {one.key}",
            f"signed with {one.signature}", f"SHA-256 {one.fingerprint}",
        )  # fmt: skip
        context.evidence("at fault", str(one.subject), ok=False, note="; ".join(filter(None, shown)))
    elif verdict.why:
        context.evidence("at fault", verdict.why, ok=False)


def show_other_faults(
    context: Context, chain: Chain, verdict: Verdict, place: TlsEndpoint, now: datetime
) -> None:
    """What would be refused next, were the first fault mended."""
    named = UNTRUSTED if verdict.fact in UNTRUSTED else (verdict.fact,)
    if chain.leaf and verdict.fact != "wrong_name" and not place.covered(chain.leaf):
        note = str(chain.leaf.subject)
        context.evidence("also wrong", f"the server's own is not for {place.name}", ok=False, note=note)
    others = (
        (one, words)
        for fact, one, words in faults_of(chain, now)
        if fact not in named or (one is not verdict.faulty_certificate and fact not in UNTRUSTED)
    )
    for one, words in islice(others, SHOWN_FAULTS):
        context.evidence("also wrong", f"{chain.role(one)} {words}", ok=False, note=str(one.subject))


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


def left(one: Certificate, now: datetime) -> str:
    """How many days it has left, or how long ago it ended."""
    days = one.left(now).total_seconds() / DAY_S
    return f"{days:.0f} days left" if days >= 0 else f"ended {-days:.1f} days ago"
