"""Which certificate of a path a refusal is about, and what shows it.

OpenSSL says which rule is broken and not where; the first of the path that breaks it is at fault.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from diagnostics.clients.certificates.certificate import Certificate
from diagnostics.clients.certificates.chain import Chain

LEAST_BITS: Final[Mapping[str, int]] = {"RSA": 2048, "DSA": 2048, "EC": 224}
"""Below these a key has less than the 112 bits of strength that Python's own security level asks for."""
OWN_KEY_WEAK, CA_KEY_WEAK = 66, 67
UNKNOWN_EXTENSION = 34
SERVERS = "TLS server"
FOR_SERVERS = frozenset({"digital signature", "key encipherment", "key agreement"})
MOST_SHOWN = 5
Shows = Callable[[int, Certificate, Chain], str]
"""How a certificate shows that it is the one, in words; empty where it does not."""


def weak_key(one: Certificate) -> bool:
    """Whether its key is too short for Python's own security level."""
    return 0 < one.key.bits < LEAST_BITS.get(one.key.kind.partition(" ")[0], 0)


def weak_digest(one: Certificate) -> bool:
    """Whether it is signed over a digest that is no longer trusted."""
    return any(weak in one.signature for weak in ("SHA-1", "MD5"))


def no_authority(one: Certificate) -> str:
    """Why it may sign no certificates; empty where it may."""
    if one.extensions.authority is not True:
        return "it does not say that it is an authority"
    return "" if one.extensions.usage is None or may_sign(one) else "its key may not sign certificates"


def not_for_servers(one: Certificate, *, own: bool) -> str:
    """Why it cannot stand for a server, itself or as an authority; empty where it can."""
    said = one.extensions
    if said.purposes is not None and not any(purpose.startswith(SERVERS) for purpose in said.purposes):
        named = ", ".join(said.purposes[:MOST_SHOWN]) or "nothing"
        return f"it is for {named}, and a server has to be named among its purposes"
    if own and said.usage is not None and not said.usage & FOR_SERVERS:
        return f"its key is for {', '.join(sorted(said.usage)) or 'nothing'}"
    return ""


def may_sign(one: Certificate) -> bool:
    """Whether its key usage has the signing of certificates."""
    return "certificate signing" in (one.extensions.usage or ())


def faulty_certificate(fact: str, code: int, chain: Chain) -> tuple[Certificate | None, str]:
    """The certificate behind a refusal and what shows it; the server's own where none shows it more."""
    shows = SHOWS.get(fact)
    for one in chain.path if shows else ():
        if shows and (why := shows(code, one, chain)):
            return one, why
    return chain.leaf, ""


def _key(code: int, one: Certificate, chain: Chain) -> str:
    if (one is chain.leaf and code == CA_KEY_WEAK) or (one is not chain.leaf and code == OWN_KEY_WEAK):
        return ""
    return f"its key is {one.key}" if weak_key(one) else ""


def _digest(_code: int, one: Certificate, _chain: Chain) -> str:
    return f"it is signed with {one.signature}" if weak_digest(one) else ""


def _authority(_code: int, one: Certificate, chain: Chain) -> str:
    return "" if one is chain.leaf else no_authority(one)


def _purpose(_code: int, one: Certificate, chain: Chain) -> str:
    return not_for_servers(one, own=one is chain.leaf)


def _constraint(code: int, one: Certificate, chain: Chain) -> str:
    said = one.extensions
    if code == UNKNOWN_EXTENSION:
        critical = ", ".join(said.unknown_critical[:MOST_SHOWN])
        return f"critical extension {critical}" if critical else ""
    below = chain.path[1 : chain.path.index(one)] if one is not chain.leaf else ()
    if code == 25:  # noqa: PLR2004  the path is too long
        longest = said.path_length
        too_many = longest is not None and len(_not_self_issued(below)) > longest >= 0
        return f"it allows {longest} authorities below it, and there are {len(below)}" if too_many else ""
    if one is chain.leaf or not said.restricts_names or chain.leaf is None:
        return ""
    return f"it says for which names it may sign; asked for are {', '.join(chain.leaf.names[:MOST_SHOWN])}"


def _not_self_issued(path: Sequence[Certificate]) -> list[Certificate]:
    return [one for one in path if not one.self_issued]


SHOWS: Final[Mapping[str, Shows]] = {
    "weak_key": _key,
    "weak_digest": _digest,
    "ca_not_ca": _authority,
    "wrong_purpose": _purpose,
    "constraint_violated": _constraint,
}


def faults_of(chain: Chain, now: datetime) -> Iterator[tuple[str, Certificate, str]]:
    """Each fault that the certificates of a path show by themselves: a fact, whose it is, and words for it.

    Names and signatures are not looked at: whose name it must be is the application's to say.
    """
    for one in chain.path:
        own = one is chain.leaf
        for there, fact, words in (*_times(one, now, own=own), *_rules(one, own=own)):
            if there:
                yield fact, one, words
    leaf = chain.leaf
    # Behind one that cannot be read there may be a trusted authority.
    if leaf is not None and not chain.trusted and not chain.problems:
        fact = "self_signed" if leaf.self_signed else "unknown_authority"
        yield fact, leaf, "has no trusted authority behind it"


def _times(one: Certificate, now: datetime, *, own: bool) -> Iterator[tuple[bool, str, str]]:
    yield one.not_after < now, "expired" if own else "expired_intermediate", "has expired"
    yield one.not_before > now, "not_yet_valid", "is not valid yet"


def _rules(one: Certificate, *, own: bool) -> Iterator[tuple[bool, str, str]]:
    yield weak_key(one), "weak_key", f"has a key that is too short: {one.key}"
    # The digest of a root's own signature does not matter; roots of the first version say nothing, and what
    # cannot be read is told elsewhere.
    yield weak_digest(one) and not one.self_signed, "weak_digest", f"is signed with {one.signature}"
    silent = own or one.extensions.flaws or (one.self_signed and one.version == 1)
    no = "" if silent else no_authority(one)
    yield bool(no), "ca_not_ca", f"signed another one, and {no}"
    purpose = not_for_servers(one, own=own)
    yield bool(purpose), "wrong_purpose", f"is not for servers: {purpose}"
    critical = ", ".join(one.extensions.unknown_critical)
    yield bool(critical), "constraint_violated", f"has a critical extension that nobody knows: {critical}"


STRICT_CODES: Final = frozenset({*range(80, 94)})
"""Verify codes that only VERIFY_X509_STRICT gives."""
STRICTER: Final = STRICT_CODES | {79}
"""Those that it may have caused: it takes no root of X.509's first version for an authority (79)."""


def strict_flaw(path: Sequence[Certificate]) -> tuple[Certificate | None, str]:
    """The certificate of a path that VERIFY_X509_STRICT may refuse, and why; empty where nothing shows."""
    for one in path:
        said = one.extensions
        flaws = {
            "has no authority key identifier": not one.self_issued and not said.authority_key,
            "signed another one and does not say that it is an authority": one is not path[0]
            and said.authority is None,
            "is an authority without subject key identifier": said.authority is True and not said.subject_key,
            "is an authority without key usage": said.authority is True and said.usage is None,
            "has basic constraints that are not critical": said.authority is True
            and not said.firm_constraints,
            "has a path length and is no authority": said.path_length is not None and not said.authority,
            "may sign certificates and is no authority": not said.authority and may_sign(one),
            "has no subject and alternative names that are not critical": not one.subject.shown
            and not said.firm_names,
            "has an issuer without a name": not one.issuer.shown,
            "is of an old version of X.509": one.version < 3,  # noqa: PLR2004
            "has key identifiers that are critical": said.firm_keys,
        }
        found = next((flaw for flaw, there in flaws.items() if there), "")
        if found:
            return one, f"it {found}"
    return None, ""
