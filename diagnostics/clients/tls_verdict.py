"""From what OpenSSL refused to the fact behind it.

Source: OpenSSL, x509_vfy.h and X509_STORE_CTX_get_error(3).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from diagnostics.clients.tls_chain import Chain, lacks_intermediate, same_name
from diagnostics.clients.x509 import Certificate

BAD_SIGNATURE, NOT_YET_VALID, EXPIRED = 7, 9, 10
MOST_NAMES = 5
LEAST_BITS = 2048
"""RSA below it has less than the 112 bits of strength that Python's own security level asks for."""
TIMES: Final = frozenset({NOT_YET_VALID, EXPIRED})
UNTRUSTED: Final = frozenset({2, BAD_SIGNATURE, 19, 20, 21, 27, 28, 29, 30, 31})
"""No trusted authority stands behind the certificate: issuer not found, not trusted, or another key."""
STRICT_CODES: Final = frozenset({*range(80, 95)})
"""What only VERIFY_X509_STRICT refuses, Python's default from 3.13 on."""
FACTS: Final[Mapping[int, str]] = {
    18: "self_signed",
    23: "revoked",
    25: "constraint_violated",
    26: "wrong_purpose",
    32: "ca_not_ca",
    34: "constraint_violated",
    37: "ca_not_ca",
    38: "constraint_violated",
    39: "wrong_purpose",
    **dict.fromkeys(range(46, 54), "constraint_violated"),
    62: "wrong_name",
    64: "wrong_name",
    66: "weak_key",
    67: "weak_key",
    68: "weak_digest",
    79: "ca_not_ca",
    **dict.fromkeys(STRICT_CODES, "strict"),
}
"""Verify codes with one meaning. Others ask the chain, or are told as they are."""
PROXIES: Final = (
    "zscaler", "netskope", "palo alto", "fortinet", "fortigate", "blue coat", "bluecoat",
    "symantec web", "forcepoint", "mcafee web", "cisco umbrella", "check point", "checkpoint", "sophos",
    "barracuda", "kaspersky", "avast", "eset ssl", "bitdefender", "squid", "mitmproxy", "charles proxy",
    "fiddler", "portswigger", "inspection", "interception", "webwasher", "cloudflare gateway",
    "watchguard", "sonicwall",
)  # fmt: skip
"""Words in the names of authorities that products make which open TLS on the way."""
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
WANTS_CERTIFICATE: Final = (
    "CERTIFICATE_REQUIRED", "HANDSHAKE_FAILURE", "BAD_CERTIFICATE", "UNKNOWN_CA", "CERTIFICATE_UNKNOWN",
    "CERTIFICATE_EXPIRED", "CERTIFICATE_REVOKED", "UNSUPPORTED_CERTIFICATE", "ACCESS_DENIED",
    "DECRYPT_ERROR",
)  # fmt: skip
"""Ends of alerts that a server sends which asked for a certificate and got none, or one that it refuses."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A fact, empty where no entry knows it, and what shows it."""

    fact: str
    why: str = ""
    culprit: Certificate | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """All that the verdict is found from."""

    code: int
    message: str
    chain: Chain
    bundle: Sequence[Certificate]
    """What is trusted."""
    known: Sequence[Certificate]
    """Authorities that this machine knows beyond that."""
    now: datetime
    issuer: str = ""
    """Who should have issued the certificate, where the target says so."""


def verdict_of(case: Case) -> Verdict:
    """The fact behind a verify code."""
    if case.code in TIMES:
        return _time(case)
    if case.code in UNTRUSTED or (case.code == 18 and _foreign(case)):  # noqa: PLR2004  self-signed
        return _untrusted(case)
    fact = FACTS.get(case.code, "")
    if fact == "wrong_name":
        return Verdict(fact, _names_of(case.chain.leaf), case.chain.leaf)
    if case.message == "invalid CA certificate":  # 24 in OpenSSL 1.1, 79 in 3
        fact = "ca_not_ca"
    return Verdict(fact, culprit=_culprit(case, fact))


def _names_of(leaf: Certificate | None) -> str:
    names = leaf.names if leaf else ()
    if not names:
        return "it has no alternative names, and HTTP clients do not take a common name"
    return f"it is for {', '.join(names[:MOST_NAMES])}{' and more' if len(names) > MOST_NAMES else ''}"


def _time(case: Case) -> Verdict:
    leaf, culprit = case.chain.leaf, case.chain.outdated(case.now)
    if case.code == NOT_YET_VALID:
        return Verdict("not_yet_valid", culprit=culprit)
    if culprit is not None and culprit is not leaf:
        return Verdict(
            "expired_intermediate", f"{culprit.subject} has expired, not the server's own", culprit
        )
    return Verdict("expired", culprit=culprit)


def _untrusted(case: Case) -> Verdict:
    top, leaf = case.chain.top, case.chain.leaf
    if top is None or leaf is None:
        return Verdict("unknown_authority", "no certificate of the server can be read")
    if foreign := _foreign(case):
        return Verdict("interception", foreign, top)
    if not top.self_issued and not case.chain.trusted:
        why = lacks_intermediate(top, leaf, case.bundle, case.known)
        if why and same_name(top, case.bundle) is None:
            return Verdict("missing_intermediate", why, top)
    return Verdict("unknown_authority", _stranger(case, top), top)


def _foreign(case: Case) -> str:
    """Why the issuer is one that stands between: a product's name, or another than the target names."""
    names = [name for one in case.chain.path for name in (one.issuer.shown, one.subject.shown)]
    product = next((word for word in PROXIES for name in names[:1] + names[2:] if word in name.lower()), "")
    if product:
        return f"the issuer's name has the word {product!r}"
    expected = case.issuer.lower()
    if expected and not any(expected in name.lower() for name in names[:1] + names[2:]):
        return f"the target expects an issuer with {case.issuer!r} in its name"
    return ""


def _stranger(case: Case, top: Certificate) -> str:
    if case.code == BAD_SIGNATURE:
        return f"it names {top.subject} as its authority, and was not signed by that one's key"
    if case.chain.trusted:
        return f"{top.subject} is trusted, but it is no root, and its own issuer is not"
    renewed = same_name(top, case.bundle)
    name = top.subject if top.self_issued else top.issuer
    if renewed is not None:
        return (
            f"the bundle has {name} with another key: the authority was replaced, or somebody uses its name"
        )
    if any(one.subject.raw == name.raw for one in case.known):
        return f"{name} is known on this machine, but not in the application's bundle"
    return f"{name} is not in the application's bundle"


def _culprit(case: Case, fact: str) -> Certificate | None:
    """The certificate of the path that shows the fact; the server's own where none shows it more."""
    path = case.chain.path
    return next((one for one in path if _shows(fact, one, path[0])), case.chain.leaf)


def _shows(fact: str, one: Certificate, leaf: Certificate) -> bool:
    match fact:
        case "ca_not_ca":
            return one is not leaf and one.extensions.authority is not True
        case "weak_key":
            return one.key.kind in ("RSA", "DSA") and 0 < one.key.bits < LEAST_BITS
        case "weak_digest":
            return any(weak in one.signature for weak in ("SHA-1", "MD5"))
        case "constraint_violated":
            return bool(one.extensions.unknown_critical)
    return False


def looks_strict(path: Sequence[Certificate]) -> str:
    """What VERIFY_X509_STRICT may refuse in a path that is taken without it; empty where nothing shows."""
    for one in path:
        said = one.extensions
        flaws = {
            "has no authority key identifier": not one.self_issued and not said.authority_key,
            "is an authority without subject key identifier": said.authority is True and not said.subject_key,
            "is an authority without key usage": said.authority is True and said.usage is None,
            "has basic constraints that are not critical": said.authority is True
            and not said.firm_constraints,
            "has a path length and is no authority": said.path_length is not None and not said.authority,
            "may sign certificates and is no authority": not said.authority and _may_sign(one),
            "has no subject and alternative names that are not critical": not one.subject.shown
            and not said.firm_names,
            "has an issuer without a name": not one.issuer.shown,
            "is of an old version of X.509": one.version < 3,  # noqa: PLR2004
            "has key identifiers that are critical": said.firm_keys,
        }
        found = next((flaw for flaw, there in flaws.items() if there), "")
        if found:
            return f"{one.subject} {found}"
    return ""


def _may_sign(one: Certificate) -> bool:
    return "certificate signing" in (one.extensions.usage or ())
