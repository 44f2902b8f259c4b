"""From what OpenSSL refused to the fact behind it.

Source: OpenSSL, x509_vfy.h and X509_STORE_CTX_get_error(3).
"""

from collections.abc import Mapping
from typing import Final

from diagnostics.clients.certificates.certificate import Certificate
from diagnostics.clients.tls.certificate_rules import STRICT_CODES, faulty_certificate, strict_flaw
from diagnostics.clients.tls.trust_failures import (
    BAD_SIGNATURE,
    INVALID,
    Verdict,
    VerificationFailure,
    foreign,
    invalid,
    unknown_algorithm,
    untrusted,
)

NOT_YET_VALID, EXPIRED = 9, 10
MOST_NAMES = 5
TIMES: Final = frozenset({NOT_YET_VALID, EXPIRED})
UNTRUSTED: Final = frozenset({2, BAD_SIGNATURE, 19, 20, 21, 27, 28, 29, 30, 31})
"""No trusted authority stands behind the certificate: issuer not found, not trusted, or another key."""
FACTS: Final[Mapping[int, str]] = {
    18: "self_signed",
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
"""Verify codes with one meaning. Others ask the chain, or are told as they are."""
PROTOCOL: Final = frozenset(
    {
        "UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION", "NO_PROTOCOLS_AVAILABLE",
        "VERSION_TOO_LOW", "WRONG_SSL_VERSION", "SSLV3_ALERT_HANDSHAKE_FAILURE",
        "TLSV1_ALERT_INSUFFICIENT_SECURITY", "NO_SHARED_CIPHER", "UNKNOWN_CIPHER_RETURNED",
        "WRONG_CIPHER_RETURNED", "DH_KEY_TOO_SMALL", "UNSAFE_LEGACY_RENEGOTIATION_DISABLED",
        "WRONG_SIGNATURE_TYPE", "NO_SUITABLE_SIGNATURE_ALGORITHM",
        "LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED", "UNSUPPORTED_ELLIPTIC_CURVE", "WRONG_CURVE",
        "EE_KEY_TOO_SMALL", "NO_CIPHERS_AVAILABLE", "BAD_DH_VALUE", "INAPPROPRIATE_FALLBACK",
        "TLSV1_ALERT_INAPPROPRIATE_FALLBACK",
    }
)  # fmt: skip
"""Reasons of handshakes in which the two sides have no version, cipher or parameter in common."""
CERTIFICATE_REQUIRED: Final = "CERTIFICATE_REQUIRED"
"""The end of the one alert that says it whatever was asked before."""
WANTS_CERTIFICATE: Final = (
    CERTIFICATE_REQUIRED, "HANDSHAKE_FAILURE", "BAD_CERTIFICATE", "UNKNOWN_CA", "CERTIFICATE_UNKNOWN",
    "CERTIFICATE_EXPIRED", "CERTIFICATE_REVOKED", "UNSUPPORTED_CERTIFICATE", "ACCESS_DENIED",
    "DECRYPT_ERROR",
)  # fmt: skip
"""Ends of alerts that a server sends which asked for a certificate and got none, or one that it refuses."""


def verdict_of(case: VerificationFailure) -> Verdict:
    """The fact behind a verify code."""
    if case.strict or case.code in STRICT_CODES:
        one, why = strict_flaw(case.chain.path)
        return Verdict("strict", why, one)
    if case.code in TIMES:
        return _time(case)
    if case.code in UNTRUSTED or (case.code == 18 and foreign(case)):  # noqa: PLR2004  self-signed
        return untrusted(case)
    fact = FACTS.get(case.code, "")
    if fact == "wrong_name":
        return Verdict(fact, names_of(case.chain.leaf), case.chain.leaf)
    if case.message == "invalid CA certificate":  # 24 in OpenSSL 1.1, 79 in 3
        fact = "ca_not_ca"
    elif case.code in INVALID:
        return invalid(case)
    one, why = faulty_certificate(fact, case.code, case.chain)
    return (None if why else unknown_algorithm(fact, case.chain)) or Verdict(fact, why, one)


def names_of(leaf: Certificate | None) -> str:
    """The names that a certificate has instead of the wanted one."""
    names = leaf.names if leaf else ()
    if not names:
        common = f", here {leaf.subject.common}" if leaf and leaf.subject.common else ""
        return f"it has no alternative names; HTTP clients do not take a common name{common}"
    return f"it is for {', '.join(names[:MOST_NAMES])}{' and more' if len(names) > MOST_NAMES else ''}"


def _time(case: VerificationFailure) -> Verdict:
    path, leaf = case.chain.path, case.chain.leaf
    if case.code == NOT_YET_VALID:
        ahead = next((one for one in path if one.not_before > case.now), None)
        return Verdict("not_yet_valid", faulty_certificate=ahead)
    ended = next((one for one in path if one.not_after < case.now), None)
    if leaf is not None and ended is not leaf:
        which = ended.subject if ended else "an authority that was not seen"
        return Verdict("expired_intermediate", f"{which} has expired, not the server's own", ended)
    return Verdict("expired", faulty_certificate=ended)
