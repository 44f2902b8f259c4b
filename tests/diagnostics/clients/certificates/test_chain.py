"""Path building ends for any input and recognises a missing intermediate by documented signs."""

import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.clients.certificates.certificate import Certificate, parse
from diagnostics.clients.certificates.chain import build_chain, why_intermediate
from diagnostics.clients.tls.refusal import reason_of
from diagnostics.clients.tls.trust_failures import VerificationFailure
from diagnostics.lab.certificates.builder import Pair, authority, leaf

OTHERS = "Elsewhere"
ROOT = authority("ClearPay lab CA")
FOREIGN_ROOT = authority("Elsewhere Root", organisation=OTHERS)
FETCH = x509.AuthorityInformationAccess(
    [
        x509.AccessDescription(
            AuthorityInformationAccessOID.CA_ISSUERS,
            x509.UniformResourceIdentifier("http://ca.example/ca.crt"),
        )
    ]
)


def der(pair: Pair) -> bytes:
    return ssl.PEM_cert_to_DER_cert(pair.certificate.public_bytes(Encoding.PEM).decode())


def read(*pairs: Pair) -> list[Certificate]:
    return [parse(der(pair)) for pair in pairs]


def finding(code: int, *sent: Pair, bundle: tuple[Pair, ...] = (ROOT,), known: tuple[Pair, ...] = ()) -> str:
    trusted = read(*bundle)
    chain = build_chain([der(pair) for pair in sent], trusted)
    now = parse(der(ROOT)).not_before
    return reason_of(VerificationFailure(code, "", chain, trusted, read(*known), now)).finding


SECOND = authority("Second", ROOT)
UPPER = authority("Upper", ROOT)
SAYS_SO = authority("ClearPay Issuing 7", ROOT, organisation="")
PLAIN = authority("Elsewhere 7", FOREIGN_ROOT, organisation=OTHERS)


@pytest.mark.parametrize(
    ("sent", "known", "expected"),
    [
        ((leaf(SECOND),), (), "unknown_authority"),  # the organisation of a trusted root proves nothing
        ((leaf(SECOND), UPPER), (), "missing_intermediate"),  # an authority above the missing one was sent
        ((leaf(SAYS_SO),), (), "missing_intermediate"),  # by the words of its name
        ((leaf(PLAIN, further=[(FETCH, False)]),), (), "missing_intermediate"),  # an address to fetch it from
        ((leaf(PLAIN),), (PLAIN,), "missing_intermediate"),  # known on this machine as no root
        ((leaf(PLAIN),), (), "unknown_authority"),  # no sign of an intermediate
        ((leaf(FOREIGN_ROOT),), (FOREIGN_ROOT,), "unknown_authority"),  # a known root that is not trusted
        ((leaf(PLAIN), PLAIN), (), "unknown_authority"),  # complete up to a root
        ((leaf(FOREIGN_ROOT), FOREIGN_ROOT), (), "unknown_authority"),  # the root was sent
    ],
)
def test_a_missing_intermediate_is_distinguished_from_an_unknown_authority(
    sent: tuple[Pair, ...], known: tuple[Pair, ...], expected: str
) -> None:
    assert finding(20, *sent, known=known) == expected


def test_an_authority_of_the_same_name_with_another_key_is_unknown() -> None:
    assert finding(20, leaf(authority("ClearPay lab CA"))) == "unknown_authority"


def test_a_trusted_intermediate_without_its_root_is_an_unknown_authority() -> None:
    assert finding(2, leaf(SECOND), SECOND, bundle=(SECOND,)) == "unknown_authority"


@pytest.mark.parametrize(
    "name",
    [
        "Zscaler Intermediate Root CA (zscalertwo.net)",
        "Corporate Web Inspection CA",
        "mitmproxy",
        "DO_NOT_TRUST_FiddlerRoot",
        "Fortinet_CA_SSL",
        "avast! Web/Mail Shield Root",
        "Gateway CA - Cloudflare Managed G1",
    ],
)
def test_a_tls_inspection_product_is_an_interception(name: str) -> None:
    proxy = authority(name, organisation="IT")

    assert finding(19, leaf(proxy), proxy) == "interception"


@pytest.mark.parametrize(
    "name", ["Acme Vehicle Inspection Root", "Squidward Bank CA", "Palo Alto Credit Union", "Avastar Root"]
)
def test_a_name_that_only_contains_a_products_name_is_not_an_interception(name: str) -> None:
    other = authority(name, organisation="Acme")

    assert finding(19, leaf(other), other) == "unknown_authority"


def test_the_servers_own_name_makes_no_interception() -> None:
    own = leaf(FOREIGN_ROOT, name="squid.clearpay.example", names=("squid.clearpay.example",))

    assert finding(20, own) == "unknown_authority"


def test_without_a_readable_certificate_a_code_still_has_its_meaning() -> None:
    empty = build_chain([b"no certificate"], [])

    assert empty.leaf is None
    assert empty.problems
    findings = {
        code: reason_of(VerificationFailure(code, "", empty, [], [], NOW)).finding
        for code in (10, 9, 20, 18, 62, 1)
    }
    assert findings == {
        10: "expired",
        9: "not_yet_valid",
        20: "invalid_certificate",  # the unreadable certificate may be the missing issuer
        18: "self_signed",
        62: "wrong_name",
        1: "invalid_certificate",
    }


NOW = parse(der(ROOT)).not_before


def test_authorities_that_signed_each_other_end_the_path() -> None:
    first = authority("First", organisation="")
    second = authority("Second", first, organisation="")
    circle = authority("First", second, organisation="", key=first.key)

    chain = build_chain([der(leaf(second)), der(second), der(circle)], [])

    assert len(chain.path) == 3


def test_an_unreadable_first_certificate_is_not_replaced_by_the_next() -> None:
    assert build_chain([b"\x30\x00", der(SECOND)], read(ROOT)).leaf is None


@given(
    st.lists(
        st.sampled_from([b"", b"\x30\x80", *map(der, (ROOT, SECOND, PLAIN, FOREIGN_ROOT, leaf(SECOND)))])
    )
)
def test_any_order_of_certificates_gives_a_finite_path(sent: list[bytes]) -> None:
    chain = build_chain(sent, read(ROOT))

    assert len(set(chain.path)) == len(chain.path)
    if chain.top and chain.leaf and not chain.trusted:
        assert isinstance(why_intermediate(chain.top, chain.leaf, read(ROOT), []), str)
