"""Rare certificates are accepted if OpenSSL accepts them, whatever their finding."""

import ipaddress
import ssl
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from diagnostics.clients.tls.endpoint import STRICT
from diagnostics.lab.certificates import authority as certificates
from diagnostics.lab.certificates.builder import Pair, authority, leaf
from diagnostics.lab.certificates.malformed import changed, encode, over_sha1
from tests.diagnostics.probes.sites import Site, openssl

Chain = Callable[[Pair], Sequence[Pair]]
UTC, GENERALIZED = 0x17, 0x18
SINCE, UNTIL = (UTC, b"250101000000Z"), (UTC, b"490101000000Z")


def below(issuing: Pair) -> tuple[Pair, Pair]:
    """Return a leaf and the intermediate that signed it."""
    return leaf(issuing), issuing


def constrained(root: Pair, *constraints: x509.NameConstraints | x509.PolicyConstraints) -> Pair:
    return authority(
        "ClearPay lab issuing CA", root, further=[(constraint, True) for constraint in constraints]
    )


CHAINS: dict[str, Chain] = {
    "a leaf that is an authority": lambda root: [leaf(root, authority=True)],
    "a leaf that may only sign certificates": lambda root: [leaf(root, usage=True)],
    "a leaf without a purpose": lambda root: [leaf(root, purpose=None)],
    "a leaf without a subject": lambda root: [leaf(root, name="", organisation="")],
    "a leaf with a wildcard for everything": lambda root: [leaf(root, names=("*",))],
    "a leaf that names another key of its authority": lambda root: [
        leaf(root, authority_key=False, further=[(x509.AuthorityKeyIdentifier(b"x" * 20, None, None), False)])
    ],
    "a precertificate": lambda root: [leaf(root, further=[(x509.PrecertPoison(), True)])],
    "certificates that nobody asked for": lambda root: [leaf(root), authority("Other", organisation="Other")],
    "the wrong order": lambda root: [
        (pair := below(authority("Issuing", root)))[0],
        authority("Other"),
        pair[1],
    ],
    "the root comes along": lambda root: [*below(authority("Issuing", root)), root],
    "an intermediate for clients only": lambda root: below(
        authority("Issuing", root, purpose=ExtendedKeyUsageOID.CLIENT_AUTH)
    ),
    "an intermediate that may not sign": lambda root: below(authority("Issuing", root, usage=False)),
    "an intermediate without key usage": lambda root: below(authority("Issuing", root, usage=None)),
    "an intermediate over SHA-1": lambda root: below(over_sha1(authority("Issuing", root), root)),
    "an intermediate with a weak key": lambda root: below(
        authority("Issuing", root, key=rsa.generate_private_key(65537, 1024))  # noqa: S505  it is the fault
    ),
    "an intermediate of tomorrow": lambda root: below(authority("Issuing", root, begins=timedelta(days=1))),
    "an intermediate for other addresses": lambda root: below(
        constrained(root, x509.NameConstraints([x509.IPAddress(ipaddress.ip_network("10.0.0.0/8"))], None))
    ),
    "an intermediate that excludes this name": lambda root: below(
        constrained(root, x509.NameConstraints(None, [x509.DNSName("localhost")]))
    ),
    "an intermediate with policies": lambda root: below(constrained(root, x509.PolicyConstraints(0, None))),
}


def judged_alike(site: Site, shown: certificates.Files) -> None:
    site.front.present(shown)

    found = site.looked(f"localhost:{site.front.port}")
    code = openssl(site.front.port, site.files.ca)

    if code:
        assert found.outcome == "fail", found
        assert found.evidence["verify code"].value == code
    elif found.codes == ["tls.strict"]:
        assert found.outcome == ("fail" if STRICT else "warn")
    else:
        assert found.outcome in {"pass", "warn"}


@pytest.mark.parametrize("name", CHAINS)
def test_an_odd_chain_is_taken_where_openssl_takes_it(site: Site, name: str) -> None:
    folder = site.files.ca.parent / "chain"

    judged_alike(site, certificates.write(folder, site.files.root, *CHAINS[name](site.files.root)))


@pytest.mark.parametrize(
    ("place", "content"),
    [
        (1, encode(0x02, b"\xff")),  # a negative serial number
        (1, encode(0x02, b"\x01" * 40)),  # a long one
        (4, (SINCE, (UTC, b"991332000000Z"))),
        (4, ((UTC, b"250101000000+0000"), UNTIL)),
        (4, ((UTC, b"2501010000Z"), UNTIL)),
        (4, ((GENERALIZED, b"20250101000000.5Z"), UNTIL)),
        (4, ((GENERALIZED, b"20250101000000Z"), UNTIL)),
        (4, (SINCE, (GENERALIZED, b"99991231235959Z"))),
    ],
)
def test_odd_numbers_and_times_are_taken_where_openssl_takes_them(
    site: Site, place: int, content: bytes | Sequence[tuple[int, bytes]]
) -> None:
    pair = leaf(site.files.root)
    whole = (
        content if isinstance(content, bytes) else encode(0x30, b"".join(encode(*time) for time in content))
    )
    der = changed(pair, site.files.root, lambda fields: [*fields[:place], whole, *fields[place + 1 :]])
    shown = certificates.write(site.files.ca.parent / "odd", site.files.root, pair)
    shown.certificate.write_text(ssl.DER_cert_to_PEM_cert(der), "ascii")

    judged_alike(site, shown)


def test_a_signature_by_another_key_of_the_same_name_is_untrusted(site: Site) -> None:
    pair = leaf(site.files.root, authority_key=False)
    forged = changed(pair, authority("ClearPay lab CA"), list)
    shown = certificates.write(site.files.ca.parent / "forged", site.files.root, pair)
    shown.certificate.write_text(ssl.DER_cert_to_PEM_cert(forged), "ascii")
    site.front.present(shown)

    found = site.looked()

    assert found.codes == ["tls.unknown_authority"]
    assert "was not signed by that authority's key" in found.evidence["at fault"].note
