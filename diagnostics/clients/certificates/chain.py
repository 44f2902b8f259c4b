"""Path building from a server's certificate towards an authority.

OpenSSL decides whether a certificate is accepted; the path built here only finds the certificate at fault
and what is missing. Certificates are linked by names and key identifiers. Source: RFC 5280, chapter 6;
RFC 4158 (path building).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from diagnostics.clients.certificates.certificate import Certificate, parse
from diagnostics.clients.certificates.der import Unreadable

MAX_PATH_LENGTH = 400
"""OpenSSL follows a hundred authorities, and accepts no more certificates than fit into 100 KB."""
INTERMEDIATE_WORDS = ("intermediate", "issuing", "subordinate", "sub ca", "subca")
"""Words in the name of an authority that is not a root."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Certificates that a server sent and the path built from its own one."""

    sent: tuple[Certificate, ...]
    """The readable ones, in the server's order."""
    path: tuple[Certificate, ...]
    """From the server's own certificate as far as sent and trusted certificates lead."""
    trusted: bool
    """True if the path ends at an authority of the bundle."""
    problems: tuple[str, ...] = ()
    """Messages about certificates that cannot be read."""

    @property
    def leaf(self) -> Certificate | None:
        """The server's own certificate."""
        return self.path[0] if self.path else None

    @property
    def top(self) -> Certificate | None:
        """The last certificate of the path."""
        return self.path[-1] if self.path else None

    def role(self, certificate: Certificate) -> str:
        """Return the role of a certificate of the path."""
        if certificate is self.leaf:
            return "the server's certificate"
        return "the root" if certificate.self_signed else "an intermediate"


def parse_all(sent: Iterable[bytes]) -> tuple[list[Certificate], list[str]]:
    """Return the readable certificates and a message for each of the others."""
    certificates: list[Certificate] = []
    problems: list[str] = []
    for number, data in enumerate(sent, 1):
        try:
            certificates.append(parse(data))
        except Unreadable as error:
            problems.append(f"certificate {number} cannot be read: {error}")
    return certificates, problems


def build_chain(sent: Sequence[bytes], bundle: Sequence[Certificate], now: datetime | None = None) -> Chain:
    """Build the path through sent and trusted certificates, trusted ones first, as OpenSSL does."""
    certificates, problems = parse_all(sent)
    anchors = {authority.der for authority in bundle}
    path = [first for first in certificates[:1] if first.der == sent[0]]
    while path and len(path) < MAX_PATH_LENGTH and not path[-1].self_signed:
        top = path[-1]
        issuer = find_issuer(top, bundle, path, now) or find_issuer(top, certificates, path, now)
        if issuer is None:
            break
        path.append(issuer)
    trusted = bool(path) and path[-1].der in anchors
    return Chain(tuple(certificates), tuple(path), trusted, tuple(problems))


def find_issuer(
    certificate: Certificate,
    candidates: Iterable[Certificate],
    excluded: Sequence[Certificate] = (),
    now: datetime | None = None,
) -> Certificate | None:
    """Return the candidate that may have issued a certificate: one valid now, else the last to expire."""
    issuers = [
        candidate
        for candidate in candidates
        if candidate.may_have_issued(certificate) and candidate not in excluded
    ]
    if now is None or not issuers:
        return issuers[0] if issuers else None
    latest = max(issuers, key=lambda issuer: issuer.not_after)
    return next((issuer for issuer in issuers if issuer.is_valid_at(now)), latest)


def find_namesakes(certificate: Certificate, candidates: Iterable[Certificate]) -> list[Certificate]:
    """Return the candidates with the issuer's name whose key identifier or serial number does not fit."""
    return [
        candidate
        for candidate in candidates
        if candidate.subject.matches(certificate.issuer) and not candidate.may_have_issued(certificate)
    ]


def why_intermediate(
    top: Certificate, leaf: Certificate, sent: Sequence[Certificate], known: Sequence[Certificate]
) -> str:
    """Return the reason why the missing issuer is an intermediate; empty if nothing indicates it.

    The server should have sent an intermediate. Nothing is fetched. If a bundle of this machine has the
    issuer, that certificate decides; else the words of its name. If the path ends at the server's own
    certificate, its issuer is also an intermediate if the certificate has an address to fetch it from, or if
    the server sent an authority of the issuer's organisation.
    """
    issuer = find_issuer(top, known)
    if issuer is not None:
        return "" if issuer.self_issued else f"{issuer.subject} is known on this machine and is not a root"
    name = top.issuer.text.lower()
    if any(word in name for word in INTERMEDIATE_WORDS):
        return f"by its name, {top.issuer} is not a root"
    if top is not leaf or top.self_issued:
        return ""
    if top.extensions.issuer_uris:
        return f"the certificate names an address of its issuer: {top.extensions.issuer_uris[0]}"
    own = organisation(top.issuer.text)
    upper = next(
        (link for link in sent if link is not leaf and own and organisation(link.subject.text) == own), None
    )
    return f"the server sent {upper.subject}, and not {top.issuer} below it" if upper else ""


def organisation(name: str) -> str:
    """Return the organisation in the text of a name; empty if it has none."""
    return next((part[2:] for part in name.split(", ") if part.startswith("O=")), "")
