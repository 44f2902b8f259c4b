"""Certificates that OpenSSL cannot take whoever signed them: damaged, or of a form that it does not know.

What could not be looked up, as a revocation list (3), is no such refusal. Source: OpenSSL, x509_vfy.h and
X509_STORE_CTX_get_error(3); RFC 5280, chapter 4.
"""

from typing import Final

from diagnostics.clients.oids import KEYS, SIGNATURES
from diagnostics.clients.tls_case import Case, Verdict
from diagnostics.clients.tls_chain import Chain

FACT: Final = "invalid_certificate"
TOO_LONG, EXPLICIT_CURVE = 22, 94
INVALID: Final = frozenset(
    {
        *(4, 6, 24),  # a signature or an issuer's key that cannot be read
        *(13, 14),  # a time that is none
        *(TOO_LONG, 55),  # a chain that is too long, or goes in a circle
        *(37, 40, 72),  # proxy certificates, and who may be below them
        *(41, 42, 45),  # an extension that is wrong, contradicts another or asks for what is not there
        *(76, 77, 78),  # an algorithm that is unknown, or not the one of the key or of the other place
        EXPLICIT_CURVE,
    }
)
"""Verify codes that are about the form alone. 24 was the code of a wrong authority in OpenSSL 1.1."""
UNREADABLE: Final = frozenset({"ASN1_LIB", "CERT_LENGTH_MISMATCH"})
"""Reasons with which OpenSSL ends a handshake because it cannot read a certificate."""
UNNAMED: Final = "OpenSSL does not say whether it means this one or one above it"


def invalid(case: Case) -> Verdict:
    """The certificate whose form is refused, as far as the chain shows it."""
    chain = case.chain
    if case.code == TOO_LONG:
        return Verdict(FACT, f"the chain has {len(chain.path)} certificates, and OpenSSL goes up only so far")
    if case.code == EXPLICIT_CURVE:
        one = next((one for one in chain.path if one.key.kind == "EC"), None)
        return Verdict(FACT, "its key has a curve that is written out, not named", one or chain.leaf)
    if chain.problems:
        return Verdict(FACT, chain.problems[0])
    return flawed(chain) or Verdict(FACT, UNNAMED if len(chain.path) > 1 else "", chain.leaf)


def flawed(chain: Chain) -> Verdict | None:
    """The first certificate of a path with an extension for which OpenSSL puts the whole of it aside."""
    one = next((one for one in chain.path if one.extensions.unusable), None)
    return Verdict(FACT, f"OpenSSL cannot use it: {one.extensions.unusable}", one) if one else None


def unknown_algorithm(fact: str, chain: Chain) -> Verdict | None:
    """A key or a signature that OpenSSL calls too weak because it does not know its kind."""
    for one in chain.path:
        if fact == "weak_key" and not one.key.bits and one.key.kind not in KEYS.values():
            return Verdict(FACT, f"its key is of a kind that OpenSSL does not know, {one.key}", one)
        named = one.self_signed or one.signature in SIGNATURES.values()  # a root's own does not matter
        if fact == "weak_digest" and not named:
            return Verdict(FACT, f"it is signed with an algorithm of no known name, {one.signature}", one)
    return None


def cannot_be_read(reason: str, chain: Chain) -> bool:
    """Whether a handshake ended because of a certificate that nobody can read, OpenSSL as little as we."""
    return reason in UNREADABLE and bool(chain.problems)
