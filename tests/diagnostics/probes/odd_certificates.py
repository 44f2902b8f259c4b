"""Certificates that no library makes: put together from one that it made, and signed anew."""

from collections.abc import Sequence
from typing import TypeAlias

from cryptography.hazmat.primitives.serialization import Encoding

from diagnostics.clients.der import read
from diagnostics.lab.certificate_forge import changed, encode
from diagnostics.lab.certificate_maker import Pair

SEQUENCE, OCTETS, OBJECT, EXTENSIONS = 0x30, 0x04, 0x06, 0xA3
TRUE = b"\x01\x01\xff"
Link: TypeAlias = Pair | tuple[Pair, bytes]
"""A certificate with its key; beside it the bytes that are sent instead, where they are others."""


def der(link: Link) -> bytes:
    """What goes over the wire."""
    return link[1] if isinstance(link, tuple) else link.certificate.public_bytes(Encoding.DER)


def key_of(link: Link) -> Pair:
    """The certificate with its key."""
    return link[0] if isinstance(link, tuple) else link


def extension(dotted: str, content: bytes, critical: bytes = b"") -> bytes:
    """An extension, right or wrong."""
    return encode(SEQUENCE, encode(OBJECT, _arcs(dotted)) + critical + encode(OCTETS, content))


def extended(pair: Pair, issuer: Pair, *more: bytes, without: str = "") -> Link:
    """The certificate with more extensions, and without one."""

    def change(fields: list[bytes]) -> list[bytes]:
        own = read(read(fields[-1])[0].content)[0].items()
        kept = [one.raw for one in own if not without or one.items()[0].content != _arcs(without)]
        return [*fields[:-1], encode(EXTENSIONS, encode(SEQUENCE, b"".join((*kept, *more))))]

    return pair, changed(pair, issuer, change)


def replaced(pair: Pair, issuer: Pair, place: int, field: bytes) -> Link:
    """The certificate with another field in its place, counted from the version."""
    return pair, changed(pair, issuer, lambda fields: [*fields[:place], field, *fields[place + 1 :]])


def unversioned(pair: Pair, issuer: Pair) -> Link:
    """The certificate as the first version of X.509 has it, without extensions."""
    return pair, changed(pair, issuer, lambda fields: fields[1:-1])


def tampered(pair: Pair) -> Link:
    """The certificate with one bit of its signature changed."""
    own = der(pair)
    return pair, own[:-1] + bytes([own[-1] ^ 1])


def handshake_with(chain: Sequence[bytes]) -> bytes:
    """What a server of TLS 1.2 answers as far as its certificates: nobody has to load them for that."""
    hello = b"\x03\x03" + bytes(32) + b"\0\xc0\x2b\0" + b"\0\x09\xff\x01\0\x01\0\0\x17\0\0"
    listed = b"".join(len(one).to_bytes(3) + one for one in chain)
    body = _message(2, hello) + _message(11, len(listed).to_bytes(3) + listed)
    return b"\x16\x03\x03" + len(body).to_bytes(2) + body


def _message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + len(body).to_bytes(3) + body


def _arcs(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    found = b""
    for arc in (first * 40 + second, *rest):
        digits = bytes([arc & 0x7F])
        while arc := arc >> 7:
            digits = bytes([0x80 | arc & 0x7F]) + digits
        found += digits
    return found
