"""Unusual chains, as public collections of bad certificates have them, and the expected findings."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from diagnostics.lab.certificates.builder import Pair, authority, leaf
from diagnostics.lab.certificates.malformed import damaged, encode, over_sha1
from tests.diagnostics.probes.odd_certificates import (
    TRUE,
    Link,
    der,
    extended,
    extension,
    replaced,
    unversioned,
    with_explicit_curve,
)

ISSUING = "ClearPay lab issuing CA"
OLD: dict[str, Any] = {"begins": timedelta(days=-90), "ends": timedelta(days=-1)}
LATER: dict[str, Any] = {"begins": timedelta(days=1)}
KEY = ec.generate_private_key(ec.SECP256R1())
WEAK = rsa.generate_private_key(65537, 1024)  # noqa: S505  it is the fault
TOO_SHORT, SHORTEST, SHORT = (rsa.generate_private_key(65537, bits) for bits in (1962, 1963, 2047))
"""RSA below, at and above the size from which OpenSSL 3 computes 112 bits of strength."""
RSA = rsa.generate_private_key(65537, 2048)
OWN, BETWEEN, ROOT = "the server's certificate", "intermediate", "root"
INVALID = "invalid_certificate"
START, END = b"20250101000000Z", b"20990101000000Z"
SHA256, UNKNOWN = bytes.fromhex("2a8648ce3d040302"), bytes.fromhex("2a8648ce3d04037f")
PROXY = encode(0x30, encode(0x30, encode(0x06, bytes.fromhex("2b06010505071501"))))
CONSTRAINTS, NAMES, KEYS = "2.5.29.19", "2.5.29.17", "2.5.29.35"


@dataclass(frozen=True)
class Case:
    """Chain that is refused, and the expected finding."""

    make: Callable[[Pair], Sequence[Link]]
    finding: str
    at: str = ""
    """Role of the certificate at fault."""
    also: tuple[str, ...] = ()
    """Parts of the sentences about further faults."""
    trusts: int | None = None
    """Index of the certificate that the application trusts instead of the lab's root; it is not sent."""


def below(issuing: Pair, **changes: Any) -> tuple[Pair, Pair]:
    """Return a leaf and the authority that signed it."""
    return leaf(issuing, **changes), issuing


def issuing(root: Pair, **changes: Any) -> Pair:
    return authority(ISSUING, root, **changes)


def own_root(**changes: Any) -> tuple[Pair, Pair]:
    """Return a leaf and a root that is trusted instead of the lab's."""
    return below(authority("Custom root", organisation="Custom", **changes))


def long(top: Pair, count: int) -> list[Pair]:
    """Return a chain of authorities below `top`, all with the same key, after a leaf of the last one."""
    chain = [top]
    while len(chain) < count:
        chain.append(authority(f"CA {len(chain)}", chain[-1], key=KEY))
    return [leaf(chain[-1]), *reversed(chain)]


def loop() -> list[Pair]:
    """Return a leaf below two authorities that signed each other."""
    first = authority("First", organisation="Loop", key=KEY)
    second = authority("Second", first, organisation="Loop")
    return [leaf(second), second, authority("First", second, organisation="Loop", key=KEY)]


def renamed() -> Pair:
    """Return an authority with the root's name and another key."""
    return authority("ClearPay lab CA")


def restricted(root: Pair, *, only: str = "", but: str = "") -> tuple[Pair, Pair]:
    """Return a leaf below an authority with name constraints."""
    allowed = x509.NameConstraints(
        [x509.DNSName(only)] if only else None, [x509.DNSName(but)] if but else None
    )
    return below(issuing(root, further=[(allowed, True)]))


def constrained(root: Pair, only: str) -> Pair:
    """Return an authority that may sign one domain only."""
    constraints = x509.NameConstraints([x509.DNSName(only)], None)
    return authority(f"Only {only}", root, further=[(constraints, True)])


def unknown_extension() -> tuple[x509.UnrecognizedExtension, bool]:
    return x509.UnrecognizedExtension(ObjectIdentifier("1.2.3.4"), b"\x05\0"), True


TAKEN: dict[str, Callable[[Pair], Sequence[Link]]] = {
    "an address of three bytes": lambda root: [
        extended(leaf(root), root, extension(NAMES, names(b"\x87\x03\x7f\0\0")), without=NAMES)
    ],
    "information about its authority that cannot be read": lambda root: [
        extended(leaf(root), root, extension("1.3.6.1.5.5.7.1.1", b"\x05\0"))
    ],
    "an unknown extension twice": lambda root: [
        extended(leaf(root), root, *[extension("1.2.3.4", b"\x05\0")] * 2)
    ],
    "true that is written as 1": lambda root: [
        extended(leaf(root), root, extension(CONSTRAINTS, b"\x30\0", b"\x01\x01\x01"), without=CONSTRAINTS)
    ],
    "the year 0": lambda root: [replaced(leaf(root), root, 4, times(b"00000101000000Z", b"20990101000000Z"))],
    "a huge extension": lambda root: [extended(leaf(root), root, extension("1.2.3.4", bytes(60_000)))],
    "two thousand names": lambda root: [
        leaf(root, names=(*(f"n{number}.example" for number in range(2000)), "localhost"))
    ],
    "no common name": lambda root: [leaf(root, name="")],
    "P-521": lambda root: [leaf(root, key=ec.generate_private_key(ec.SECP521R1()))],
    "RSA of 2047 bits": lambda root: [leaf(root, key=SHORT)],
    "RSA of 1963 bits": lambda root: [leaf(root, key=SHORTEST)],
    "an authority on a curve that clients do not offer": lambda root: below(
        issuing(root, key=ec.generate_private_key(ec.SECP256K1()))
    ),
    "RSA with the exponent 3": lambda root: [leaf(root, key=rsa.generate_private_key(3, 2048))],
    "twenty-five authorities": lambda root: long(issuing(root), 25),
    "an expired copy of the intermediate before the valid one": lambda root: [
        leaf(new := issuing(root, key=KEY)),
        issuing(root, key=KEY, **OLD),
        new,
    ],
    "thirty certificates that nobody asked for": lambda root: [leaf(root), *[renamed()] * 30],
    "an intermediate with its issuer's name": lambda root: [
        leaf(lower := authority(ISSUING, upper := issuing(root))),
        lower,
        upper,
    ],
}

REFUSED: dict[str, Case] = {
    "expired and for another host": Case(
        lambda root: [leaf(root, names=("api.example",), **OLD)], "wrong_name", OWN, ("has expired",)
    ),
    "self-signed and expired": Case(lambda _: [leaf(None, **OLD)], "self_signed", OWN, ("has expired",)),
    "self-signed and for another host": Case(
        lambda _: [leaf(None, names=("api.example",))], "self_signed", OWN, ("is not for localhost",)
    ),
    "over SHA-1 and expired": Case(
        lambda root: [over_sha1(leaf(root, **OLD), root)], "weak_digest", OWN, ("has expired",)
    ),
    "a weak key, over SHA-1": Case(
        lambda root: [over_sha1(leaf(root, key=WEAK), root)], "weak_key", OWN, ("ECDSA with SHA-1",)
    ),
    "unknown authority and expired": Case(
        lambda _: [leaf(authority("Elsewhere", organisation=""), **OLD)],
        "unknown_authority",
        OWN,
        ("has expired",),
    ),
    "an expired intermediate, for another host": Case(
        lambda root: below(issuing(root, **OLD), names=("api.example",)),
        "wrong_name",
        OWN,
        ("intermediate has expired",),
    ),
    "an expired root": Case(lambda _: own_root(**OLD), "expired_intermediate", ROOT, trusts=1),
    "an expired top of a long chain": Case(
        lambda root: long(issuing(root, **OLD), 25), "expired_intermediate", BETWEEN
    ),
    "an intermediate of tomorrow, expired itself": Case(
        lambda root: below(issuing(root, **LATER), **OLD),
        "not_yet_valid",
        BETWEEN,
        ("certificate has expired",),
    ),
    "a root of tomorrow": Case(lambda _: own_root(**LATER), "not_yet_valid", ROOT, trusts=1),
    "a weak intermediate": Case(lambda root: below(issuing(root, key=WEAK)), "weak_key", BETWEEN),
    "a root on P-192": Case(
        lambda _: own_root(key=ec.generate_private_key(ec.SECP192R1())), "weak_key", ROOT, trusts=1
    ),
    "an intermediate over SHA-1": Case(
        lambda root: below(over_sha1(issuing(root), root)), "weak_digest", BETWEEN
    ),
    "an intermediate for clients": Case(
        lambda root: below(issuing(root, purpose=ExtendedKeyUsageOID.CLIENT_AUTH)), "wrong_purpose", BETWEEN
    ),
    "a root for clients": Case(
        lambda _: own_root(purpose=ExtendedKeyUsageOID.CLIENT_AUTH), "wrong_purpose", ROOT, trusts=1
    ),
    "an authority that may not sign": Case(
        lambda root: below(issuing(root, usage=False)), "ca_not_ca", BETWEEN
    ),
    "a leaf that signed another": Case(lambda root: below(leaf(root)), "ca_not_ca", BETWEEN),
    "an authority of the first version": Case(
        lambda root: [leaf(first := issuing(root)), unversioned(first, root)], "ca_not_ca", BETWEEN
    ),
    "one authority too many": Case(
        lambda root: [*below(issuing(upper := authority("Upper", root, path_length=0))), upper],
        "constraint_violated",
        BETWEEN,
    ),
    "names that its authority may not sign": Case(
        lambda root: restricted(root, only="clearpay.example"), "constraint_violated", BETWEEN
    ),
    "a name that its authority excludes": Case(
        lambda root: restricted(root, but="localhost"), "constraint_violated", BETWEEN
    ),
    "a critical extension that nobody knows, above": Case(
        lambda root: below(issuing(root, further=[unknown_extension()])), "constraint_violated", BETWEEN
    ),
    "the middle of a chain is missing": Case(
        lambda root: [leaf(authority("Lower", upper := issuing(root))), upper],
        "missing_intermediate",
        OWN,
    ),
    "the upper part of a chain is missing": Case(
        lambda root: below(authority("Lower", issuing(root))), "missing_intermediate", BETWEEN
    ),
    "an intermediate with its issuer's name, which is missing": Case(
        lambda root: below(authority(ISSUING, issuing(root))), "missing_intermediate", BETWEEN
    ),
    "two authorities that signed each other": Case(lambda _: loop(), "unknown_authority"),
    "an authority's name, and another key": Case(
        lambda _: [leaf(renamed(), authority_key=False)], "unknown_authority", OWN
    ),
    "an authority's name, and a key of another kind": Case(
        lambda _: [leaf(authority("ClearPay lab CA", key=RSA), authority_key=False)], "unknown_authority", OWN
    ),
    "another certificate of its authority by serial number": Case(
        lambda root: [
            extended(leaf(root, authority_key=False), root, extension(KEYS, b"\x30\x03\x82\x01\x07"))
        ],
        INVALID,
        "signed it, but it names the serial number 7",
    ),
    "a changed signature": Case(lambda root: [damaged(leaf(root))], INVALID, OWN),
    "an intermediate with a changed signature": Case(
        lambda root: [leaf(pair := issuing(root)), damaged(pair)], INVALID, BETWEEN
    ),
    "another key of its authority by identifier": Case(
        lambda root: [
            leaf(
                root,
                authority_key=False,
                further=[(x509.AuthorityKeyIdentifier(b"x" * 20, None, None), False)],
            )
        ],
        INVALID,
        "signed it, but it names another key identifier",
    ),
    "an authority's name and a new key, which the leaf names": Case(
        lambda _: [leaf(renamed())], "unknown_authority", "another key: the authority was replaced"
    ),
    "a leaf alone, from another authority of a trusted organisation": Case(
        lambda _: [leaf(authority("ClearPay Old Authority"))],
        "unknown_authority",
        "the server has to send its certificate",
    ),
    "RSA of 1962 bits, below OpenSSL's 112 bits of strength": Case(
        lambda root: [leaf(root, key=TOO_SHORT)], "weak_key", OWN
    ),
    "RSA of 2047 bits, expired": Case(lambda root: [leaf(root, key=SHORT, **OLD)], "expired", OWN),
    "names that an authority above the next one may not sign": Case(
        lambda root: [*below(constrained(upper := constrained(root, "bar.localhost"), "localhost")), upper],
        "constraint_violated",
        "permit only bar.localhost, not localhost",
    ),
    "an intermediate that says twice what it may": Case(
        lambda root: [
            leaf(pair := issuing(root)),
            extended(pair, root, extension(CONSTRAINTS, b"\x30\0", TRUE)),
        ],
        INVALID,
        BETWEEN,
    ),
    "an intermediate whose constraints cannot be read": Case(
        lambda root: [
            leaf(pair := issuing(root)),
            extended(pair, root, extension(CONSTRAINTS, b"\x30\x01"), without=CONSTRAINTS),
        ],
        INVALID,
        BETWEEN,
    ),
    "restrictions of names that cannot be read": Case(
        lambda root: [
            leaf(pair := issuing(root)),
            extended(pair, root, extension("2.5.29.30", b"\x04\0", TRUE)),
        ],
        INVALID,
        BETWEEN,
    ),
    "a hundred and one authorities": Case(lambda root: long(issuing(root), 101), INVALID),
    "an intermediate whose time is none": Case(
        lambda root: [leaf(pair := issuing(root)), replaced(pair, root, 4, times(b"no time at all!", END))],
        INVALID,
    ),
    "an intermediate whose end is none": Case(
        lambda root: [leaf(pair := issuing(root)), replaced(pair, root, 4, times(START, b"no time at all!"))],
        INVALID,
    ),
    "an intermediate with a curve that is written out": Case(
        lambda root: [leaf(pair := issuing(root)), with_explicit_curve(pair, root)], INVALID, BETWEEN
    ),
    "an intermediate signed with what nobody knows": Case(
        lambda root: [leaf(pair := issuing(root)), (pair, der(pair).replace(SHA256, UNKNOWN))],
        INVALID,
        BETWEEN,
    ),
    "a proxy certificate": Case(
        lambda root: [extended(leaf(root, names=()), root, extension("1.3.6.1.5.5.7.1.14", PROXY, TRUE))],
        INVALID,
        OWN,
        ("is not for localhost",),
    ),
}


def names(*more: bytes) -> bytes:
    """Encode alternative names: localhost, and raw ones."""
    return encode(0x30, b"".join((encode(0x82, b"localhost"), *more)))


def times(begin: bytes, end: bytes) -> bytes:
    """Encode a validity of two GeneralizedTimes."""
    return encode(0x30, encode(0x18, begin) + encode(0x18, end))
