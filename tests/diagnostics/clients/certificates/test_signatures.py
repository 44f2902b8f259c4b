"""A signature is verified with the key itself, and the verification leaves no trace in `ssl`."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from diagnostics.clients.certificates.certificate import Certificate, parse
from diagnostics.clients.certificates.signatures import is_signed_by
from diagnostics.lab.certificates import authority as certificates
from diagnostics.lab.certificates.builder import Key, Pair, authority, leaf
from diagnostics.lab.certificates.malformed import damaged, over_sha1

KEYS: dict[str, Callable[[], Key]] = {
    "RSA": lambda: rsa.generate_private_key(65537, 2048),
    "P-256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "brainpool": lambda: ec.generate_private_key(ec.BrainpoolP256R1()),
}


def read(certificate: x509.Certificate) -> Certificate:
    return parse(certificate.public_bytes(Encoding.DER))


@pytest.mark.parametrize("kind", KEYS)
def test_a_signature_fits_the_key_that_made_it_and_no_other(kind: str) -> None:
    root, other, foreign = (authority("Root", key=KEYS[name]()) for name in (kind, kind, "RSA"))
    own = read(leaf(root).certificate)

    assert is_signed_by(own, read(root.certificate)) is True
    assert is_signed_by(own, read(other.certificate)) is False
    assert is_signed_by(own, read(foreign.certificate)) is False
    assert is_signed_by(own, own) is False


def test_names_and_identifiers_do_not_matter() -> None:
    key = KEYS["P-256"]()
    first, renewed = authority("Root", key=key), authority("Another name", key=key, organisation="")

    assert is_signed_by(read(leaf(first, authority_key=False).certificate), read(renewed.certificate)) is True


@pytest.mark.parametrize("salt", [20, 32])
def test_rsa_pss_is_verified(salt: int) -> None:
    root = authority("Root", key=KEYS["RSA"]())
    assert isinstance(root.key, rsa.RSAPrivateKey)
    template = leaf(root).certificate
    builder = x509.CertificateBuilder(
        template.issuer, template.subject, template.public_key(), template.serial_number,
        template.not_valid_before_utc, template.not_valid_after_utc,
    )  # fmt: skip
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), salt)
    own = read(builder.sign(root.key, hashes.SHA256(), rsa_padding=pss))

    assert is_signed_by(own, read(root.certificate)) is True
    assert is_signed_by(own, read(authority("Root", key=KEYS["RSA"]()).certificate)) is False


def test_ed25519_is_verified() -> None:
    key, other = (ed25519.Ed25519PrivateKey.generate() for _ in range(2))
    template = authority("Root").certificate
    builder = x509.CertificateBuilder(
        template.issuer, template.subject, key.public_key(), 7,
        template.not_valid_before_utc, template.not_valid_after_utc,
    )  # fmt: skip
    root, forged = (read(builder.sign(signer, None)) for signer in (key, other))

    assert is_signed_by(root, root) is True
    assert is_signed_by(forged, root) is False


def test_a_changed_certificate_does_not_fit_and_a_weak_digest_does() -> None:
    root = authority("Root")

    assert is_signed_by(read(damaged(leaf(root)).certificate), read(root.certificate)) is False
    assert is_signed_by(read(over_sha1(leaf(root), root).certificate), read(root.certificate)) is True


def test_an_algorithm_that_openssl_does_not_know_is_not_verified() -> None:
    root = authority("Root")
    sha256, unknown = (bytes.fromhex(f"06082a8648ce3d0403{last}") for last in ("02", "0f"))
    strange = parse(leaf(root).certificate.public_bytes(Encoding.DER).replace(sha256, unknown))

    assert is_signed_by(strange, read(root.certificate)) is None


def test_no_error_of_a_verification_is_left_to_the_next_handshake(tmp_path: Path) -> None:
    root: Pair = authority("Root")
    assert is_signed_by(read(damaged(leaf(root)).certificate), read(root.certificate)) is False

    context = ssl.create_default_context(cafile=str(certificates.make(tmp_path / "files").ca))
    tls = context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost")

    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
