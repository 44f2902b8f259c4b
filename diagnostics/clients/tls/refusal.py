"""Mapping from a refusal by OpenSSL to the finding behind it.

Source: OpenSSL, x509_vfy.h and X509_STORE_CTX_get_error(3).
"""

from collections.abc import Mapping
from typing import Final

from diagnostics.clients.certificates.certificate import Certificate
from diagnostics.clients.tls.certificate_rules import STRICT_CODES, faulty_certificate, strict_error
from diagnostics.clients.tls.interception import interception_detail
from diagnostics.clients.tls.revocation import REVOCATION_LIST_CODES, unusable_list
from diagnostics.clients.tls.trust_failures import (
    BAD_SIGNATURE,
    FailureReason,
    VerificationFailure,
    invalid_form,
    unknown_algorithm,
)
from diagnostics.clients.tls.untrusted import untrusted

NOT_YET_VALID, EXPIRED = 9, 10
SELF_SIGNED = 18
MAX_NAMES = 5
TIME_CODES: Final = frozenset({NOT_YET_VALID, EXPIRED})
UNTRUSTED_CODES: Final = frozenset({2, BAD_SIGNATURE, 19, 20, 21, 27, 28, 29, 30, 31})
"""Verify codes of a certificate without a trusted authority: no issuer, an untrusted one, or another key."""
FINDINGS_BY_CODE: Final[Mapping[int, str]] = {
    SELF_SIGNED: "self_signed",
    23: "revoked",
    25: "constraint_violated",
    26: "wrong_purpose",
    32: "ca_not_ca",
    34: "constraint_violated",
    38: "constraint_violated",
    43: "constraint_violated",
    39: "wrong_purpose",
    **dict.fromkeys((46, 47, 48, 49, 51, 52, 53), "constraint_violated"),
    62: "wrong_name",
    64: "wrong_name",
    66: "weak_key",
    67: "weak_key",
    68: "weak_digest",
    79: "ca_not_ca",
}
"""Findings of the verify codes that have one meaning; for the others the chain decides."""
UNJUDGED_CODES: Final = frozenset(
    {
        *(17, 50, 69, 70),  # out of memory, an application's own check, invalid call, failed lookup
        *range(56, 62), *(63, 65),  # rules that are not enabled
        *(71, 73, 74, 75),  # certificate transparency and OCSP
    }
)  # fmt: skip
"""Verify codes that say nothing about a certificate; every other one refuses it for a reason of its own."""
VERSION_REASONS: Final = frozenset(
    {
        "UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "NO_PROTOCOLS_AVAILABLE",
        "VERSION_TOO_LOW", "WRONG_SSL_VERSION",
    }
)  # fmt: skip
"""Reasons of handshakes in which both sides have no version in common."""
MISMATCH_REASONS: Final = VERSION_REASONS | frozenset(
    {
        "SSLV3_ALERT_HANDSHAKE_FAILURE",
        "TLSV1_ALERT_INSUFFICIENT_SECURITY", "NO_SHARED_CIPHER", "UNKNOWN_CIPHER_RETURNED",
        "WRONG_CIPHER_RETURNED", "DH_KEY_TOO_SMALL", "UNSAFE_LEGACY_RENEGOTIATION_DISABLED",
        "WRONG_SIGNATURE_TYPE", "NO_SUITABLE_SIGNATURE_ALGORITHM",
        "LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED", "UNSUPPORTED_ELLIPTIC_CURVE", "WRONG_CURVE",
        "EE_KEY_TOO_SMALL", "NO_CIPHERS_AVAILABLE", "BAD_DH_VALUE", "INAPPROPRIATE_FALLBACK",
        "TLSV1_ALERT_INAPPROPRIATE_FALLBACK", "TLSV13_ALERT_MISSING_EXTENSION",
        "SSLV3_ALERT_ILLEGAL_PARAMETER",
    }
)  # fmt: skip
"""Reasons of handshakes in which both sides have no version, cipher or parameter in common."""
NO_APPLICATION_PROTOCOL: Final = "TLSV1_ALERT_NO_APPLICATION_PROTOCOL"
"""Alert of a server that supports none of the protocols in ALPN. Source: RFC 7301, 3.2."""
CERTIFICATE_REQUIRED: Final = "CERTIFICATE_REQUIRED"
"""End of the one alert that demands a client certificate even if none was requested before."""
CLIENT_CERTIFICATE_ALERTS: Final = (
    CERTIFICATE_REQUIRED, "HANDSHAKE_FAILURE", "BAD_CERTIFICATE", "UNKNOWN_CA", "CERTIFICATE_UNKNOWN",
    "CERTIFICATE_EXPIRED", "CERTIFICATE_REVOKED", "UNSUPPORTED_CERTIFICATE", "ACCESS_DENIED",
    "DECRYPT_ERROR",
)  # fmt: skip
"""Ends of alerts from a server that requested a client certificate and got none, or one that it refuses."""


def reason_of(failure: VerificationFailure) -> FailureReason:
    """Return the reason of a refusal by its verify code and the chain."""
    code, chain = failure.code, failure.chain
    if failure.strict or code in STRICT_CODES:
        certificate, detail = strict_error(chain.path)
        return FailureReason("strict", detail, certificate)
    if code in TIME_CODES:
        return _outside_validity(failure)
    if code in REVOCATION_LIST_CODES:
        return unusable_list(failure)
    intercepted = code == SELF_SIGNED and interception_detail(chain.path, failure.issuer)
    if intercepted or code in UNTRUSTED_CODES:
        return untrusted(failure)
    return _broken_rule(failure)


def _broken_rule(failure: VerificationFailure) -> FailureReason:
    """Return the certificate that breaks the rule of a verify code."""
    code, chain = failure.code, failure.chain
    finding = FINDINGS_BY_CODE.get(code, "")
    if failure.message == "invalid CA certificate":  # 24 in OpenSSL 1.1, 79 in 3
        finding = "ca_not_ca"
    if finding == "wrong_name":
        return FailureReason(finding, names_text(chain.leaf), chain.leaf)
    if not finding and code not in UNJUDGED_CODES:
        return invalid_form(failure)
    certificate, detail = faulty_certificate(finding, code, chain)
    unknown = None if detail else unknown_algorithm(finding, chain)
    return unknown or FailureReason(finding, detail, certificate)


def names_text(leaf: Certificate | None) -> str:
    """Return a sentence about the names that a certificate has instead of the expected one."""
    names = leaf.names if leaf else ()
    if not names:
        common = leaf.subject.common_name if leaf else ""
        here = f", here {common}" if common else ""
        return f"it has no alternative names; HTTP clients ignore a common name{here}"
    return f"it is for {', '.join(names[:MAX_NAMES])}{' and more' if len(names) > MAX_NAMES else ''}"


def _outside_validity(failure: VerificationFailure) -> FailureReason:
    path, leaf = failure.chain.path, failure.chain.leaf
    if failure.code == NOT_YET_VALID:
        future = next((link for link in path if link.not_before > failure.now), None)
        return FailureReason("not_yet_valid", certificate=future)
    expired = next((link for link in path if link.not_after < failure.now), None)
    if leaf is not None and expired is not leaf:
        subject = expired.subject if expired else "an authority that is not in the path"
        detail = f"{subject} has expired, not the server's certificate"
        return FailureReason("expired_intermediate", detail, expired)
    return FailureReason("expired", certificate=expired)
