"""Text of a server, in whichever encoding it comes."""


def decode(data: bytes) -> str:
    """Decode a server's text, line by line: as UTF-8, else as Windows-1252, a superset of LATIN1.

    Before a login the server does not know the client's encoding, and sends messages in its own. Never fails;
    a byte that is unassigned becomes U+FFFD.
    """
    return "\n".join(map(_decode_line, data.split(b"\n")))


def _decode_line(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", "replace")
