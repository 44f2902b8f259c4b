"""Fuzzer of certificates and revocation lists: fields, or `Unreadable`.

Usage: python -m tests.tools.fuzz_der --seconds 60 --seed 1
"""

import random
import sys
from datetime import UTC, datetime
from functools import cache
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from diagnostics.clients.certificates.certificate import Certificate, parse
from diagnostics.clients.certificates.chain import build_chain
from diagnostics.clients.certificates.der import Unreadable
from diagnostics.clients.certificates.host_names import covers, covers_for_libpq
from diagnostics.clients.certificates.revocation_list import parse_list
from diagnostics.clients.tls.certificate_rules import FAULT_DETAILS, find_faults, strict_error
from diagnostics.lab.certificates.builder import authority, leaf
from tests.support.fuzzing import main, mutated

NOW: Final = datetime(2027, 1, 1, tzinfo=UTC)
TAGS: Final = (
    0x01,
    0x02,
    0x03,
    0x04,
    0x05,
    0x06,
    0x0C,
    0x13,
    0x17,
    0x18,
    0x1E,
    0x30,
    0x31,
    0x80,
    0x82,
    0xA0,
    0xA3,
    0x86,
)


def encoded(tag: int, content: bytes) -> bytes:
    """Return a value in DER."""
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 128 + len(length)]) + length + content


WORDS: Final = (
    encoded(6, b"\x2a" + b"\xff" * 3000 + b"\x01"), encoded(6, b"\xff" * 90_000 + b"\x01"),
    encoded(2, b"\x7f" * 3000),
    encoded(0x30, b""), encoded(0x30, encoded(5, b"") * 30_000), encoded(0x17, b"999999999999Z"),
    encoded(0x18, b"00000000000000Z"), encoded(2, b""), b"\x30\x80", b"\x30\x84\xff\xff\xff\xff",
    b"\x1f\x81", b"\x00\x00",
)  # fmt: skip
"""Pieces that mutations insert."""


@cache
def samples() -> tuple[bytes, ...]:
    """Return certificates of the lab, and a revocation list."""
    root = authority("Fuzz Root")
    pairs = (root, leaf(root))
    revoked = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root.certificate.subject)
        .last_update(NOW)
        .next_update(NOW)
        .sign(root.key, hashes.SHA256())
    )
    own = tuple(pair.certificate.public_bytes(serialization.Encoding.DER) for pair in pairs)
    return (*own, revoked.public_bytes(serialization.Encoding.DER))


def _tree(source: random.Random, depth: int = 0) -> bytes:
    if depth > 6 or source.random() < 0.3:
        return encoded(source.choice(TAGS), source.randbytes(source.choice((0, 1, 3, 13, 15, 300))))
    children = b"".join(_tree(source, depth + 1) for _ in range(source.randint(0, 4)))
    return encoded(source.choice((0x30, 0x31, 0xA0, 0xA3, 0x04)), children)


@cache
def _nested(depth: int, tag: int) -> bytes:
    data = b""
    for _ in range(depth):
        data = encoded(tag, data)
    return data


def _any_nested(source: random.Random) -> bytes:
    return _nested(source.choice((10, 900, 5000)), source.choice((0x30, 0xA0)))


def attempt(source: random.Random) -> None:
    """Parse mutated certificates and lists, and judge what can be read."""
    kind = source.random()
    if kind < 0.1:
        data = _any_nested(source)
    elif kind < 0.3:
        data = _tree(source)
    else:
        data = _repaired(mutated(source.choice(samples()), source, (*WORDS, _any_nested(source))))
    for parser in (parse, parse_list):
        try:
            read = parser(data)
        except Unreadable:
            continue
        if isinstance(read, Certificate):
            _judge(read)
        else:
            _ = str(read.issuer), read.next_update


def _repaired(data: bytes) -> bytes:
    """Return the data with the length of the outermost value, so that a mutation reaches further fields."""
    return encoded(0x30, data[4:]) if data[:2] == b"\x30\x82" else data


def _judge(certificate: Certificate) -> None:
    chain = build_chain([certificate.der, samples()[0]], [parse(samples()[0])], NOW)
    for _, subject, text in find_faults(chain, NOW):
        _ = str(subject), text
    for detail in FAULT_DETAILS.values():
        detail(53, certificate, chain)
    strict_error(chain.path)
    covers(certificate.names, "db.internal")
    covers_for_libpq(certificate, "10.0.0.1")
    _ = certificate.fingerprint, str(certificate.key), str(certificate.subject), str(certificate.extensions)


if __name__ == "__main__":
    sys.exit(main("fuzz_der", attempt))
