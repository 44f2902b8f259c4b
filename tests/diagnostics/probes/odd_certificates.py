"""Malformed certificates that no library creates: a valid one with changed fields, signed again."""

from collections.abc import Sequence
from typing import TypeAlias

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from diagnostics.clients.certificates.der import read
from diagnostics.lab.certificates.builder import Pair
from diagnostics.lab.certificates.malformed import changed, encode

SEQUENCE, BITS, OCTETS, OBJECT, EXTENSIONS = 0x30, 0x03, 0x04, 0x06, 0xA3
P = 2**256 - 2**224 + 2**192 + 2**96 - 1
B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
GX = 0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296
GY = 0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The curve P-256. Source: NIST SP 800-186, 3.2.1.3."""
TRUE = b"\x01\x01\xff"
Link: TypeAlias = Pair | tuple[Pair, bytes]
"""Certificate and key; with bytes if others than the certificate are sent."""


def der(link: Link) -> bytes:
    """Return the bytes that a server sends."""
    return link[1] if isinstance(link, tuple) else link.certificate.public_bytes(Encoding.DER)


def key_of(link: Link) -> Pair:
    """Return the certificate with its key."""
    return link[0] if isinstance(link, tuple) else link


def extension(dotted: str, content: bytes, critical: bytes = b"") -> bytes:
    """Encode an extension, valid or not."""
    return encode(SEQUENCE, encode(OBJECT, _arcs(dotted)) + critical + encode(OCTETS, content))


def extended(pair: Pair, issuer: Pair, *more: bytes, without: str = "") -> Link:
    """Add extensions to a certificate, and remove one."""

    def change(fields: list[bytes]) -> list[bytes]:
        own = read(read(fields[-1])[0].content)[0].items()
        kept = [value.raw for value in own if not without or value.items()[0].content != _arcs(without)]
        return [*fields[:-1], encode(EXTENSIONS, encode(SEQUENCE, b"".join((*kept, *more))))]

    return pair, changed(pair, issuer, change)


def replaced(pair: Pair, issuer: Pair, place: int, field: bytes) -> Link:
    """Replace a field of a certificate, counted from the version."""
    return pair, changed(pair, issuer, lambda fields: [*fields[:place], field, *fields[place + 1 :]])


def unversioned(pair: Pair, issuer: Pair) -> Link:
    """Make the certificate one of X.509 version 1, without extensions."""
    return pair, changed(pair, issuer, lambda fields: fields[1:-1])


def with_explicit_curve(pair: Pair, issuer: Pair) -> Link:
    """Write the curve parameters of P-256 out instead of naming the curve. Source: RFC 3279, 2.3.5."""
    field = encode(SEQUENCE, encode(OBJECT, _arcs("1.2.840.10045.1.1")) + _number(P))
    curve = encode(SEQUENCE, encode(OCTETS, (P - 3).to_bytes(32)) + encode(OCTETS, B.to_bytes(32)))
    base = encode(OCTETS, b"\x04" + GX.to_bytes(32) + GY.to_bytes(32))
    written = encode(SEQUENCE, b"".join((_number(1), field, curve, base, _number(ORDER), _number(1))))
    kind = encode(SEQUENCE, encode(OBJECT, _arcs("1.2.840.10045.2.1")) + written)
    point = pair.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return replaced(pair, issuer, 6, encode(SEQUENCE, kind + encode(BITS, b"\0" + point)))


def handshake_with(chain: Sequence[bytes]) -> bytes:
    """Encode the messages of a TLS 1.2 server up to its certificates, which no library has to load."""
    hello = b"\x03\x03" + bytes(32) + b"\0\xc0\x2b\0" + b"\0\x09\xff\x01\0\x01\0\0\x17\0\0"
    listed = b"".join(len(entry).to_bytes(3) + entry for entry in chain)
    body = _message(2, hello) + _message(11, len(listed).to_bytes(3) + listed)
    return b"\x16\x03\x03" + len(body).to_bytes(2) + body


def _message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3) + body


def _number(value: int) -> bytes:
    return encode(0x02, value.to_bytes(value.bit_length() // 8 + 1))


def _arcs(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    found = b""
    for arc in (first * 40 + second, *rest):
        digits = bytes([arc & 0x7F])
        while arc := arc >> 7:
            digits = bytes([0x80 | arc & 0x7F]) + digits
        found += digits
    return found
