"""Certificates are decoded as `cryptography` decodes them, and no input makes the decoder crash."""

import ipaddress
import ssl
from collections.abc import Sequence
from pathlib import Path

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.clients.certificates.certificate import Certificate, parse
from diagnostics.clients.certificates.der import Unreadable
from diagnostics.clients.certificates.trust_store import certificates_in
from diagnostics.lab.certificates.builder import authority, leaf
from diagnostics.lab.certificates.malformed import changed, encode
from diagnostics.lab.certificates.variants import VARIANTS

ROOT = authority("ClearPay lab CA")
GOOD = leaf(ROOT)
ISSUER, OCSP, CRL = (
    x509.UniformResourceIdentifier(f"http://ca.example/{path}") for path in ("issuer.crt", "ocsp", "crl")
)
INFORMATION = x509.AuthorityInformationAccess(
    [
        x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, ISSUER),
        x509.AccessDescription(AuthorityInformationAccessOID.OCSP, OCSP),
    ]
)
CRL_POINTS = x509.CRLDistributionPoints([x509.DistributionPoint([CRL], None, None, None)])


def der(certificate: x509.Certificate) -> bytes:
    return ssl.PEM_cert_to_DER_cert(certificate.public_bytes(Encoding.PEM).decode())


def agrees(ours: Certificate, theirs: x509.Certificate) -> None:
    assert ours.serial == theirs.serial_number
    assert ours.not_before == theirs.not_valid_before_utc
    assert ours.not_after == theirs.not_valid_after_utc
    assert ours.subject.raw == theirs.subject.public_bytes()
    assert ours.issuer.raw == theirs.issuer.public_bytes()
    assert ours.version == theirs.version.value + 1
    key = theirs.public_key()
    if isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        assert ours.key.bits == key.key_size
    _extensions_agree(ours, theirs.extensions)


def _extensions_agree(ours: Certificate, theirs: x509.Extensions) -> None:
    expected = {type(extension.value): extension for extension in theirs}
    own = ours.extensions
    names = expected.get(x509.SubjectAlternativeName)
    assert own.names == (_names(names.value) if names else ())
    constraints = expected.get(x509.BasicConstraints)
    assert own.is_ca == (constraints.value.ca if constraints else None)
    assert own.path_length == (constraints.value.path_length if constraints else None)
    assert own.critical_constraints == bool(constraints and constraints.critical)
    subject_key = expected.get(x509.SubjectKeyIdentifier)
    assert own.subject_key_id == (subject_key.value.digest.hex() if subject_key else "")
    authority_key = expected.get(x509.AuthorityKeyIdentifier)
    identifier = authority_key.value.key_identifier if authority_key else None
    assert own.authority_key_id == (identifier or b"").hex()
    usage = expected.get(x509.KeyUsage)
    assert (own.key_usage is None) == (usage is None)
    if usage is not None:
        assert ("certificate signing" in (own.key_usage or ())) == usage.value.key_cert_sign
    purposes = expected.get(x509.ExtendedKeyUsage)
    assert len(own.purposes or ()) == (len(list(purposes.value)) if purposes else 0)


def _names(found: Sequence[x509.GeneralName]) -> tuple[str, ...]:
    return tuple(str(name.value) for name in found if isinstance(name, x509.DNSName | x509.IPAddress))


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_of_the_lab_is_read_as_cryptography_reads_it(name: str) -> None:
    for pair in (ROOT, *VARIANTS[name](ROOT)):
        agrees(parse(der(pair.certificate)), pair.certificate)


# One public authority has a serial number that is not positive, and is trusted all the same.
@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_every_public_authority_is_read_as_cryptography_reads_it() -> None:
    bundle = Path(certifi.where())
    theirs = {der(loaded): loaded for loaded in x509.load_pem_x509_certificates(bundle.read_bytes())}
    ours = list(certificates_in(bundle))

    assert len(ours) == len(theirs) > 50
    for certificate in ours:
        agrees(certificate, theirs[certificate.der])


def test_addresses_and_names_are_read() -> None:
    pair = leaf(
        ROOT, names=("*.clearpay.example", "::1"), further=[(INFORMATION, False), (CRL_POINTS, False)]
    )

    found = parse(der(pair.certificate))

    assert found.names == ("*.clearpay.example", str(ipaddress.ip_address("::1")))
    assert found.extensions.issuer_uris == ("http://ca.example/issuer.crt",)
    assert found.extensions.ocsp_uris == ("http://ca.example/ocsp",)
    assert found.extensions.crl_uris == ("http://ca.example/crl",)


def test_an_issuer_is_identified_by_name_and_key() -> None:
    ours, other = parse(der(ROOT.certificate)), parse(der(authority("ClearPay lab CA").certificate))
    good = parse(der(GOOD.certificate))

    assert ours.may_have_issued(good)
    assert not other.may_have_issued(good)
    assert ours.self_issued
    assert not good.self_issued


def test_a_certificate_with_a_time_that_is_none_cannot_be_read() -> None:
    wrong = encode(0x30, encode(0x17, b"991332000000Z") * 2)
    broken = changed(GOOD, ROOT, lambda fields: [*fields[:4], wrong, *fields[5:]])

    with pytest.raises(Unreadable, match="valid from"):
        parse(broken)


def test_a_negative_serial_number_is_read_as_it_is() -> None:
    found = parse(changed(GOOD, ROOT, lambda fields: [fields[0], encode(0x02, b"\xff"), *fields[2:]]))

    assert found.serial == -1


@given(st.binary(max_size=400))
def test_bytes_that_are_no_certificate_are_unreadable(data: bytes) -> None:
    with pytest.raises(Unreadable):
        parse(data)


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_a_certificate_with_one_wrong_byte_is_read_or_unreadable(place: int, byte: int) -> None:
    data = bytearray(der(GOOD.certificate))
    data[place % len(data)] = byte

    try:
        found = parse(bytes(data))
    except Unreadable:
        return
    assert found.der == bytes(data)


@given(st.integers(0, 10_000))
def test_a_certificate_that_is_cut_off_is_unreadable(length: int) -> None:
    data = der(GOOD.certificate)

    with pytest.raises(Unreadable):
        parse(data[: length % len(data)])
