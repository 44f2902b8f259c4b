"""Handshake with the server as the application makes it, and the fault of a certificate it refuses."""

from diagnostics.clients.certificates.chain import Chain, parse_all
from diagnostics.clients.certificates.host_names import covers_for_libpq
from diagnostics.clients.certificates.trust_store import BundleUnreadable
from diagnostics.clients.postgres.stream import looks_like
from diagnostics.clients.postgres.tls import NO_HOST, verifies_host_name
from diagnostics.clients.tls.certificate_rules import POSSIBLY_STRICT_CODES
from diagnostics.clients.tls.endpoint import STRICT, TlsEndpoint, tls_endpoint
from diagnostics.clients.tls.evidence import report_expiry, report_fault, report_other_faults
from diagnostics.clients.tls.handshake import Handshake
from diagnostics.clients.tls.prober import (
    TlsProber,
    check_overriding_bundle,
    check_strict_rules,
    report_ignored_expiry,
)
from diagnostics.clients.tls.refusal import (
    CERTIFICATE_REQUIRED,
    CLIENT_CERTIFICATE_ALERTS,
    MISMATCH_REASONS,
    TIME_CODES,
    UNTRUSTED_CODES,
    names_text,
    reason_of,
)
from diagnostics.clients.tls.trust_failures import (
    INVALID_CERTIFICATE,
    FailureReason,
    VerificationFailure,
    sent_unreadable_certificate,
)
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.errors import CannotTell, Skip
from diagnostics.targets.target import EndpointKind

QUESTION = "Would the application take the server's certificate, and if not, what about it is wrong?"
LAYER = "tls"
APPLIES_TO: tuple[EndpointKind, ...] = ("https", "tls", "postgresql")
NEEDS: tuple[str, ...] = ()
READS: tuple[str, ...] = ()
FINDINGS = (
    "tls.bundle_unreadable",
    "tls.bundle_overridden",
    "tls.plain_http",
    "tls.protocol_mismatch",
    "tls.client_certificate_demanded",
    "tls.clock",
    "tls.expired",
    "tls.not_yet_valid",
    "tls.expired_intermediate",
    "tls.wrong_name",
    "tls.self_signed",
    "tls.missing_intermediate",
    "tls.interception",
    "tls.unknown_authority",
    "tls.weak_key",
    "tls.weak_digest",
    "tls.wrong_purpose",
    "tls.ca_not_ca",
    "tls.constraint_violated",
    "tls.invalid_certificate",
    "tls.revoked",
    "tls.strict",
    "tls.expires_soon",
)
SAFETY: Safety = "remote"
BUDGET = 10.0
ALONE = False
SENDS = (
    "One TLS handshake as the application makes it; if it fails, one or two more that accept any "
    "certificate. For a certificate outside its validity period, one HEAD request for / without credentials."
)

HTTP_BEGINNINGS = (b"http/", b"<")
REASONS = {
    "ASN1_LIB": "a certificate that the server sent cannot be read",
    "EXCESSIVE_MESSAGE_SIZE": "the server's certificates are larger than the 100 KB that OpenSSL accepts",
    "LENGTH_MISMATCH": "the server sent no certificate, or a broken message",
    "CERT_LENGTH_MISMATCH": "bytes follow a certificate that the server sent",
}
"""Explanations of OpenSSL's reasons for which there is no finding."""


def run(context: Context, /) -> None:
    """Do the application's handshake; if it fails, examine the server without verifying."""
    try:
        with context.step("settings"):
            endpoint = tls_endpoint(context)
            _report_trust(context, endpoint)
            tls = endpoint.application_context(endpoint.trust)
    except BundleUnreadable as unreadable:
        context.evidence("bundle", "cannot be used", ok=False, note=str(unreadable))
        context.finding("tls.bundle_unreadable")
        return
    prober = TlsProber(context, endpoint)
    handshake = prober.handshake(tls, "handshake")
    if handshake.code:
        _judge_refusal(prober, handshake)
    elif handshake.error:
        _judge_failure(prober, handshake)
    else:
        _judge_success(prober, handshake)


def _report_trust(context: Context, endpoint: TlsEndpoint) -> None:
    trust = endpoint.trust
    if trust is not None:
        context.evidence("trusts", trust.text)
        context.evidence("revocation list", trust.crl or "none", note="" if trust.crl else "not checked")
    elif endpoint.database is not None:
        mode = endpoint.database["sslmode"]
        context.evidence("trusts", "every certificate", note=f"libpq does not verify with sslmode={mode}")
    context.evidence("name wanted", endpoint.name)


def _judge_refusal(prober: TlsProber, handshake: Handshake) -> None:
    """Find the certificate that OpenSSL refused, and why."""
    handshake, strict = _without_strict_rules(prober, handshake)
    context, endpoint, code = prober.context, prober.endpoint, handshake.code
    context.evidence("verify code", code, expected=0, ok=False, note=handshake.message)
    chain = prober.chain(handshake.sent)
    reason = reason_of(
        VerificationFailure(
            code=code,
            message=handshake.message,
            chain=chain,
            bundle=endpoint.trust.authorities() if endpoint.trust else [],
            known=prober.known_authorities() if code in UNTRUSTED_CODES else [],
            now=prober.now,
            strict=strict,
            issuer=context.target.settings.tls.issuer if endpoint.database is None else "",
        )
    )
    if code in TIME_CODES and prober.clock_is_wrong(chain.path):
        reason = FailureReason("clock", certificate=reason.certificate)
    report_fault(context, chain, reason, prober.now)
    report_other_faults(context, chain, reason, endpoint, prober.now)
    if not reason.finding:
        raise CannotTell(f"OpenSSL refuses the certificate: {handshake.message} (verify code {code})")
    context.finding(f"tls.{reason.finding}")


def _without_strict_rules(prober: TlsProber, handshake: Handshake) -> tuple[Handshake, bool]:
    """Return the refusal that remains without strict rules, the deeper cause; else the first one and True."""
    endpoint = prober.endpoint
    if not STRICT or endpoint.database is not None or handshake.code not in POSSIBLY_STRICT_CODES:
        return handshake, False
    again = prober.try_trust(endpoint.trust, "handshake without strict rules", strict=False)
    if again is not None and again.code:
        return again, False
    return handshake, again is not None and not again.error


def _judge_failure(prober: TlsProber, handshake: Handshake) -> None:
    """Find why the handshake ended before the certificate was verified."""
    context, endpoint, error = prober.context, prober.endpoint, handshake.error
    protocol = looks_like(handshake.first_bytes) if error == "WRONG_VERSION_NUMBER" else ""
    note = f"the server speaks {protocol}" if protocol else REASONS.get(error, "")
    context.evidence("handshake", error, ok=False, note=note)
    if endpoint.optional:
        raise Skip(f"the handshake failed ({error}), and sslmode={_sslmode(endpoint)} goes on without TLS")
    if handshake.first_bytes.lstrip().lower().startswith(HTTP_BEGINNINGS):
        context.finding("tls.plain_http")
    elif _demands_certificate(handshake, error):
        context.finding("tls.client_certificate_demanded")
    elif error.endswith("UNRECOGNIZED_NAME"):
        context.finding("tls.wrong_name")
    elif error in MISMATCH_REASONS:
        prober.chain(handshake.sent or _report_offer(prober))
        context.finding("tls.protocol_mismatch")
    elif sent_unreadable_certificate(error, prober.chain(handshake.sent)):
        context.finding(f"tls.{INVALID_CERTIFICATE}")
    else:
        raise CannotTell(f"the handshake failed: {error}{f': {note}' if note else ''}")


def _sslmode(endpoint: TlsEndpoint) -> str:
    return endpoint.database["sslmode"] if endpoint.database is not None else ""


def _demands_certificate(handshake: Handshake, reason: str) -> bool:
    """Return True if the connection ended because of the client certificate that the server requested."""
    requested = handshake.certificate_requested
    return reason.endswith(CLIENT_CERTIFICATE_ALERTS if requested else CERTIFICATE_REQUIRED)


def _report_offer(prober: TlsProber) -> tuple[bytes, ...]:
    """Report the version and cipher that the server accepts; return the certificates that it then sends."""
    handshake = prober.unverified_handshake("handshake with any version")
    offer = (
        f"{handshake.version} with {handshake.cipher}"
        if handshake.version
        else f"nothing that OpenSSL supports ({handshake.error})"
    )
    expected = "TLS 1.2 or newer, with a strong cipher"
    prober.context.evidence("server offers", offer, expected=expected, ok=False)
    return handshake.sent


def _judge_success(prober: TlsProber, handshake: Handshake) -> None:
    """Check what may still end the connection after a complete handshake, and what will end it soon."""
    context = prober.context
    context.evidence("handshake", handshake.version, ok=True, note=handshake.cipher)
    chain = prober.chain(handshake.sent)
    if handshake.certificate_requested:
        note = handshake.alert or "and goes on without one"
        context.evidence("client certificate", "the server asks for one", ok=not handshake.alert, note=note)
    if _demands_certificate(handshake, handshake.alert):
        context.finding("tls.client_certificate_demanded")
        return
    if handshake.alert:
        raise CannotTell(f"the server ended the connection after the handshake: {handshake.alert}")
    if chain.leaf is None:
        context.unknown("the server's certificate cannot be read, so its expiry date is not known")
    if prober.endpoint.trust is None:
        report_ignored_expiry(prober, chain.path)
        return
    if not _has_name(prober, chain, handshake.host):
        return
    path, _ = parse_all(handshake.verified)
    if path and report_expiry(context, path, prober.now) < context.thresholds.certificate_days:
        context.finding("tls.expires_soon", "warn")
    check_strict_rules(prober, path)
    check_overriding_bundle(prober)


def _has_name(prober: TlsProber, chain: Chain, host: str) -> bool:
    """Return True if libpq accepts the certificate's names; other clients checked them in the handshake."""
    settings, leaf = prober.endpoint.database, chain.leaf
    if settings is None or leaf is None or not verifies_host_name(settings) or covers_for_libpq(leaf, host):
        return True
    reason = FailureReason("wrong_name", names_text(leaf) if host else NO_HOST, leaf)
    report_fault(prober.context, chain, reason, prober.now)
    prober.context.finding("tls.wrong_name")
    return False
