"""Rules that certificates of a path can break, and which certificate a refusal is about.

OpenSSL reports the broken rule but not the certificate; the first one of the path that breaks it is at fault.
"""

import re
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from diagnostics.clients.certificates.certificate import Certificate
from diagnostics.clients.certificates.chain import Chain
from diagnostics.clients.certificates.name_constraints import DIRECTORY_NAME, DNS_NAME, EMAIL, GeneralName

MIN_RSA_BITS: Final = 1963 if ssl.OPENSSL_VERSION_INFO >= (3,) else 2048
"""OpenSSL 3 computes 112 bits of strength from here on (ossl_ifc_ffc_compute_security_bits)."""
MIN_KEY_BITS: Final[Mapping[str, int]] = {"RSA": MIN_RSA_BITS, "DSA": 2048, "EC": 224}
"""Sizes from which a key has the 112 bits of strength that Python's default security level requires."""
TLS_CURVES: Final = frozenset({"EC P-256", "EC P-384", "EC P-521"})
"""Curves on which clients accept a certificate's key. Source: RFC 8446, 4.2.3; OpenSSL's default groups."""
OWN_KEY_WEAK, CA_KEY_WEAK = 66, 67
UNKNOWN_EXTENSION = 34
UNSUPPORTED_CONSTRAINTS = frozenset({49, 51, 52, 53})
HOST_NAME = re.compile(r"[\w.-]+", re.ASCII)
SERVER_PURPOSE = "TLS server"
SERVER_KEY_USAGES = frozenset({"digital signature", "key encipherment", "key agreement"})
MAX_SHOWN = 5
FaultDetail = Callable[[int, Certificate, Chain], str]
"""Returns how a certificate breaks the rule of a verify code; empty if it does not."""


def has_weak_key(certificate: Certificate) -> bool:
    """Return True if the key is too short for Python's default security level."""
    key = certificate.key
    return 0 < key.bits < MIN_KEY_BITS.get(key.algorithm.partition(" ")[0], 0)


def server_key_error(certificate: Certificate) -> str:
    """Return why clients end the handshake with a server for its kind of key; empty if they accept it.

    An RSA key that is too short does not end the handshake: its certificate is refused later.
    """
    key = certificate.key
    if key.algorithm == "DSA" or (key.algorithm.startswith("EC ") and key.algorithm not in TLS_CURVES):
        return f"clients accept no key of this kind: {key}"
    return ""


def has_weak_digest(certificate: Certificate) -> bool:
    """Return True if the signature uses a digest that is no longer accepted."""
    return any(weak in certificate.signature_algorithm for weak in ("SHA-1", "MD5"))


def authority_error(certificate: Certificate) -> str:
    """Return why a certificate may not sign others; empty if it may."""
    if certificate.extensions.is_ca is not True:
        return "it is not marked as an authority"
    if certificate.extensions.key_usage is None or may_sign(certificate):
        return ""
    return "its key usage excludes signing certificates"


def server_purpose_error(certificate: Certificate, *, own: bool) -> str:
    """Return why a certificate, the server's own or an authority's, is not valid for TLS servers."""
    extensions = certificate.extensions
    purposes, usage = extensions.purposes, extensions.key_usage
    if purposes is not None and not any(purpose.startswith(SERVER_PURPOSE) for purpose in purposes):
        return f"its extended key usage lacks TLS server: {', '.join(purposes[:MAX_SHOWN]) or 'empty'}"
    if own and usage is not None and not usage & SERVER_KEY_USAGES:
        return f"its key usage does not serve TLS: {', '.join(sorted(usage)) or 'empty'}"
    return ""


def may_sign(certificate: Certificate) -> bool:
    """Return True if the key usage includes the signing of certificates."""
    return "certificate signing" in (certificate.extensions.key_usage or ())


def faulty_certificate(finding: str, code: int, chain: Chain) -> tuple[Certificate | None, str]:
    """Return the certificate that caused a verify code and the detail; the server's own if none shows it."""
    detail_of = FAULT_DETAILS.get(finding)
    for certificate in chain.path if detail_of else ():
        if detail_of and (detail := detail_of(code, certificate, chain)):
            return certificate, detail
    return chain.leaf, ""


def _weak_key(code: int, certificate: Certificate, chain: Chain) -> str:
    own = certificate is chain.leaf
    if (own and code == CA_KEY_WEAK) or (not own and code == OWN_KEY_WEAK):
        return ""
    return f"its key is {certificate.key}" if has_weak_key(certificate) else ""


def _weak_digest(_code: int, certificate: Certificate, _chain: Chain) -> str:
    weak = has_weak_digest(certificate)
    return f"it is signed with {certificate.signature_algorithm}" if weak else ""


def _not_authority(_code: int, certificate: Certificate, chain: Chain) -> str:
    return "" if certificate is chain.leaf else authority_error(certificate)


def _wrong_purpose(_code: int, certificate: Certificate, chain: Chain) -> str:
    return server_purpose_error(certificate, own=certificate is chain.leaf)


def _constraint(code: int, certificate: Certificate, chain: Chain) -> str:
    extensions, leaf = certificate.extensions, chain.leaf
    if code == UNKNOWN_EXTENSION:
        critical = ", ".join(extensions.unknown_critical[:MAX_SHOWN])
        return f"critical extension {critical}" if critical else ""
    below = chain.path[1 : chain.path.index(certificate)] if certificate is not leaf else ()
    if code == 25:  # noqa: PLR2004  the path is too long
        limit = extensions.path_length
        too_long = limit is not None and len(_not_self_issued(below)) > limit >= 0
        return f"it allows {limit} authorities below it, and there are {len(below)}" if too_long else ""
    if extensions.name_constraints is None or leaf is None or certificate is leaf:
        return ""
    if code in UNSUPPORTED_CONSTRAINTS:
        return "its name constraints have a form that OpenSSL does not support"
    names = (name for link in chain.path[: chain.path.index(certificate)] for name in _names(link, leaf))
    return extensions.name_constraints.violation(names)


def _names(certificate: Certificate, leaf: Certificate) -> Iterator[GeneralName]:
    """Yield the names that the constraints of an authority above a certificate apply to."""
    subject, names = certificate.subject, certificate.extensions.general_names
    if certificate.self_issued and certificate is not leaf:
        return
    if subject.text:
        yield GeneralName(DIRECTORY_NAME, subject.raw, subject)
    yield from (GeneralName(EMAIL, address.encode()) for address in subject.email_addresses)
    yield from names
    without_san = certificate is leaf and all(name.tag != DNS_NAME for name in names)
    if without_san and HOST_NAME.fullmatch(subject.common_name):
        yield GeneralName(DNS_NAME, subject.common_name.encode())


def _not_self_issued(path: Sequence[Certificate]) -> list[Certificate]:
    return [certificate for certificate in path if not certificate.self_issued]


FAULT_DETAILS: Final[Mapping[str, FaultDetail]] = {
    "weak_key": _weak_key,
    "weak_digest": _weak_digest,
    "ca_not_ca": _not_authority,
    "wrong_purpose": _wrong_purpose,
    "constraint_violated": _constraint,
}


def find_faults(chain: Chain, now: datetime) -> Iterator[tuple[str, Certificate, str]]:
    """Yield each fault of the path's certificates: its finding, the certificate and a description.

    Names and signatures are not checked: the application knows the name, OpenSSL verifies the signature.
    """
    for certificate in chain.path:
        own = certificate is chain.leaf
        for present, finding, text in (*_times(certificate, now, own=own), *_rules(certificate, own=own)):
            if present:
                yield finding, certificate, text
    leaf = chain.leaf
    # A certificate that cannot be read may have a trusted authority behind it.
    if leaf is not None and not chain.trusted and not chain.problems:
        finding = "self_signed" if leaf.self_signed else "unknown_authority"
        yield finding, leaf, "does not lead to a trusted authority"


def _times(certificate: Certificate, now: datetime, *, own: bool) -> Iterator[tuple[bool, str, str]]:
    yield certificate.not_after < now, "expired" if own else "expired_intermediate", "has expired"
    yield certificate.not_before > now, "not_yet_valid", "is not valid yet"


def _rules(certificate: Certificate, *, own: bool) -> Iterator[tuple[bool, str, str]]:
    root, extensions = certificate.self_signed, certificate.extensions
    yield has_weak_key(certificate), "weak_key", f"has a key that is too short: {certificate.key}"
    # The digest of a root's own signature does not matter.
    weak_digest = has_weak_digest(certificate) and not root
    yield weak_digest, "weak_digest", f"is signed with {certificate.signature_algorithm}"
    # A root of X.509 version 1 has no extensions; unreadable ones are reported elsewhere.
    exempt = own or extensions.errors or (root and certificate.version == 1)
    error = "" if exempt else authority_error(certificate)
    yield bool(error), "ca_not_ca", f"signed another certificate, but {error}"
    purpose = server_purpose_error(certificate, own=own)
    yield bool(purpose), "wrong_purpose", f"is not valid for servers: {purpose}"
    critical = ", ".join(extensions.unknown_critical)
    yield bool(critical), "constraint_violated", f"has an unknown critical extension: {critical}"


STRICT_CODES: Final = frozenset({*range(80, 94)})
"""Verify codes that only VERIFY_X509_STRICT causes."""
POSSIBLY_STRICT_CODES: Final = STRICT_CODES | {79}
"""Verify codes that it may cause: with it, a root of X.509 version 1 is not an authority (79)."""


def strict_error(path: Sequence[Certificate]) -> tuple[Certificate | None, str]:
    """Return the certificate that VERIFY_X509_STRICT may refuse and why; None and empty if there is none."""
    for certificate in path:
        extensions = certificate.extensions
        is_ca, path_length = extensions.is_ca, extensions.path_length
        rules = {
            "has no authority key identifier": not certificate.self_issued
            and not extensions.authority_key_id,
            "signed another certificate and has no basic constraints": certificate is not path[0]
            and is_ca is None,
            "is an authority without subject key identifier": is_ca is True and not extensions.subject_key_id,
            "is an authority without key usage": is_ca is True and extensions.key_usage is None,
            "has basic constraints that are not critical": is_ca is True
            and not extensions.critical_constraints,
            "has a path length and is not an authority": path_length is not None and not is_ca,
            "may sign certificates and is not an authority": not is_ca and may_sign(certificate),
            "has no subject, and its alternative names are not critical": not certificate.subject.text
            and not extensions.critical_names,
            "has an issuer without a name": not certificate.issuer.text,
            "is of a version of X.509 before 3": certificate.version < 3,  # noqa: PLR2004
            "has critical key identifiers": extensions.critical_key_ids,
        }
        broken = next((rule for rule, applies in rules.items() if applies), "")
        if broken:
            return certificate, f"it {broken}"
    return None, ""
