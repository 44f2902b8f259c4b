"""TLS handshake that records everything it reveals about the server, bounded in time and bytes.

It runs on memory buffers, so that the first bytes of a server without TLS can be examined, and a server that
sends a byte now and then cannot exceed the deadline. Source: RFC 8446 (TLS 1.3), Python's `ssl.SSLObject`.
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
"""Bytes from a server before it counts as endless; OpenSSL accepts a chain of 100 KB."""
FIRST_BYTES = 64
CERTIFICATE, CERTIFICATE_REQUEST = "CERTIFICATE", "CERTIFICATE_REQUEST"
ALERT_WAIT_S = 1.0
"""Seconds to wait for the alert of a server that requested a certificate."""
SOURCE_LOCATION = re.compile(r"^\[\w+\]|\(_ssl\.c:\d+\)")
"""Library and source line in the text of an error."""


@dataclass(slots=True)
class Handshake:
    """Result of a handshake, as far as it came. `error` is empty if it was completed."""

    host: str = ""
    """The name that was asked for; empty if there was an address only."""
    error: str = ""
    """OpenSSL's reason in capitals, `closed` or `silent`."""
    code: int = 0
    """Verify code if the certificate was refused, else 0."""
    message: str = ""
    """OpenSSL's text for the code."""
    version: str = ""
    cipher: str = ""
    sent: tuple[bytes, ...] = ()
    """The server's certificates in DER as it sent them, also if the handshake ended there."""
    verified: tuple[bytes, ...] = ()
    """The path to a trusted authority; empty if nothing was verified."""
    certificate_requested: bool = False
    """True if the server requested a client certificate."""
    alert: str = ""
    """The server's alert after a complete handshake."""
    first_bytes: bytes = b""
    """The first bytes that the server sent."""
    response: bytes = field(default=b"", repr=False)
    """The response to a request after the handshake."""


@dataclass(slots=True)
class TlsConnection:
    """TLS client on a connected socket under one deadline."""

    sock: socket
    deadline: Deadline
    result: Handshake = field(default_factory=Handshake)
    _incoming: ssl.MemoryBIO = field(default_factory=ssl.MemoryBIO)
    _outgoing: ssl.MemoryBIO = field(default_factory=ssl.MemoryBIO)
    _received: int = 0

    def handshake(self, context: ssl.SSLContext, name: str) -> Handshake:
        """Do the handshake; if the server requested a certificate, wait for its alert about it."""
        result = self.result
        result.host = name
        _record_messages(context, result)
        tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name or None)
        try:
            self._drive(tls.do_handshake)
            self._record_session(tls)
            if result.certificate_requested:
                self._await_alert(tls)
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
                self._flush()  # the alert that tells the server why the handshake ends
        return result

    def request(self, context: ssl.SSLContext, name: str, data: bytes) -> Handshake:
        """Do the handshake, send a request and record the beginning of the response."""
        result = self.result
        tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name or None)
        try:
            self._drive(tls.do_handshake)
            self._drive(lambda: tls.write(data))
            result.response = self._drive(lambda: tls.read(CHUNK))
        except (OSError, OutOfTime) as error:
            result.error = type(error).__name__
        return result

    def _drive(self, step: Callable[[], Any]) -> Any:
        """Repeat one TLS operation until it has the input that it needs."""
        while True:
            try:
                result = step()
            except ssl.SSLWantReadError:
                self._flush()
                self._receive()
                continue
            self._flush()
            return result

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
            raise ConnectionResetError("too many bytes")
        if len(self.result.first_bytes) < FIRST_BYTES:
            self.result.first_bytes += data[:FIRST_BYTES]
        self._incoming.write(data)

    def _record_session(self, tls: ssl.SSLObject) -> None:
        cipher = tls.cipher()
        self.result.version, self.result.cipher = str(tls.version()), cipher[0] if cipher else ""
        if tls.context.verify_mode != ssl.CERT_NONE:
            self.result.verified = verified_chain(tls)

    def _await_alert(self, tls: ssl.SSLObject) -> None:
        """Wait for an alert: with TLS 1.3 a server judges the client certificate after the handshake."""
        before = self.deadline
        self.deadline = Deadline(min(ALERT_WAIT_S, before.left))
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
    """Return the path to a trusted authority in DER. The method is public from Python 3.13 on."""
    if sys.version_info >= (3, 13):
        return tuple(tls.get_verified_chain())
    chain = tls._sslobj.get_verified_chain() or ()  # type: ignore[attr-defined]  # noqa: SLF001  see above
    return tuple(ssl.PEM_cert_to_DER_cert(certificate.public_bytes()) for certificate in chain)


def _record_messages(context: ssl.SSLContext, result: Handshake) -> None:
    """Record the server's certificates and its request for one, also if the handshake fails afterwards."""

    def record(
        _connection: object, direction: str, version: int, _kind: object, message: Any, data: bytes
    ) -> None:
        name = getattr(message, "name", "") if direction == "read" else ""
        if name == CERTIFICATE_REQUEST:
            result.certificate_requested = True
        elif name == CERTIFICATE:
            result.sent = certificates_in_message(data, version)

    context._msg_callback = record  # type: ignore[attr-defined]  # noqa: SLF001  Python has no public API


def _reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLEOFError):
        return "closed"
    reason = error.reason or SOURCE_LOCATION.sub("", error.strerror or "unknown").strip()
    return reason.replace(" ", "_").upper()


TLS_1_3 = 0x0304
HEADER_BYTES = 4
"""Bytes of a handshake message before its body: type and length."""
LENGTH_BYTES, EXTENSIONS_LENGTH_BYTES = 3, 2
"""Bytes of the length of a certificate, and of the length of its extensions in TLS 1.3."""
MAX_CERTIFICATES = 400
"""Certificates that are kept; no more fit into the 100 KB that OpenSSL accepts, but 30,000 empty ones do."""


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


REQUEST = "HEAD / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nUser-Agent: clearpay-doctor/tls\r\n\r\n"


def server_time(connection: TlsConnection, context: ssl.SSLContext, host: str) -> datetime | None:
    """Return the Date of a web server's response; None if it sends none."""
    name = host.encode("idna").decode("ascii")
    result = connection.request(context, host, REQUEST.format(host=name).encode("ascii"))
    for line in result.response.decode("latin-1").splitlines():
        name, _, value = line.partition(":")
        if name.lower() == "date":
            return _parse_date(value.strip())
    return None


def _parse_date(text: str) -> datetime | None:
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  needed after a refused handshake only

    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
