"""The chain that a server sent, walked from its own certificate towards an authority.

OpenSSL decides whether a certificate is taken; the walk only finds which one it was and what is missing.
Links are told by names and key identifiers. Source: RFC 5280, chapter 6; RFC 4158 (building paths).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from diagnostics.clients.certificates.certificate import Certificate, parse
from diagnostics.clients.certificates.der import Unreadable

LONGEST_PATH = 400
"""OpenSSL goes a hundred authorities up, and takes no more certificates than have room in 100 KB."""
CALLED = ("intermediate", "issuing", "subordinate", "sub ca", "subca")
"""Words with which an authority says of itself that it is no root."""


@dataclass(frozen=True, slots=True)
class Chain:
    """A server's certificates, its own first, and the path that begins there."""

    sent: tuple[Certificate, ...]
    path: tuple[Certificate, ...]
    """From the server's own as far as sent and trusted certificates lead."""
    trusted: bool
    """Whether the path ends in an authority of the bundle."""
    problems: tuple[str, ...] = ()
    """Certificates that could not be read."""

    @property
    def leaf(self) -> Certificate | None:
        """The server's own certificate."""
        return self.path[0] if self.path else None

    @property
    def top(self) -> Certificate | None:
        """The last one that was found."""
        return self.path[-1] if self.path else None

    def role(self, one: Certificate) -> str:
        """What a certificate of the path is in it."""
        if one is self.leaf:
            return "the server's own"
        return "the root" if one.self_signed else "an intermediate"


def read(sent: Iterable[bytes]) -> tuple[list[Certificate], list[str]]:
    """The certificates of a chain that can be read, and what is wrong with the others."""
    found: list[Certificate] = []
    problems: list[str] = []
    for number, data in enumerate(sent, 1):
        try:
            found.append(parse(data))
        except Unreadable as error:
            problems.append(f"certificate {number} cannot be read: {error}")
    return found, problems


def walk(sent: Sequence[bytes], bundle: Sequence[Certificate], now: datetime | None = None) -> Chain:
    """The path through what was sent and what is trusted; trusted ones first, as OpenSSL does."""
    found, problems = read(sent)
    anchors = {one.der for one in bundle}
    path = [one for one in found[:1] if one.der == sent[0]]
    while path and len(path) < LONGEST_PATH and not path[-1].self_signed:
        top = path[-1]
        issuer = issuer_of(top, bundle, path, now) or issuer_of(top, found, path, now)
        if issuer is None:
            break
        path.append(issuer)
    trusted = bool(path) and path[-1].der in anchors
    return Chain(tuple(found), tuple(path), trusted, tuple(problems))


def issuer_of(
    one: Certificate,
    candidates: Iterable[Certificate],
    but_not: Sequence[Certificate] = (),
    now: datetime | None = None,
) -> Certificate | None:
    """The candidate that can have issued a certificate: one in its time, else the one that ends last."""
    fitting = [other for other in candidates if other.issued(one) and other not in but_not]
    if now is None or not fitting:
        return fitting[0] if fitting else None
    return next((other for other in fitting if other.valid(now)), max(fitting, key=lambda own: own.not_after))


def same_name(one: Certificate, bundle: Iterable[Certificate]) -> Certificate | None:
    """A trusted authority that has the name of the issuer, and is not the issuer: its key is another."""
    return next((other for other in bundle if other.subject.same(one.issuer) and not other.issued(one)), None)


def lacks_intermediate(
    top: Certificate, leaf: Certificate, bundle: Sequence[Certificate], known: Sequence[Certificate]
) -> str:
    """Why the missing issuer is an intermediate that the server should have sent; empty where it is none.

    Nothing is fetched. An issuer that a bundle of this machine knows is what it is there. One that says so
    itself is no root. Where only the server's own certificate came, its issuer is no root either if the
    certificate gives an address for it, or if it has the organisation of a trusted root.
    """
    issuer = issuer_of(top, known)
    if issuer is not None:
        return "" if issuer.self_issued else f"{issuer.subject} is known on this machine, and is no root"
    shown = top.issuer.shown.lower()
    if any(word in shown for word in CALLED):
        return f"{top.issuer} calls itself no root"
    if top is not leaf or top.self_issued:
        return ""
    if top.extensions.issuers:
        return f"the certificate says where to fetch its issuer: {top.extensions.issuers[0]}"
    own = organisation(top.issuer.shown)
    roots = (one for one in bundle if one.self_signed)
    root = next((one for one in roots if own and organisation(one.subject.shown) == own), None)
    return f"its issuer belongs to {own}, as the trusted {root.subject} does" if root else ""


def organisation(shown: str) -> str:
    """The organisation in a name; empty where it has none."""
    return next((part[2:] for part in shown.split(", ") if part.startswith("O=")), "")
