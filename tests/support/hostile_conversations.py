"""Seeded servers that speak PostgreSQL, HTTP or TLS nearly right, and attack at a random place."""

import json
import random
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

from diagnostics.lab.servers.listener import Listener, reset
from tests.support.scram_server import MECHANISMS, SALT, exactly, message, request, server_context

TEXTS = (
    b'password authentication failed for user "app"', "Passwort für »app« falsch".encode("latin-1"),
    "пароль не подходит".encode("koi8-r"), "パスワード".encode("shift_jis"), "\x1b[31m\u202e**x**".encode(),
    b"\xff\xfe" + "utf-16".encode("utf-16-le"), b"", b"\x80\x81\x8d", b"%s%n{0}" * 30, b"x" * 29_000,
)  # fmt: skip
STATES = (
    b"28P01",
    b"28000",
    b"3D000",
    b"53300",
    b"57P03",
    b"08P01",
    b"XX000",
    b"0A000",
    b"",
    b"ABCDEFG",
    b"\xe4\xf6",
)
NUMBERS = (
    b"4096",
    b"1",
    b"0",
    b"-1",
    b"10000",
    b"1000001",
    b"3000000",
    b"2147483647",
    b"4294967297",
    b"x",
    b"",
)
ENCODINGS = (b"UTF8", b"LATIN1", b"SQL_ASCII", b"EUC_JP", b"WIN1252", b"nonsense", b"", b"\xff", b"utf-16")
TYPES = (16, 17, 20, 21, 23, 25, 114, 700, 701, 1007, 1082, 1114, 1184, 1186, 1700, 2205, 3802, 0, 99999)
VALUES = (
    b"t", b"f", b"1", b"-1", b"0", b"on", b"off", b"", b"NaN", b"infinity", b"9" * 5000, b"1e999",
    b"{1,2}", b"{{{{", b"2026-11-30 01:02:03+00", b"99999-99-99", b"\\xzz", b"[1,",
    b'{"Plan": []}', b"\xff\xfe", b"15.0", b"1 day", b"null",
)  # fmt: skip


class HostileServer(Listener):
    """Server of one kind of conversation; number and seed of a connection reproduce it."""

    def __init__(self, kind: str, seed: int, folder: Path) -> None:
        super().__init__()
        self._speak = KINDS[kind]
        self._seed, self._folder = seed, folder
        self._count = 0
        self._counting = threading.Lock()

    def handle(self, client: socket.socket) -> None:
        """Serve one connection; the client may leave at any time."""
        with self._counting:
            self._count += 1
            number = self._count
        client.settimeout(10)
        differs = random.Random(self._seed).random() < 0.5  # noqa: S311  seeded on purpose
        rng = random.Random(f"{self._seed} {number if differs else 1}")  # noqa: S311  as above
        wire = Wire(client, rng, self.ending)
        with suppress(OSError, ValueError, IndexError, struct.error):
            self._speak(wire, self._folder)
        wire.close()


class Wire:
    """Connection whose sent bytes are altered, cut, delayed or repeated at random."""

    def __init__(self, client: socket.socket, rng: random.Random, ending: threading.Event) -> None:
        self.client, self.rng, self.ending = client, rng, ending
        self._attacks = rng.random() < 0.5

    def send(self, data: bytes) -> None:
        """Send data, perhaps altered."""
        rng = self.rng
        if self._attacks and rng.random() < 0.2:
            data = mutated(data, rng)
        if rng.random() < 0.1:
            for begin in range(0, min(len(data), 200), 7):
                self.client.sendall(data[begin : begin + 7])
                self.ending.wait(0.001)
            data = data[((min(len(data), 200) + 6) // 7) * 7 :]
        self.client.sendall(data)

    def attack(self) -> bool:
        """End the conversation in a bad way at times; return True if it did."""
        if self.rng.random() > 0.06:
            return False
        choice = self.rng.randrange(6)
        if choice == 0:
            reset(self.client)
        elif choice == 1:
            self.client.shutdown(socket.SHUT_WR)
        elif choice == 2:
            self.wait()
        elif choice == 3:
            self.flood(self.rng.randbytes(self.rng.randrange(1, 4000)))
        elif choice == 4:
            self.client.sendall(self.rng.randbytes(self.rng.randrange(1, 4000)))
        else:
            self.drip(b"x")
        return True

    def wait(self) -> None:
        """Read and answer nothing."""
        while self.client.recv(65536):
            continue

    def flood(self, piece: bytes) -> None:
        """Send without end."""
        while not self.ending.is_set():
            self.client.sendall(piece)

    def drip(self, piece: bytes) -> None:
        """Send slowly without end."""
        while not self.ending.wait(0.02):
            self.client.sendall(piece)

    def close(self) -> None:
        """Close the connection, TLS included."""
        with suppress(OSError):
            self.client.close()


def mutated(data: bytes, rng: random.Random) -> bytes:
    """Return data with bits flipped, parts cut, repeated, inserted, or a length exaggerated."""
    place = rng.randrange(len(data) + 1)
    match rng.randrange(6):
        case 0:
            changed = bytearray(data or b"x")
            for _ in range(rng.randrange(1, 9)):
                changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
            return bytes(changed)
        case 1:
            return data[:place]
        case 2:
            return data[:place] + data[place // 2 :]
        case 3:
            return data[:place] + rng.randbytes(rng.randrange(1, 50)) + data[place:]
        case 4:
            return (
                data[:1]
                + rng.choice((b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff", b"\0\0\0\0", b"\0\0\0\3"))
                + data[5:]
            )
        case _:
            return data[:place] + bytes(rng.randrange(1, 300)) + data[place:]


# PostgreSQL


def postgres(wire: Wire, folder: Path) -> None:
    """Serve one session: startup, authentication, and answers to queries."""
    rng = wire.rng
    while True:
        if wire.attack():
            return
        (length,) = struct.unpack("!I", exactly(wire.client, 4))
        packet = exactly(wire.client, min(max(length - 4, 0), 10_000))
        if len(packet) > 4:
            break
        answer = rng.choice((b"N", b"N", b"N", b"S", b"S", b"E", b"X", b"SS", message(b"E", error(rng))))
        wire.send(answer)
        if answer == b"S":
            wire.client = _context(folder).wrap_socket(wire.client, server_side=True)
    if wire.attack() or not _authenticate(wire):
        return
    for name, values in (
        (b"client_encoding", ENCODINGS),
        (b"DateStyle", (b"ISO, MDY", b"German", b"")),
        (b"x", TEXTS),
    ):
        if rng.random() < 0.9:
            usual = values[0] if rng.random() < 0.7 else rng.choice(values)
            wire.send(message(b"S", name + b"\0" + usual + b"\0"))
    wire.send(message(b"K", rng.randbytes(8)))
    wire.send(message(b"Z", b"I"))
    while not wire.attack() and exactly(wire.client, 1):
        (length,) = struct.unpack("!I", exactly(wire.client, 4))
        exactly(wire.client, min(length - 4, 100_000))
        for part in _query_answer(rng):
            wire.send(part)


def _authenticate(wire: Wire) -> bool:
    rng, method = wire.rng, wire.rng.choice((0, 0, 0, 3, 5, 10, 10, 10, 7, 9, 8, 11, 12, 77))
    if method == 10:
        lists = (
            MECHANISMS,
            b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0",
            b"OAUTHBEARER\0\0",
            b"\0",
            b"",
            b"X" * 1500 + b"\0\0",
        )
        wire.send(request(10, MECHANISMS if rng.random() < 0.7 else rng.choice(lists)))
        nonce = _message(wire).partition(b"r=")[2]
        wire.send(request(11, b"r=" + nonce + b"x,s=" + SALT + b",i=" + rng.choice(NUMBERS)))
        _message(wire)
        if rng.random() < 0.3:
            wire.send(request(12, b"v=" + rng.randbytes(20)))
    elif method:
        wire.send(request(method, rng.randbytes(rng.choice((0, 4, 4, 16)))))
        _message(wire)
    if rng.random() < 0.4:
        wire.send(message(b"E", error(rng)))
        return False
    wire.send(request(0))
    return True


def _message(wire: Wire) -> bytes:
    exactly(wire.client, 1)
    (length,) = struct.unpack("!I", exactly(wire.client, 4))
    return exactly(wire.client, min(max(length - 4, 0), 10_000))


def error(rng: random.Random) -> bytes:
    """Return the payload of an ErrorResponse, with texts of any encoding."""
    routine = rng.choice((b"auth_failed", b"InitPostgres", b"", b"\xff"))
    fields = {
        b"S": b"FATAL",
        b"V": b"FATAL",
        b"C": rng.choice(STATES),
        b"M": rng.choice(TEXTS),
        b"R": routine,
    }
    return b"".join(key + value + b"\0" for key, value in fields.items() if rng.random() < 0.95) + b"\0"


def _query_answer(rng: random.Random) -> Iterator[bytes]:
    choice = rng.randrange(12)
    if choice == 0:
        yield message(b"E", error(rng))
    elif choice == 1:
        yield message(rng.choice((b"G", b"H", b"W")), b"\0\0\0")
    elif choice == 2:
        yield message(b"N", error(rng)) * rng.randrange(1, 200)
    elif choice == 3:
        yield message(b"A", rng.randbytes(4) + b"channel\0payload\0") + message(b"C", b"SET\0")
    else:
        yield from _rows(rng)
    yield message(b"Z", rng.choice((b"I", b"I", b"I", b"T", b"E", b"?")))


def _rows(rng: random.Random) -> Iterator[bytes]:
    if rng.random() < 0.4:  # the answer to the first statement, so that a session begins
        types, rows = [23, 16, 25], [[rng.choice((b"7", b"1")), b"f", b"off"]]
    else:
        types = [rng.choice(TYPES) for _ in range(rng.choice((0, 1, 1, 2, 3, 5, 9)))]
        rows = [[rng.choice(VALUES) for _ in types] for _ in range(rng.choice((0, 1, 1, 3, 50)))]
    columns = b"".join(
        b"c%d\0" % n + struct.pack("!IhIhih", 0, 0, kind, -1, -1, 0) for n, kind in enumerate(types)
    )
    if rng.random() < 0.3:
        yield message(b"C", b"SET\0")
    yield message(b"T", struct.pack("!H", len(types)) + columns)
    for row in rows:
        cells = row if rng.random() < 0.95 else row[1:]
        data = b"".join(
            struct.pack("!i", -1) if rng.random() < 0.1 else struct.pack("!i", len(cell)) + cell
            for cell in cells
        )
        yield message(b"D", struct.pack("!H", len(cells)) + data)
    yield message(b"C", b"SELECT %d\0" % len(rows))


# HTTP

HEADERS = (
    ("Content-Type", ("application/json", "text/html", "", "application/json; charset=x", "\xff")),
    ("Content-Length", ("0", "5", "-5", "9" * 400, "x", "1e3")),
    ("Transfer-Encoding", ("chunked", "gzip, chunked", "x")),
    ("Content-Encoding", ("gzip", "deflate", "br", "x")),
    ("Set-Cookie", ("a=b", "a=b; Max-Age=" + "9" * 400, "=;;;", "a=b; Expires=Sun, 99 Foo 99999")),
    ("Location", ("/", "http://u:p@127.0.0.1:1/", "http://[::1", "//", "javascript:x", "\x00")),
    ("Date", ("Mon, 30 Nov 2026 01:02:03 GMT", "yesterday", "9" * 50, "Sun, 99 Foo 99999 99:99:99 GMT")),
    ("RateLimit-Limit", ("100", "-1", "1e999", "x", "9" * 5000)),
    ("RateLimit-Remaining", ("0", "-1", "50", "NaN")),
    ("X-RateLimit-Reset", ("0", "99999999999999999999", "-1", "x")),
    ("Retry-After", ("1", "-1", "9" * 4000, "Mon, 30 Nov 2026 01:02:03 GMT")),
    ("WWW-Authenticate", ("Bearer", 'Bearer error="invalid_token"', 'Basic realm="x', "," * 900)),
    ("Server", ("nginx", "\x1b[31m", "gunicorn")),
    ("Connection", ("close", "keep-alive", "upgrade")),
)  # fmt: skip
STATUSES = (
    "200 OK",
    "200 OK",
    "401 Unauthorized",
    "403 Forbidden",
    "404 x",
    "429 x",
    "500 x",
    "503 x",
    "302 x",
    "999 x",
)
BODIES = (
    b"{}", b"[]", b"null", b"1", b'"x"', b"[" * 20_000, b'{"a":' * 20_000, b"9" * 20_000, b"\xff",
    b'{"x": "\\ud800"}', b"<html>", b"", b"OK",
    b'{"scopes": 1, "key": [], "environment": {"a": 1}, "expires_at": 1e400}',
    b'{"key": {"expires_at": "9999999-01-01", "scopes": null}, "error": {"type": []}}', b'{"status": "ok"}',
)  # fmt: skip


def http(wire: Wire, _: Path) -> None:
    """Answer requests until the client leaves."""
    rng = wire.rng
    while True:
        data = b""
        while b"\r\n\r\n" not in data and len(data) < 100_000:
            piece = wire.client.recv(65536)
            if not piece:
                return
            data += piece
        if wire.attack():
            return
        wire.send(_http_answer(rng))


def _http_answer(rng: random.Random) -> bytes:
    names = rng.sample(HEADERS, rng.randrange(0, 6))
    body = rng.choice(BODIES)
    if rng.random() < 0.2:
        body = json.dumps({"a": rng.random(), "b": [None, {"c": "x" * rng.randrange(500)}]}).encode()
    lines = [f"{name}: {rng.choice(values)}" for name, values in names]
    if rng.random() < 0.5 and not any(name == "Transfer-Encoding" for name, _ in names):
        lines.append(f"Content-Length: {len(body)}")
    if "Transfer-Encoding: chunked" in lines:
        size = rng.choice(
            (
                b"%x" % len(body),
                b"-5",
                b"+5",
                b"0x5",
                b"",
                b"f" * 300,
                b"ffffffffffffffff",
                b"5;" + b"x" * 500,
            )
        )
        body = size + b"\r\n" + body + b"\r\n0\r\n" + rng.choice((b"\r\n", b"", b"X: 1\r\n" * 300 + b"\r\n"))
    version = rng.choice(("HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/9.9", "ICY", ""))
    text = "\r\n".join([f"{version} {rng.choice(STATUSES)}", *lines, "", ""])
    return text.encode("latin-1", "replace") + body


# TLS


def tls(wire: Wire, folder: Path) -> None:
    """Do a handshake whose bytes are altered at random, or send records of no handshake."""
    if wire.rng.random() < 0.3:
        _records(wire)
        return
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    peer = _context(folder).wrap_bio(incoming, outgoing, server_side=True)
    done = False
    while not wire.attack():
        with suppress(ssl.SSLWantReadError):
            if done:
                peer.read(65536)
                peer.write(_http_answer(wire.rng))
            else:
                peer.do_handshake()
                done = True
        if outgoing.pending:
            wire.send(outgoing.read())
        data = wire.client.recv(65536)
        if not data:
            return
        incoming.write(data)


def _records(wire: Wire) -> None:
    rng = wire.rng
    wire.client.recv(65536)
    for _ in range(rng.randrange(1, 30)):
        kind, version = rng.choice((20, 21, 22, 23, 24, 0, 255)), rng.choice((0x301, 0x303, 0x304, 0))
        body = rng.randbytes(rng.choice((0, 1, 2, 40, 300, 16_000)))
        wire.send(struct.pack("!BHH", kind, version, rng.choice((len(body), len(body), 0xFFFF, 0))) + body)
    if not wire.attack():
        wire.wait()


@cache
def _context(folder: Path) -> ssl.SSLContext:
    return server_context(folder)


def postgres_tls(wire: Wire, folder: Path) -> None:
    """Accept SSLRequest, then attack in TLS."""
    exactly(wire.client, 8)
    wire.client.sendall(b"S")
    tls(wire, folder)


KINDS: dict[str, Callable[[Wire, Path], None]] = {
    "postgres": postgres, "http": http, "tls": tls, "postgres_tls": postgres_tls,
}  # fmt: skip
