"""Certificates that the maker refuses to make: over SHA-1, damaged, or with fields that none may have."""

import hashlib
from collections.abc import Callable, Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from diagnostics.clients.certificates.der import read
from diagnostics.lab.certificates.builder import Pair

SEQUENCE, BIT_STRING = 0x30, 0x03
ECDSA_WITH_SHA1 = bytes.fromhex("300906072a8648ce3d0401")
ALGORITHM, VALIDITY = 2, 4
"""Places in what is signed, after the version and the serial number."""


def over_sha1(pair: Pair, issuer: Pair) -> Pair:
    """The same certificate, signed over SHA-1."""
    fields = [one.raw for one in read(pair.certificate.tbs_certificate_bytes)[0].items()]
    fields[ALGORITHM] = ECDSA_WITH_SHA1
    signed = encode(SEQUENCE, b"".join(fields))
    # To ECDSA a digest is a number: twelve bytes of zeros before it make SHA-1's as long as SHA-256's.
    digest = bytes(12) + hashlib.sha1(signed).digest()  # noqa: S324  it is the fault
    return _pair(signed, ECDSA_WITH_SHA1, _sign(issuer, digest), pair)


def damaged(pair: Pair) -> Pair:
    """The same certificate with one bit of its signature changed, as a bad copy or a forger leaves it."""
    own = pair.certificate.public_bytes(serialization.Encoding.DER)
    return Pair(x509.load_der_x509_certificate(own[:-1] + bytes([own[-1] ^ 1])), pair.key)


def changed(pair: Pair, issuer: Pair, change: Callable[[list[bytes]], Sequence[bytes]]) -> bytes:
    """The certificate with changed fields, signed anew: DER that may be no certificate any more."""
    whole = read(pair.certificate.tbs_certificate_bytes)[0].items()
    fields = [one.raw for one in whole]
    signed = encode(SEQUENCE, b"".join(change(fields)))
    signature = _sign(issuer, hashlib.sha256(signed).digest())
    return encode(SEQUENCE, signed + whole[ALGORITHM].raw + encode(BIT_STRING, b"\0" + signature))


def encode(tag: int, content: bytes) -> bytes:
    """One value in DER."""
    size = len(content)
    if size < 0x80:  # noqa: PLR2004  X.690, 8.1.3: short lengths are one byte
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(length)]) + length + content


def _pair(signed: bytes, algorithm: bytes, signature: bytes, pair: Pair) -> Pair:
    der = encode(SEQUENCE, signed + algorithm + encode(BIT_STRING, b"\0" + signature))
    return Pair(x509.load_der_x509_certificate(der), pair.key)


def _sign(issuer: Pair, digest: bytes) -> bytes:
    if not isinstance(issuer.key, ec.EllipticCurvePrivateKey):
        raise TypeError("only authorities with EC keys sign here")
    return issuer.key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))
