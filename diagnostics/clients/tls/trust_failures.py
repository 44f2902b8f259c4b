"""Refusal of a certificate by OpenSSL, its reason, and the reasons that lie in a certificate's form."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from diagnostics.clients.certificates.certificate import Certificate
from diagnostics.clients.certificates.chain import Chain
from diagnostics.clients.certificates.oids import KEY_ALGORITHMS, SIGNATURE_ALGORITHMS


@dataclass(frozen=True, slots=True)
class FailureReason:
    """Reason of a refusal."""

    finding: str
    """Finding without its `tls.` prefix; empty if no entry covers it."""
    detail: str = ""
    certificate: Certificate | None = None
    """The certificate at fault."""
    leaves_untrusted: bool = False
    """True if no trusted authority is behind the certificate only because of this."""


@dataclass(frozen=True, slots=True)
class VerificationFailure:
    """Refusal by OpenSSL, with all that is needed to find its reason."""

    code: int
    """Verify code (X509_V_ERR_...)."""
    message: str
    """OpenSSL's text for the code."""
    chain: Chain
    bundle: Sequence[Certificate]
    """Authorities that the application trusts."""
    known: Sequence[Certificate]
    """Further authorities that this machine has."""
    now: datetime
    strict: bool = False
    """True if the certificate is accepted without strict rules."""
    issuer: str = ""
    """Part of the issuer's name that the target expects; empty if it names none."""
    crl_file: str = ""
    """The revocation list that the application checks; empty if it checks none."""


INVALID_CERTIFICATE: Final = "invalid_certificate"
BAD_SIGNATURE, TOO_LONG, EXPLICIT_CURVE = 7, 22, 94
TOO_LARGE: Final = "EXCESSIVE_MESSAGE_SIZE"
"""Reason with which OpenSSL ends a handshake because a message, as a rule the certificates, is too large."""
UNREADABLE_REASONS: Final = frozenset({"ASN1_LIB", "CERT_LENGTH_MISMATCH"})
"""Reasons with which OpenSSL ends a handshake because it cannot read a certificate."""
AMBIGUOUS: Final = "OpenSSL does not say whether it refused this certificate or one above it"


def invalid_form(failure: VerificationFailure) -> FailureReason:
    """Return the certificate whose form is refused, as far as the chain shows it."""
    chain = failure.chain
    if failure.code == TOO_LONG:
        detail = f"the chain has {len(chain.path)} certificates, more than OpenSSL follows"
        return FailureReason(INVALID_CERTIFICATE, detail)
    if failure.code == EXPLICIT_CURVE:
        found = next((link for link in chain.path if link.key.algorithm == "EC"), None)
        detail = "its key has explicit curve parameters instead of a named curve"
        return FailureReason(INVALID_CERTIFICATE, detail, found or chain.leaf)
    if chain.problems:
        return FailureReason(INVALID_CERTIFICATE, chain.problems[0])
    detail = AMBIGUOUS if len(chain.path) > 1 else ""
    return unusable_extension(chain) or FailureReason(INVALID_CERTIFICATE, detail, chain.leaf)


def unusable_extension(chain: Chain) -> FailureReason | None:
    """Return the first certificate with an extension for which OpenSSL marks all of it invalid."""
    found = next((link for link in chain.path if link.extensions.unusable), None)
    if found is None:
        return None
    return FailureReason(INVALID_CERTIFICATE, f"OpenSSL cannot use it: {found.extensions.unusable}", found)


def unknown_algorithm(finding: str, chain: Chain) -> FailureReason | None:
    """Return the key or signature that OpenSSL calls too weak because it does not know the algorithm."""
    for link in chain.path:
        key = link.key
        if finding == "weak_key" and not key.bits and key.algorithm not in KEY_ALGORITHMS.values():
            detail = f"its key has an algorithm that OpenSSL does not know, {key}"
            return FailureReason(INVALID_CERTIFICATE, detail, link)
        # The signature of a root does not matter.
        known = link.self_signed or link.signature_algorithm in SIGNATURE_ALGORITHMS.values()
        if finding == "weak_digest" and not known:
            detail = f"it is signed with an unknown algorithm, {link.signature_algorithm}"
            return FailureReason(INVALID_CERTIFICATE, detail, link)
    return None


def ended_by_form(reason: str, chain: Chain, *, at_certificates: bool) -> bool:
    """Return True if a handshake ended because certificates are too large, or cannot be read here either.

    `at_certificates` is true if it ended where the certificates were expected.
    """
    too_large = reason == TOO_LARGE and at_certificates
    return too_large or (reason in UNREADABLE_REASONS and bool(chain.problems))
