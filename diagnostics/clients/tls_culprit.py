"""Which certificate of a path a refusal is about, and what shows it.

OpenSSL says which rule is broken and not where; the first of the path that breaks it is at fault.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from diagnostics.clients.tls_chain import Chain
from diagnostics.clients.x509 import Certificate

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


def culprit(fact: str, code: int, chain: Chain) -> tuple[Certificate | None, str]:
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
