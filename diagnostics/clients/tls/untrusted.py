"""Reasons why no trusted authority is behind a certificate.

OpenSSL reports only that it found no issuer, or that a signature is invalid. Names, identifiers and the other
certificates tell why; a claim about a key is made only after the signature was verified with it.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from diagnostics.clients.certificates.certificate import Certificate
from diagnostics.clients.certificates.chain import Chain, find_namesakes, organisation, why_intermediate
from diagnostics.clients.certificates.signatures import is_signed_by
from diagnostics.clients.tls.interception import interception_detail
from diagnostics.clients.tls.trust_failures import (
    BAD_SIGNATURE,
    INVALID_CERTIFICATE,
    FailureReason,
    VerificationFailure,
    unknown_algorithm,
    unusable_extension,
)

UNKNOWN_AUTHORITY: Final = "unknown_authority"
OTHER_KEY: Final = "it names {} as its issuer, and was not signed by that authority's key"
CHANGED: Final = "its signature is invalid: the certificate was changed after it was signed, or forged"
REISSUE: Final = "have it issued anew, or trust the former certificate of that authority too"


def untrusted(failure: VerificationFailure) -> FailureReason:
    """Return the reason why no trusted authority is behind the certificate."""
    chain, top, leaf = failure.chain, failure.chain.top, failure.chain.leaf
    if top is None or leaf is None:
        finding = INVALID_CERTIFICATE if chain.problems or failure.code == BAD_SIGNATURE else ""
        return FailureReason(finding, next(iter(chain.problems), "no certificate was received"))
    if detail := interception_detail(chain.path, failure.issuer):
        return FailureReason("interception", detail, top)
    if failure.code == BAD_SIGNATURE:
        return _unfit_signature(chain) or _unclear_signature(chain)
    if chain.trusted and top.self_signed:
        return _rejected_path(chain, top, leaf)
    reason = _contradicting_identifier(failure) or _missing_intermediate(failure, top, leaf)
    return reason or FailureReason(UNKNOWN_AUTHORITY, _relation_to_bundle(failure, top), top)


def _unfit_signature(chain: Chain) -> FailureReason | None:
    """Return the first certificate that was not signed by the key of the next one."""
    for link, issuer in pairwise(chain.path):
        if is_signed_by(link, issuer) is False:
            if link.names_key_of(issuer):
                return FailureReason(INVALID_CERTIFICATE, CHANGED, link)
            return FailureReason(UNKNOWN_AUTHORITY, OTHER_KEY.format(issuer.subject), link)
    return None


def _unclear_signature(chain: Chain) -> FailureReason:
    """Return the reason of an invalid signature that could not be verified here."""
    above = "; or the one above it was" if len(chain.path) > 1 else ""
    return FailureReason(INVALID_CERTIFICATE, f"{CHANGED}{above}", chain.path[0])


def _rejected_path(chain: Chain, root: Certificate, leaf: Certificate) -> FailureReason:
    """Return why OpenSSL rejects a path to a trusted root."""
    reason = _unfit_signature(chain) or unusable_extension(chain) or unknown_algorithm("weak_digest", chain)
    detail = f"{root.subject} is trusted, but OpenSSL finds no path to it"
    return reason or FailureReason(INVALID_CERTIFICATE, detail, leaf)


def _contradicting_identifier(failure: VerificationFailure) -> FailureReason | None:
    """Return the certificate that an available authority signed, and whose identifiers name another one."""
    chain = failure.chain
    for link in reversed(chain.path[-2:]):
        for issuer in find_namesakes(link, (*failure.bundle, *chain.sent)):
            if is_signed_by(link, issuer):
                detail = (
                    f"the key of {issuer.subject} signed it, but {_contradiction(link, issuer)}; {REISSUE}"
                )
                return FailureReason(INVALID_CERTIFICATE, detail, link, leaves_untrusted=True)
    return None


def _contradiction(certificate: Certificate, issuer: Certificate) -> str:
    named = certificate.extensions.authority_serial
    if named not in (None, issuer.serial):
        return f"it names the serial number {named:x}, and that authority's certificate has {issuer.serial:x}"
    return "it names another key identifier than that authority's certificate has"


def _missing_intermediate(
    failure: VerificationFailure, top: Certificate, leaf: Certificate
) -> FailureReason | None:
    """Return the reason if the next certificate of the path is one that the server should have sent."""
    if top.self_signed or failure.chain.trusted:
        return None
    if failure.chain.problems:  # the unreadable certificate may be the missing one
        return FailureReason(INVALID_CERTIFICATE, failure.chain.problems[0], top)
    detail = why_intermediate(top, leaf, failure.chain.sent, failure.known)
    if not detail or find_namesakes(top, failure.bundle):
        return None
    return FailureReason("missing_intermediate", detail, top)


def _relation_to_bundle(failure: VerificationFailure, top: Certificate) -> str:
    """Return how the authority relates to the bundle."""
    if failure.chain.trusted:
        return f"{top.subject} is trusted, but it is not a root, and its own issuer is not trusted"
    name = top.subject if top.self_signed else top.issuer
    namesakes = find_namesakes(top, failure.bundle)
    if namesakes and all(is_signed_by(top, namesake) is False for namesake in namesakes):
        return f"the bundle has {name} with another key: the authority was replaced, or its name was copied"
    if namesakes:
        return f"the bundle has {name} with other identifiers"
    if any(authority.subject.matches(name) for authority in failure.known):
        return f"{name} is known on this machine, but not in the application's bundle"
    return "; ".join((f"{name} is not in the application's bundle", *_kin(failure, top)))


def _kin(failure: VerificationFailure, top: Certificate) -> Iterator[str]:
    """Yield a hint if the bundle has a root of the issuer's organisation, which proves nothing."""
    own = organisation(top.issuer.text)
    roots = (root for root in failure.bundle if root.self_signed and organisation(root.subject.text) == own)
    if own and not top.self_signed and (root := next(roots, None)):
        yield f"if {root.subject} issued that authority, the server has to send its certificate"
