"""Handshake messages: certificates in a Certificate message, and a ClientHello that offers every curve.

The ClientHello, of TLS 1.2, is needed to see the certificate of a rare key: a server whose key lies on a
curve that the client does not offer ends the handshake before it sends its certificate, and Python's `ssl`
cannot offer rare curves beside the usual ones.
Source: RFC 5246, 7.4; RFC 8446, 4.4.2; RFC 8422, 5; IANA, Transport Layer Security (TLS) Parameters.
"""

import ipaddress
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from socket import socket
from typing import Final

from diagnostics.engine.deadline import Deadline
from diagnostics.errors import OutOfTime

TLS_1_2: Final = 0x0303
TLS_1_3 = 0x0304
HEADER_BYTES = 4
"""Bytes of a handshake message before its body: type and length."""
LENGTH_BYTES, EXTENSIONS_LENGTH_BYTES = 3, 2
"""Bytes of the length of a certificate, and of the length of its extensions in TLS 1.3."""
MAX_CERTIFICATES = 400
"""Certificates that are kept; no more fit into the 100 KB that OpenSSL accepts, but 30,000 empty ones do."""
HANDSHAKE: Final = 22
CLIENT_HELLO, CERTIFICATE = 1, 11
ECDHE_ECDSA = (0xC02B, 0xC02C, 0xCCA9, 0xC023, 0xC024, 0xC009, 0xC00A)
DHE_DSS = (0x00A2, 0x00A3, 0x0040, 0x006A, 0x0032, 0x0038, 0x0013)
CURVES = (23, 24, 25, 29, 30, *range(1, 23), 26, 27, 28)
"""Every named curve, the usual ones first, which the key exchange then uses."""
SIGNATURES = tuple(digest << 8 | key for digest in (4, 5, 6, 3, 2) for key in (3, 2, 1))
"""SHA-256, SHA-384, SHA-512, SHA-224 and SHA-1, each with ECDSA, DSA and RSA."""
SERVER_NAME, SUPPORTED_GROUPS, POINT_FORMATS, SIGNATURE_ALGORITHMS, ALPN = 0, 10, 11, 13, 16
RECORD_HEADER = 5
CHUNK, MAX_RECEIVED = 16384, 400_000


def certificates_in_message(message: bytes, version: int) -> tuple[bytes, ...]:
    """Return the entries of a Certificate message in order; a truncated one ends the list."""
    body = message[HEADER_BYTES:]
    if version >= TLS_1_3:
        body = body[1 + int.from_bytes(body[:1]) :]  # the request context, empty in a handshake
    certificates: list[bytes] = []
    rest = body[LENGTH_BYTES:]
    while len(rest) >= LENGTH_BYTES and len(certificates) < MAX_CERTIFICATES:
        end = LENGTH_BYTES + int.from_bytes(rest[:LENGTH_BYTES])
        certificates.append(rest[LENGTH_BYTES:end])
        rest = rest[end:]
        if version >= TLS_1_3:
            rest = rest[EXTENSIONS_LENGTH_BYTES + int.from_bytes(rest[:EXTENSIONS_LENGTH_BYTES]) :]
    return tuple(certificates)


def client_hello(name: str, protocol: str = "") -> bytes:
    """Return a record with a ClientHello. An empty name or application protocol is not sent."""
    extensions = [
        (SUPPORTED_GROUPS, _vector(2, _numbers(CURVES))),
        (POINT_FORMATS, _vector(1, b"\0")),
        (SIGNATURE_ALGORITHMS, _vector(2, _numbers(SIGNATURES))),
    ]
    if name and not _is_address(name):
        host = b"\0" + _vector(2, name.encode("idna"))
        extensions.append((SERVER_NAME, _vector(2, host)))
    if protocol:
        extensions.append((ALPN, _vector(2, _vector(1, protocol.encode("ascii")))))
    encoded = b"".join(number.to_bytes(2) + _vector(2, content) for number, content in extensions)
    version, random, session, compression = _numbers([TLS_1_2]), os.urandom(32), b"\0", b"\1\0"
    suites = _vector(2, _numbers((*ECDHE_ECDSA, *DHE_DSS)))
    hello = version + random + session + suites + compression + _vector(2, encoded)
    message = bytes([CLIENT_HELLO]) + _vector(3, hello)
    return bytes([HANDSHAKE]) + b"\x03\x01" + _vector(2, message)


def request_certificates(sock: socket, hello: bytes, deadline: Deadline) -> tuple[bytes, ...]:
    """Send a ClientHello; return the certificates in the answer, none if the server ends the handshake."""
    received = b""
    with suppress(OSError, OutOfTime):
        sock.settimeout(deadline.within(deadline.seconds))
        sock.sendall(hello)
        while len(received) < MAX_RECEIVED and not certificates_in_records(received):
            sock.settimeout(deadline.within(deadline.seconds))
            data = sock.recv(CHUNK)
            received += data
            if not data or received[0] != HANDSHAKE:  # the end, or an alert
                break
    return certificates_in_records(received)


def certificates_in_records(data: bytes) -> tuple[bytes, ...]:
    """Return the certificates of the first complete Certificate message; none if there is none yet."""
    messages = b"".join(_handshake_records(data))
    while len(messages) >= HEADER_BYTES:
        end = HEADER_BYTES + int.from_bytes(messages[1:HEADER_BYTES])
        if messages[0] == CERTIFICATE and len(messages) >= end:
            return certificates_in_message(messages[:end], TLS_1_2)
        messages = messages[end:]
    return ()


def _handshake_records(data: bytes) -> Iterator[bytes]:
    """Yield the contents of the leading handshake records; an alert ends them."""
    while len(data) >= RECORD_HEADER and data[0] == HANDSHAKE:
        end = RECORD_HEADER + int.from_bytes(data[3:RECORD_HEADER])
        yield data[RECORD_HEADER:end]
        data = data[end:]


def _vector(size: int, content: bytes) -> bytes:
    """Return the content after its length, a number of `size` bytes."""
    return len(content).to_bytes(size) + content


def _numbers(values: Sequence[int]) -> bytes:
    return b"".join(value.to_bytes(2) for value in values)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
