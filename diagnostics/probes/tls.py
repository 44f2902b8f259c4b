"""Handshake with the server as the application makes it, and the fault of a certificate it refuses."""

from collections.abc import Sequence

from diagnostics.clients.certificates.certificate import Certificate
from diagnostics.clients.certificates.chain import Chain, parse_all
from diagnostics.clients.certificates.host_names import covers_for_libpq
from diagnostics.clients.certificates.trust_store import BundleUnreadable
from diagnostics.clients.postgres.stream import looks_like
from diagnostics.clients.postgres.tls import NO_HOST, limits_versions, verifies_host_name, version_range
from diagnostics.clients.tls.certificate_rules import server_key_error
from diagnostics.clients.tls.client_certificate import (
    client_refusal,
    report_client_certificate,
    require_client_certificate,
)
from diagnostics.clients.tls.endpoint import TlsEndpoint, tls_endpoint
from diagnostics.clients.tls.evidence import report_expiry, report_fault, report_other_faults
from diagnostics.clients.tls.handshake import Handshake
from diagnostics.clients.tls.interception import unexpected_issuer
from diagnostics.clients.tls.offer import report_application_protocol, report_offer
from diagnostics.clients.tls.prober import (
    TlsProber,
    check_overriding_bundle,
    check_strict_rules,
    report_ignored_expiry,
    without_strict_rules,
)
from diagnostics.clients.tls.refusal import (
    MISMATCH_REASONS,
    NO_APPLICATION_PROTOCOL,
    TIME_CODES,
    UNTRUSTED_CODES,
    VERSION_REASONS,
    names_text,
    reason_of,
)
from diagnostics.clients.tls.trust_failures import (
    INVALID_CERTIFICATE,
    TOO_LARGE,
    FailureReason,
    VerificationFailure,
    ended_by_form,
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
    "tls.crl_unusable",
    "tls.strict",
    "tls.expires_soon",
)
SAFETY: Safety = "remote"
BUDGET = 10.0
ALONE = False
SENDS = (
    "One TLS handshake as the application makes it; if it fails, one to three more that accept any "
    "certificate. For a certificate outside its validity period, one HEAD request for /; to a web server "
    "that requests a client certificate, one GET of the health path; both without credentials."
)

HTTP_BEGINNINGS = (b"http/", b"<")
REASONS = {
    "ASN1_LIB": "a certificate that the server sent cannot be read",
    TOO_LARGE: "a message of the server, as a rule its certificates, exceeds the 100 KB that OpenSSL accepts",
    "LENGTH_MISMATCH": "the server sent no certificate, or a broken message",
    NO_APPLICATION_PROTOCOL: "the server takes none of the application protocols that the client names",
    "CERT_LENGTH_MISMATCH": "bytes follow a certificate that the server sent",
}
"""Explanations of OpenSSL's reasons."""


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
    handshake = prober.handshake(tls, "handshake", endpoint.request)
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
    if endpoint.database is not None and limits_versions(endpoint.database):
        context.evidence("versions", version_range(endpoint.database), note="limits of the application")
    context.evidence("name wanted", endpoint.name)


def _judge_refusal(prober: TlsProber, handshake: Handshake) -> None:
    """Find the certificate that OpenSSL refused, and why."""
    handshake, strict = without_strict_rules(prober, handshake)
    context, endpoint, code = prober.context, prober.endpoint, handshake.code
    context.evidence("verify code", code, expected=0, ok=False, note=handshake.message)
    chain = prober.chain(handshake.sent)
    reason = reason_of(
        VerificationFailure(
            code=code,
            message=handshake.message,
            chain=chain,
            bundle=prober.bundle,
            known=prober.known_authorities() if code in UNTRUSTED_CODES else [],
            now=prober.now,
            strict=strict,
            issuer=_expected_issuer(prober),
            crl_file=endpoint.trust.crl if endpoint.trust else "",
        )
    )
    if code in TIME_CODES and prober.clock_is_wrong(chain.path):
        reason = FailureReason("clock", certificate=reason.certificate)
    report_fault(context, chain, reason, prober.now)
    report_other_faults(context, chain, reason, endpoint, prober.now)
    if not reason.finding:
        raise CannotTell(f"OpenSSL refuses the certificate: {handshake.message} (verify code {code})")
    context.finding(f"tls.{reason.finding}")


def _expected_issuer(prober: TlsProber) -> str:
    """Return the part of the issuer's name that the target expects; empty for a database."""
    return prober.context.target.settings.tls.issuer if prober.endpoint.database is None else ""


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
    elif client_refusal(handshake):
        _demand_client_certificate(prober, handshake)
    elif error.endswith("UNRECOGNIZED_NAME"):
        context.finding("tls.wrong_name")
    elif error == NO_APPLICATION_PROTOCOL:
        report_application_protocol(prober)
        context.finding("tls.protocol_mismatch")
    elif error in MISMATCH_REASONS:
        _judge_mismatch(prober, handshake)
    elif _ended_by_form(prober, handshake):
        context.finding(f"tls.{INVALID_CERTIFICATE}")
    else:
        raise CannotTell(f"the handshake failed: {error}{f': {note}' if note else ''}")


def _ended_by_form(prober: TlsProber, handshake: Handshake) -> bool:
    chain = prober.chain(handshake.sent)
    return ended_by_form(handshake.error, chain, at_certificates=handshake.expects_certificates)


def _judge_mismatch(prober: TlsProber, handshake: Handshake) -> None:
    """Find whether the server's key or its settings leave the two sides nothing in common."""
    chain = prober.chain(handshake.sent or report_offer(prober))
    leaf = chain.leaf if handshake.error not in VERSION_REASONS else None
    if leaf is not None and (detail := server_key_error(leaf)):
        report_fault(prober.context, chain, FailureReason("weak_key", detail, leaf), prober.now)
        prober.context.finding("tls.weak_key")
    else:
        prober.context.finding("tls.protocol_mismatch")


def _demand_client_certificate(prober: TlsProber, handshake: Handshake) -> None:
    at_login = prober.endpoint.database is not None
    report_client_certificate(prober.context, handshake, prober.now, at_login=at_login)
    prober.context.finding("tls.client_certificate_demanded")


def _sslmode(endpoint: TlsEndpoint) -> str:
    return endpoint.database["sslmode"] if endpoint.database is not None else ""


def _judge_success(prober: TlsProber, handshake: Handshake) -> None:
    """Check what may still end the connection after a complete handshake, and what will end it soon."""
    context = prober.context
    context.evidence("handshake", handshake.version, ok=True, note=handshake.cipher)
    path, _ = parse_all(handshake.verified)
    chain = prober.chain(handshake.sent, path)
    if client_refusal(handshake):
        _demand_client_certificate(prober, handshake)
        return
    at_login = prober.endpoint.database is not None
    report_client_certificate(context, handshake, prober.now, at_login=at_login)
    require_client_certificate(prober.endpoint.database, handshake)
    if handshake.alert:
        raise CannotTell(f"the server ended the connection after the handshake: {handshake.alert}")
    if chain.leaf is None:
        context.unknown("the server's certificate cannot be read, so its expiry date is not known")
    if prober.endpoint.trust is None:
        report_ignored_expiry(prober, chain.path)
    elif _has_name(prober, chain, handshake.host) and _has_issuer(prober, chain, path):
        _judge_verified(prober, path)


def _judge_verified(prober: TlsProber, path: list[Certificate]) -> None:
    """Check what will refuse a verified path later, or elsewhere."""
    limit = prober.context.thresholds.certificate_days
    if not path:
        prober.context.unknown("the certificates of the verified path cannot be read, nor when they expire")
    elif report_expiry(prober.context, path, prober.now) < limit:
        prober.context.finding("tls.expires_soon", "warn")
    check_strict_rules(prober, path)
    check_overriding_bundle(prober)


def _has_issuer(prober: TlsProber, chain: Chain, path: Sequence[Certificate]) -> bool:
    """Return True if the verified path has the issuer that the target expects, or if it expects none."""
    detail = unexpected_issuer(path, _expected_issuer(prober))
    if not (path and detail):
        return True
    reason = FailureReason("interception", f"{detail}; the application accepts it all the same", path[-1])
    report_fault(prober.context, chain, reason, prober.now)
    prober.context.finding("tls.interception")
    return False


def _has_name(prober: TlsProber, chain: Chain, host: str) -> bool:
    """Return True if libpq accepts the certificate's names; other clients checked them in the handshake."""
    settings, leaf = prober.endpoint.database, chain.leaf
    if settings is None or leaf is None or not verifies_host_name(settings) or covers_for_libpq(leaf, host):
        return True
    reason = FailureReason("wrong_name", names_text(leaf) if host else NO_HOST, leaf)
    report_fault(prober.context, chain, reason, prober.now)
    prober.context.finding("tls.wrong_name")
    return False
