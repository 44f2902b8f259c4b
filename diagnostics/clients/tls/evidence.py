"""Evidence about certificates: names, validity periods, keys and faults."""

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice

from diagnostics.clients.certificates.certificate import Certificate
from diagnostics.clients.certificates.chain import Chain
from diagnostics.clients.tls.certificate_rules import find_faults
from diagnostics.clients.tls.endpoint import TlsEndpoint
from diagnostics.clients.tls.trust_failures import FailureReason
from diagnostics.engine.context import Context

DAY_S = 86400
SOON_DAYS, URGENT_DAYS = 14, 3
MAX_NAMES, MAX_LINKS, MAX_FAULTS = 8, 5, 8
UNTRUSTED_FINDINGS = ("self_signed", "unknown_authority", "missing_intermediate", "interception")
"""Findings that all mean that no trusted authority is behind a certificate."""


def report_chain(context: Context, chain: Chain, now: datetime) -> None:
    """Report the server's certificate, unreadable parts and the certificates that came with it."""
    for problem in chain.problems[:MAX_LINKS]:
        context.evidence("chain", problem, ok=False)
    errors = ((error, link) for link in chain.path for error in link.extensions.errors)
    for error, link in islice(errors, MAX_LINKS):
        context.evidence("extension", error, note=f"{chain.role(link)}, {link.subject}")
    leaf = chain.leaf
    if leaf is None:
        return
    context.evidence("certificate", str(leaf.subject), note=f"issued by {leaf.issuer}")
    names = ", ".join(leaf.names[:MAX_NAMES])
    more = f"and {len(leaf.names) - MAX_NAMES} more" if len(leaf.names) > MAX_NAMES else ""
    context.evidence("names", names or "none", note=more)
    context.evidence("valid", period(leaf), note=f"{time_left(leaf, now)}; serial number {leaf.serial:x}")
    context.evidence("fingerprint", leaf.fingerprint, note="SHA-256")
    context.evidence("key", str(leaf.key), note=f"signed with {leaf.signature_algorithm}")
    sent = [f"{certificate.subject} from {certificate.issuer}" for certificate in chain.sent[:MAX_LINKS]]
    context.evidence("sent", len(chain.sent), unit="certificates", note="; ".join(sent))


def report_fault(context: Context, chain: Chain, reason: FailureReason, now: datetime) -> None:
    """Report the certificate that a refusal is about, or the reason alone if there is none."""
    faulty = reason.certificate
    if faulty is not None:
        details = (
            reason.detail, chain.role(faulty), f"valid {period(faulty)}, {time_left(faulty, now)}",
            f"key {faulty.key}", f"signed with {faulty.signature_algorithm}", f"SHA-256 {faulty.fingerprint}",
        )  # fmt: skip
        context.evidence("at fault", str(faulty.subject), ok=False, note="; ".join(filter(None, details)))
    elif reason.detail:
        context.evidence("at fault", reason.detail, ok=False)


def report_other_faults(
    context: Context, chain: Chain, reason: FailureReason, endpoint: TlsEndpoint, now: datetime
) -> None:
    """Report the faults for which the chain would be refused once the first fault is fixed."""
    untrusted = reason.leaves_untrusted or reason.finding in UNTRUSTED_FINDINGS
    reported = (reason.finding, *UNTRUSTED_FINDINGS) if untrusted else (reason.finding,)
    if chain.leaf and reason.finding != "wrong_name" and not endpoint.covered_by(chain.leaf):
        text = f"{chain.role(chain.leaf)} is not for {endpoint.name}"
        context.evidence("also wrong", text, ok=False, note=str(chain.leaf.subject))
    others = (
        (certificate, text)
        for finding, certificate, text in find_faults(chain, now)
        if finding not in reported
        or (certificate is not reason.certificate and finding not in UNTRUSTED_FINDINGS)
    )
    for certificate, text in islice(others, MAX_FAULTS):
        fault = f"{chain.role(certificate)} {text}"
        context.evidence("also wrong", fault, ok=False, note=str(certificate.subject))


def report_expiry(context: Context, path: Iterable[Certificate], now: datetime) -> float:
    """Report the certificate of a path that expires first; return the days that are left."""
    first = min(path, key=lambda certificate: certificate.not_after)
    days = first.time_left(now).total_seconds() / DAY_S
    limit = context.thresholds.certificate_days
    bound = next((bound for bound in (URGENT_DAYS, SOON_DAYS) if days < bound), None)
    grade = f"it expires within {bound} days" if bound else ""
    context.evidence(
        "days left", round(days, 1), expected=f"at least {limit:g}", unit="days", ok=days >= limit,
        note="; ".join(filter(None, (f"{first.subject}, until {utc_text(first.not_after)}", grade))),
    )  # fmt: skip
    return days


def period(certificate: Certificate) -> str:
    """Return the validity period as text."""
    return f"{utc_text(certificate.not_before)} to {utc_text(certificate.not_after)}"


def utc_text(time: datetime) -> str:
    """Return a time in UTC, to the second."""
    return time.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def time_left(certificate: Certificate, now: datetime) -> str:
    """Return the days until a certificate expires, or since it did, as text."""
    days = certificate.time_left(now).total_seconds() / DAY_S
    return f"{days:.0f} days left" if days >= 0 else f"expired {-days:.1f} days ago"
