"""The certificates in a message of a handshake: there before OpenSSL judges them, or cannot read them.

Source: RFC 5246, 7.4.2 (TLS 1.2 and older), and RFC 8446, 4.4.2 (TLS 1.3).
"""

TLS_1_3 = 0x0304
HEAD = 4
"""Bytes of a message before its body: its kind and its length."""
SIZE, MORE = 3, 2
"""Bytes of the length of a certificate, and of what TLS 1.3 says further about it."""
MOST = 400
"""Certificates; in the 100 KB that OpenSSL takes no more have room, but 30,000 empty ones have."""


def certificates_in_message(message: bytes, version: int) -> tuple[bytes, ...]:
    """What a server sent, DER by its word, its own first; what is cut short ends the list."""
    body = message[HEAD:]
    if version >= TLS_1_3:
        body = body[1 + int.from_bytes(body[:1]) :]  # the context, empty in a handshake
    found: list[bytes] = []
    rest = body[SIZE:]
    while len(rest) >= SIZE and len(found) < MOST:
        end = SIZE + int.from_bytes(rest[:SIZE])
        found.append(rest[SIZE:end])
        rest = rest[end:]
        if version >= TLS_1_3:
            rest = rest[MORE + int.from_bytes(rest[:MORE]) :]
    return tuple(found)
