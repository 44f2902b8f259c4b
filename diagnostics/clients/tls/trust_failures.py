"""Why no trusted authority stands behind a certificate.

OpenSSL says only that it found none; names, key identifiers and the other certificates tell more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from diagnostics.clients.certificates.certificate import Certificate
from diagnostics.clients.certificates.chain import Chain, lacks_intermediate, same_name
from diagnostics.clients.certificates.oids import KEYS, SIGNATURES


@dataclass(frozen=True, slots=True)
class Verdict:
    """A fact, empty where no entry knows it, and what shows it."""

    fact: str
    why: str = ""
    faulty_certificate: Certificate | None = None


@dataclass(frozen=True, slots=True)
class VerificationFailure:
    """All that the verdict is found from."""

    code: int
    message: str
    chain: Chain
    bundle: Sequence[Certificate]
    """What is trusted."""
    known: Sequence[Certificate]
    """Authorities that this machine knows beyond that."""
    now: datetime
    strict: bool = False
    """Whether it is taken without strict rules."""
    issuer: str = ""
    """Who should have issued the certificate, where the target says so."""


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


def invalid(case: VerificationFailure) -> Verdict:
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


BAD_SIGNATURE = 7
PROXIES: Final = (
    "zscaler", "netskope", "palo alto", "fortinet", "fortigate", "blue coat", "bluecoat",
    "symantec web", "forcepoint", "mcafee web", "cisco umbrella", "check point", "checkpoint", "sophos",
    "barracuda", "kaspersky", "avast", "eset ssl", "bitdefender", "squid", "mitmproxy", "charles proxy",
    "fiddler", "portswigger", "inspection", "interception", "webwasher", "cloudflare gateway",
    "watchguard", "sonicwall",
)  # fmt: skip
"""Words in the names of authorities that products make which open TLS on the way."""


NOT_BY: Final = "it names {} as its authority, and was not signed by that one's key"
KINDS: Final = ("RSA", "EC", "DSA", "Ed")


def untrusted(case: VerificationFailure) -> Verdict:
    """The fact behind a certificate that nobody trusts."""
    chain, top, leaf = case.chain, case.chain.top, case.chain.leaf
    if top is None or leaf is None:
        fact = FACT if case.code == BAD_SIGNATURE else ""
        return Verdict(fact, next(iter(chain.problems), "no certificate of the server was seen"))
    if product := foreign(case):
        return Verdict("interception", product, top)
    if case.code == BAD_SIGNATURE:
        return _signature(chain)
    if chain.trusted and top.self_signed:
        return _unused(chain, top, leaf)
    return _missing(case, top, leaf) or Verdict("unknown_authority", _unknown_authority(case, top), top)


def _unused(chain: Chain, root: Certificate, leaf: Certificate) -> Verdict:
    """A path to a trusted root that OpenSSL does not take: the cause is its form, or none that we know."""
    for one, issuer in pairwise(chain.path):
        if other_kind(one, issuer):
            return Verdict("unknown_authority", NOT_BY.format(issuer.subject), one)
    found = flawed(chain) or unknown_algorithm("weak_digest", chain)
    return found or Verdict("", f"{root.subject} is trusted, and OpenSSL finds no way to it", leaf)


def other_kind(one: Certificate, issuer: Certificate) -> bool:
    """Whether a key of another kind than its issuer's signed it, so that OpenSSL looks no further."""
    made = next((kind for kind in KINDS if one.signature.startswith(kind)), "")
    return bool(made) and issuer.key.kind.startswith(KINDS) and not issuer.key.kind.startswith(made)


def _missing(case: VerificationFailure, top: Certificate, leaf: Certificate) -> Verdict | None:
    """Whether the next certificate of the path is one that the server should have sent."""
    if top.self_signed or case.chain.trusted:
        return None
    if case.chain.problems:  # it may be the one that cannot be read
        return Verdict("", case.chain.problems[0], top)
    why = lacks_intermediate(top, leaf, case.bundle, case.known)
    return Verdict("missing_intermediate", why, top) if why and not same_name(top, case.bundle) else None


def _signature(chain: Chain) -> Verdict:
    """A signature that does not fit: another key of that name made it, or the certificate was changed."""
    links = list(pairwise(chain.path)) or [(chain.path[0], chain.path[0])]
    for one, issuer in links:
        if not one.signed_with(issuer):
            return Verdict("unknown_authority", NOT_BY.format(issuer.subject), one)
    why = "its signature does not fit: it was changed after it was signed, or somebody forged it"
    return Verdict(FACT, f"{why}; or the one above it was" if len(links) > 1 else why, chain.path[0])


def foreign(case: VerificationFailure) -> str:
    """Why the issuer is one that stands between: a product's name, or another than the target names."""
    names = [name for one in case.chain.path for name in (one.issuer.shown, one.subject.shown)]
    product = next((word for word in PROXIES for name in names[:1] + names[2:] if word in name.lower()), "")
    if product:
        return f"the issuer's name has the word {product!r}"
    expected = case.issuer.lower()
    if expected and not any(expected in name.lower() for name in names[:1] + names[2:]):
        return f"the target expects an issuer with {case.issuer!r} in its name"
    return ""


def _unknown_authority(case: VerificationFailure, top: Certificate) -> str:
    if case.chain.trusted:
        return f"{top.subject} is trusted, but it is no root, and its own issuer is not"
    renewed = same_name(top, case.bundle)
    name = top.subject if top.self_signed else top.issuer
    if renewed is not None:
        return (
            f"the bundle has {name} with another key: the authority was replaced, or somebody uses its name"
        )
    if any(one.subject.same(name) for one in case.known):
        return f"{name} is known on this machine, but not in the application's bundle"
    return f"{name} is not in the application's bundle"
