"""What else is wrong with a chain than what OpenSSL named first: it stops at one."""

from collections.abc import Iterator
from datetime import datetime

from diagnostics.clients.tls_chain import Chain
from diagnostics.clients.tls_culprit import no_authority, not_for_servers, weak_digest, weak_key
from diagnostics.clients.x509 import Certificate


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
