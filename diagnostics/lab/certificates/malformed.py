"""Certificates that cryptography does not build: signed with SHA-1, damaged, or with malformed fields.

DER is split and written here, independently of the reader in diagnostics.clients.certificates, so that
an error in that reader is not repeated in the certificates that test it. Source: ITU-T X.690, 8.1.3.
"""

import hashlib
from collections.abc import Callable, Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from diagnostics.lab.certificates.builder import Pair

SEQUENCE, BIT_STRING = 0x30, 0x03
LONG_FORM = 0x80
"""Set in the first byte of a length of 128 and more, whose other bits count the bytes that follow."""
ECDSA_WITH_SHA1 = bytes.fromhex("300906072a8648ce3d0401")
ALGORITHM, VALIDITY = 2, 4
"""Indices of fields in the TBSCertificate (RFC 5280, 4.1), after the version and the serial number."""


def over_sha1(pair: Pair, issuer: Pair) -> Pair:
    """Return the certificate signed with SHA-1."""
    fields = _elements(pair.certificate.tbs_certificate_bytes)
    fields[ALGORITHM] = ECDSA_WITH_SHA1
    signed = encode(SEQUENCE, b"".join(fields))
    # ECDSA reads a digest as a number: twelve leading zero bytes make SHA-1's as long as SHA-256's.
    digest = bytes(12) + hashlib.sha1(signed).digest()  # noqa: S324  the weakness is intended
    return _pair(signed, ECDSA_WITH_SHA1, _sign(issuer, digest), pair)


def damaged(pair: Pair) -> Pair:
    """Return the certificate with one bit of its signature inverted."""
    own = pair.certificate.public_bytes(serialization.Encoding.DER)
    return Pair(x509.load_der_x509_certificate(own[:-1] + bytes([own[-1] ^ 1])), pair.key)


def changed(pair: Pair, issuer: Pair, change: Callable[[list[bytes]], Sequence[bytes]]) -> bytes:
    """Return the DER of the certificate with changed fields, signed again.

    `change` maps the encoded fields of the TBSCertificate to the new ones. The result may be malformed.
    """
    fields = _elements(pair.certificate.tbs_certificate_bytes)
    algorithm = fields[ALGORITHM]
    signed = encode(SEQUENCE, b"".join(change(fields)))
    signature = _sign(issuer, hashlib.sha256(signed).digest())
    return encode(SEQUENCE, signed + algorithm + encode(BIT_STRING, b"\0" + signature))


def encode(tag: int, content: bytes) -> bytes:
    """Return a value in DER."""
    size = len(content)
    if size < LONG_FORM:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, LONG_FORM | len(length)]) + length + content


def _elements(sequence: bytes) -> list[bytes]:
    """Return the elements of a DER SEQUENCE, each with its tag and length."""
    elements, start = [], _header_size(sequence)
    while start < len(sequence):
        end = start + _header_size(sequence[start:]) + _content_size(sequence[start:])
        elements.append(sequence[start:end])
        start = end
    return elements


def _header_size(value: bytes) -> int:
    return 2 + (value[1] & 0x7F if value[1] & LONG_FORM else 0)


def _content_size(value: bytes) -> int:
    return int.from_bytes(value[2 : _header_size(value)]) if value[1] & LONG_FORM else value[1]


def _pair(signed: bytes, algorithm: bytes, signature: bytes, pair: Pair) -> Pair:
    der = encode(SEQUENCE, signed + algorithm + encode(BIT_STRING, b"\0" + signature))
    return Pair(x509.load_der_x509_certificate(der), pair.key)


def _sign(issuer: Pair, digest: bytes) -> bytes:
    if not isinstance(issuer.key, ec.EllipticCurvePrivateKey):
        raise TypeError("the issuer needs an EC key")
    return issuer.key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))
