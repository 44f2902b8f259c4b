"""Reasons why a certificate has no trusted authority behind it, or cannot be used because of its form.

OpenSSL reports only that it found no issuer; names, key identifiers and the other certificates tell why.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from diagnostics.clients.certificates.certificate import Certificate
from diagnostics.clients.certificates.chain import Chain, find_namesake, why_intermediate
from diagnostics.clients.certificates.oids import KEY_ALGORITHMS, SIGNATURE_ALGORITHMS


@dataclass(frozen=True, slots=True)
class FailureReason:
    """Reason of a refusal."""

    finding: str
    """Finding without its `tls.` prefix; empty if no entry covers it."""
    detail: str = ""
    certificate: Certificate | None = None
    """The certificate at fault."""


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


INVALID_CERTIFICATE: Final = "invalid_certificate"
BAD_SIGNATURE, TOO_LONG, EXPLICIT_CURVE = 7, 22, 94
INVALID_CODES: Final = frozenset(
    {
        *(4, 6, 24),  # a signature or an issuer's key that cannot be read
        *(13, 14),  # a malformed time
        *(TOO_LONG, 55),  # a chain that is too long, or has a loop
        *(37, 40, 72),  # proxy certificates, and what may be below them
        *(41, 42, 45),  # an extension that is malformed, inconsistent or not supported
        *(76, 77, 78),  # an algorithm that is unknown, or differs from the one of the key or the signed part
        EXPLICIT_CURVE,
    }
)
"""Verify codes about the form alone. In OpenSSL 1.1 the code 24 meant an issuer that is not an authority."""
UNREADABLE_REASONS: Final = frozenset({"ASN1_LIB", "CERT_LENGTH_MISMATCH"})
"""Reasons with which OpenSSL ends a handshake because it cannot read a certificate."""
AMBIGUOUS: Final = "OpenSSL does not say whether it refused this certificate or one above it"
PROXIES: Final = (
    "zscaler", "netskope", "palo alto", "fortinet", "fortigate", "blue coat", "bluecoat",
    "symantec web", "forcepoint", "mcafee web", "cisco umbrella", "check point", "checkpoint", "sophos",
    "barracuda", "kaspersky", "avast", "eset ssl", "bitdefender", "squid", "mitmproxy", "charles proxy",
    "fiddler", "portswigger", "inspection", "interception", "webwasher", "cloudflare gateway",
    "watchguard", "sonicwall",
)  # fmt: skip
"""Words in the names of authorities that belong to TLS inspection products."""
OTHER_KEY: Final = "it names {} as its issuer, and was not signed by that authority's key"
KEY_FAMILIES: Final = ("RSA", "EC", "DSA", "Ed")


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


def sent_unreadable_certificate(reason: str, chain: Chain) -> bool:
    """Return True if a handshake ended because neither OpenSSL nor this reader can read a certificate."""
    return reason in UNREADABLE_REASONS and bool(chain.problems)


def untrusted(failure: VerificationFailure) -> FailureReason:
    """Return the reason why no trusted authority is behind the certificate."""
    chain, top, leaf = failure.chain, failure.chain.top, failure.chain.leaf
    if top is None or leaf is None:
        finding = INVALID_CERTIFICATE if failure.code == BAD_SIGNATURE else ""
        return FailureReason(finding, next(iter(chain.problems), "no certificate was received"))
    if detail := interception_detail(failure):
        return FailureReason("interception", detail, top)
    if failure.code == BAD_SIGNATURE:
        return _bad_signature(chain)
    if chain.trusted and top.self_signed:
        return _rejected_path(chain, top, leaf)
    missing = _missing_intermediate(failure, top, leaf)
    return missing or FailureReason("unknown_authority", _unknown_authority(failure, top), top)


def _rejected_path(chain: Chain, root: Certificate, leaf: Certificate) -> FailureReason:
    """Return why OpenSSL rejects a path to a trusted root; without a finding if nothing shows it."""
    for link, issuer in pairwise(chain.path):
        if signed_by_other_algorithm(link, issuer):
            return FailureReason("unknown_authority", OTHER_KEY.format(issuer.subject), link)
    reason = unusable_extension(chain) or unknown_algorithm("weak_digest", chain)
    return reason or FailureReason("", f"{root.subject} is trusted, but OpenSSL finds no path to it", leaf)


def signed_by_other_algorithm(certificate: Certificate, issuer: Certificate) -> bool:
    """Return True if the signature needs another key algorithm than the issuer's, so OpenSSL skips it."""
    signed = certificate.signature_algorithm
    family = next((family for family in KEY_FAMILIES if signed.startswith(family)), "")
    algorithm = issuer.key.algorithm
    return bool(family) and algorithm.startswith(KEY_FAMILIES) and not algorithm.startswith(family)


def _missing_intermediate(
    failure: VerificationFailure, top: Certificate, leaf: Certificate
) -> FailureReason | None:
    """Return the reason if the next certificate of the path is one that the server should have sent."""
    if top.self_signed or failure.chain.trusted:
        return None
    if failure.chain.problems:  # the unreadable certificate may be the missing one
        return FailureReason("", failure.chain.problems[0], top)
    detail = why_intermediate(top, leaf, failure.bundle, failure.known)
    if not detail or find_namesake(top, failure.bundle):
        return None
    return FailureReason("missing_intermediate", detail, top)


def _bad_signature(chain: Chain) -> FailureReason:
    """Return the reason of an invalid signature: another key of that name, or a changed certificate."""
    links = list(pairwise(chain.path)) or [(chain.path[0], chain.path[0])]
    for link, issuer in links:
        if not link.names_key_of(issuer):
            return FailureReason("unknown_authority", OTHER_KEY.format(issuer.subject), link)
    detail = "its signature is invalid: the certificate was changed after it was signed, or forged"
    above = "; or the one above it was" if len(links) > 1 else ""
    return FailureReason(INVALID_CERTIFICATE, f"{detail}{above}", chain.path[0])


def interception_detail(failure: VerificationFailure) -> str:
    """Return the sign of a TLS inspection: a product's name, or an issuer that the target does not expect."""
    names = [name for link in failure.chain.path for name in (link.issuer.text, link.subject.text)]
    del names[1:2]  # the server's own subject
    product = next((word for word in PROXIES for name in names if word in name.lower()), "")
    if product:
        return f"the issuer's name has the word {product!r}"
    expected = failure.issuer.lower()
    if expected and not any(expected in name.lower() for name in names):
        return f"the target expects an issuer with {failure.issuer!r} in its name"
    return ""


def _unknown_authority(failure: VerificationFailure, top: Certificate) -> str:
    """Return how the authority relates to the bundle."""
    if failure.chain.trusted:
        return f"{top.subject} is trusted, but it is not a root, and its own issuer is not trusted"
    name = top.subject if top.self_signed else top.issuer
    if find_namesake(top, failure.bundle):
        return f"the bundle has {name} with another key: the authority was replaced, or its name was copied"
    if any(authority.subject.matches(name) for authority in failure.known):
        return f"{name} is known on this machine, but not in the application's bundle"
    return f"{name} is not in the application's bundle"
