"""One TLS handshake as far as it comes, with all that it tells: bounded in time and in bytes.

It runs on memory buffers, so that the first bytes of a server that speaks no TLS are seen, and a server
that drips cannot stretch the deadline. Source: RFC 8446 (TLS 1.3), Python's `ssl.SSLObject`.
"""

import re
import ssl
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from socket import socket
from typing import Any

from diagnostics.engine.deadline import Deadline
from diagnostics.errors import OutOfTime

CHUNK = 16384
MAX_RECEIVED = 400_000
"""Bytes of a server before it counts as endless; OpenSSL takes a chain of 100 KB."""
FIRST = 64
CERTIFICATE, CERTIFICATE_REQUEST = "CERTIFICATE", "CERTIFICATE_REQUEST"
LINGER_S = 1.0
"""Seconds in which a server that asked for a certificate says that it wanted one."""
PLACE = re.compile(r"^\[\w+\]|\(_ssl\.c:\d+\)")
"""Where in a library or in Python's source an error was made: nothing that a reader needs."""


@dataclass(slots=True)
class Handshake:
    """How far it came. `error` is empty where it was completed."""

    host: str = ""
    """The name that was asked for; empty where there was an address only."""
    error: str = ""
    """OpenSSL's reason in capitals, `closed`, `silent` or `endless`."""
    code: int = 0
    """Verify code where the certificate was refused, else 0."""
    message: str = ""
    """The code in OpenSSL's words."""
    version: str = ""
    cipher: str = ""
    sent: tuple[bytes, ...] = ()
    """The server's certificates as it sent them, DER; also where the handshake ended with them."""
    verified: tuple[bytes, ...] = ()
    """The path to a trusted authority; empty where nothing was verified."""
    asked: bool = False
    """Whether the server asked for a certificate of the client."""
    alert: str = ""
    """What the server said after a complete handshake instead of going on."""
    first: bytes = b""
    """The first bytes of the server."""
    said: bytes = field(default=b"", repr=False)
    """The answer to what was sent after the handshake."""


@dataclass(slots=True)
class Talk:
    """A connected socket under one deadline; `shake` first, then perhaps `ask`."""

    sock: socket
    deadline: Deadline
    result: Handshake = field(default_factory=Handshake)
    _incoming: ssl.MemoryBIO = field(default_factory=ssl.MemoryBIO)
    _outgoing: ssl.MemoryBIO = field(default_factory=ssl.MemoryBIO)
    _received: int = 0

    def handshake(self, context: ssl.SSLContext, name: str) -> Handshake:
        """Do the handshake, and wait for the verdict of a server that asked for a certificate."""
        result = self.result
        result.host = name
        _watch(context, result)
        tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name or None)
        try:
            self._drive(tls.do_handshake)
            self._keep(tls)
            if result.asked:
                self._linger(tls)
        except ssl.SSLCertVerificationError as refused:
            result.code, result.message = refused.verify_code, refused.verify_message
            result.error = "CERTIFICATE_VERIFY_FAILED"
        except ssl.SSLError as error:
            result.error = _reason(error)
        except OutOfTime:
            result.error = "silent"
        except OSError as error:
            result.error = "silent" if isinstance(error, TimeoutError) else "closed"
        finally:
            with suppress(OSError, OutOfTime):
                self._flush()  # the alert that says why we leave
        return result

    def ask(self, context: ssl.SSLContext, name: str, request: bytes) -> Handshake:
        """Do the handshake, send a request and keep the beginning of the answer."""
        result = self.result
        tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name or None)
        try:
            self._drive(tls.do_handshake)
            self._drive(lambda: tls.write(request))
            result.said = self._drive(lambda: tls.read(CHUNK))
        except (OSError, OutOfTime) as error:
            result.error = type(error).__name__
        return result

    def _drive(self, step: Callable[[], Any]) -> Any:
        """Repeat one step of TLS until it has all that it waits for."""
        while True:
            try:
                done = step()
            except ssl.SSLWantReadError:
                self._flush()
                self._receive()
                continue
            self._flush()
            return done

    def _flush(self) -> None:
        if self._outgoing.pending:
            self.sock.settimeout(self.deadline.within(self.deadline.seconds))
            self.sock.sendall(self._outgoing.read())

    def _receive(self) -> None:
        self.sock.settimeout(self.deadline.within(self.deadline.seconds))
        data = self.sock.recv(CHUNK)
        if not data:
            raise ConnectionResetError("end of stream")
        self._received += len(data)
        if self._received > MAX_RECEIVED:
            raise ConnectionResetError("no end")
        if len(self.result.first) < FIRST:
            self.result.first += data[:FIRST]
        self._incoming.write(data)

    def _keep(self, tls: ssl.SSLObject) -> None:
        cipher = tls.cipher()
        self.result.version, self.result.cipher = str(tls.version()), cipher[0] if cipher else ""
        if tls.context.verify_mode != ssl.CERT_NONE:
            self.result.verified = verified_chain(tls)

    def _linger(self, tls: ssl.SSLObject) -> None:
        """With TLS 1.3 the server judges our certificate after our part of the handshake is done."""
        before = self.deadline
        self.deadline = Deadline(min(LINGER_S, before.left))
        try:
            self._drive(lambda: tls.read(1))
        except ssl.SSLError as error:
            self.result.alert = _reason(error)
        except (TimeoutError, OutOfTime):
            return
        except OSError:
            self.result.alert = "closed"
        finally:
            self.deadline = before


def verified_chain(tls: ssl.SSLObject) -> tuple[bytes, ...]:
    """The path to a trusted authority as DER. Its method is public from Python 3.13 on, private before."""
    if sys.version_info >= (3, 13):
        return tuple(tls.get_verified_chain())
    found = tls._sslobj.get_verified_chain() or ()  # type: ignore[attr-defined]  # noqa: SLF001  see above
    return tuple(ssl.PEM_cert_to_DER_cert(one.public_bytes()) for one in found)


def _watch(context: ssl.SSLContext, result: Handshake) -> None:
    """Note what the server sends and asks for; nothing else says so before it is too late."""

    def note(
        _connection: object, direction: str, version: int, _kind: object, message: Any, data: bytes
    ) -> None:
        name = getattr(message, "name", "") if direction == "read" else ""
        if name == CERTIFICATE_REQUEST:
            result.asked = True
        elif name == CERTIFICATE:
            result.sent = certificates_in_message(data, version)

    context._msg_callback = note  # type: ignore[attr-defined]  # noqa: SLF001  Python has no public way


def _reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLEOFError):
        return "closed"
    said = error.reason or PLACE.sub("", error.strerror or "unknown").strip()
    return said.replace(" ", "_").upper()


TLS_1_3 = 0x0304
HEAD = 4
"""Bytes of a message before its body: its kind and its length."""
SIZE, MORE = 3, 2
"""Bytes of the length of a certificate, and of what TLS 1.3 says further about it."""
MAX_CERTIFICATES = 400
"""Certificates; in the 100 KB that OpenSSL takes no more have room, but 30,000 empty ones have."""


def certificates_in_message(message: bytes, version: int) -> tuple[bytes, ...]:
    """What a server sent, DER by its word, its own first; what is cut short ends the list."""
    body = message[HEAD:]
    if version >= TLS_1_3:
        body = body[1 + int.from_bytes(body[:1]) :]  # the context, empty in a handshake
    found: list[bytes] = []
    rest = body[SIZE:]
    while len(rest) >= SIZE and len(found) < MAX_CERTIFICATES:
        end = SIZE + int.from_bytes(rest[:SIZE])
        found.append(rest[SIZE:end])
        rest = rest[end:]
        if version >= TLS_1_3:
            rest = rest[MORE + int.from_bytes(rest[:MORE]) :]
    return tuple(found)


REQUEST = "HEAD / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nUser-Agent: clearpay-doctor/tls\r\n\r\n"


def server_time(talk: Talk, context: ssl.SSLContext, host: str) -> datetime | None:
    """The server's clock; None where it does not say."""
    name = host.encode("idna").decode("ascii")
    answer = talk.ask(context, host, REQUEST.format(host=name).encode("ascii"))
    for line in answer.said.decode("latin-1").splitlines():
        name, _, value = line.partition(":")
        if name.lower() == "date":
            return _moment(value.strip())
    return None


def _moment(text: str) -> datetime | None:
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  only a refused handshake asks for a time

    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
