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
from socket import socket
from typing import Any

from diagnostics.clients.tls.messages import certificates_in_message
from diagnostics.engine.deadline import Deadline
from diagnostics.errors import OutOfTime

CHUNK = 16384
MAX_RECEIVED = 400_000
"""Bytes from a server before it counts as endless; OpenSSL accepts a chain of 100 KB."""
FIRST_BYTES = 64
CERTIFICATE, CERTIFICATE_REQUEST = "CERTIFICATE", "CERTIFICATE_REQUEST"
BEFORE_CERTIFICATES = frozenset({"SERVER_HELLO", "ENCRYPTED_EXTENSIONS", CERTIFICATE_REQUEST})
"""Messages of a server that its certificates follow. Source: RFC 5246, 7.3; RFC 8446, 2."""
SESSION_TICKET = "NEWSESSION_TICKET"
"""Message that a server sends once it accepted the client's part of a handshake. Source: RFC 8446, 4.6.1."""
ALERT_WAIT_S = 1.0
"""Seconds to wait for the alert of a server that requested a certificate."""
MAX_RESPONSE = 16384
"""Bytes of a response that are read: a web server's refusal of a client certificate is smaller."""
CONTENT_LENGTH = re.compile(rb"^content-length: *(\d{1,9})\r?$", re.IGNORECASE | re.MULTILINE)
SOURCE_LOCATION = re.compile(r"^\[\w+\]|\(_ssl\.c:\d+\)")
"""Library and source line in the text of an error."""


@dataclass(slots=True)
class Handshake:
    """Result of a handshake, as far as it came. `error` is empty if it was completed."""

    host: str = ""
    """The host as the settings name it; empty if they have an address only."""
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
    expects_certificates: bool = False
    """True if the server's certificates come next."""
    verified: tuple[bytes, ...] = ()
    """The path to a trusted authority; empty if nothing was verified."""
    certificate_requested: bool = False
    """True if the server requested a client certificate."""
    shown: tuple[bytes, ...] = ()
    """The client certificates in DER that were sent upon the request."""
    accepted: bool = False
    """True if the server issued a session ticket, so that no alert about the client follows."""
    protocol: str = ""
    """The application protocol that the server selected (ALPN)."""
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

    def handshake(self, context: ssl.SSLContext, name: str, request: bytes = b"") -> Handshake:
        """Do the handshake.

        If the server requested a certificate, wait for its alert about it, then send the request, since a
        web server may refuse the client only in its response.
        """
        result = self.result
        _record_messages(context, result)
        tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name or None)
        try:
            self._drive(tls.do_handshake)
            self._record_session(tls)
            if result.certificate_requested:
                self._await_alert(tls)
                if request and not result.alert:
                    self._exchange(tls, request)
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
            self._end(tls)
        return result

    def request(self, context: ssl.SSLContext, name: str, data: bytes) -> Handshake:
        """Do the handshake, send a request and record the beginning of the response."""
        result = self.result
        tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name or None)
        try:
            self._drive(tls.do_handshake)
        except (OSError, OutOfTime) as error:
            result.error = type(error).__name__
        else:
            self._exchange(tls, data)
        finally:
            self._end(tls)
        return result

    def _end(self, tls: ssl.SSLObject) -> None:
        """Send the alert that ends the session: the reason of a failed handshake, else close_notify.

        Without it PostgreSQL logs that the connection was reset. The server's close_notify is not waited for.
        """
        with suppress(OSError):
            tls.unwrap()
        with suppress(OSError, OutOfTime):
            self._flush()

    def _exchange(self, tls: ssl.SSLObject, request: bytes) -> None:
        """Send a request and record the response up to its end; an alert or an early end is recorded too."""
        result = self.result
        try:
            self._drive(lambda: tls.write(request))
            while len(result.response) < MAX_RESPONSE and not _is_complete(request, result.response):
                data = self._drive(lambda: tls.read(CHUNK))
                if not data:
                    return
                result.response += data
        except (TimeoutError, OutOfTime):
            return
        except ssl.SSLError as error:
            result.alert = "" if result.response else _reason(error)
        except OSError:
            result.alert = "" if result.response else "closed"

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
        self.result.protocol = tls.selected_alpn_protocol() or ""
        if tls.context.verify_mode != ssl.CERT_NONE:
            self.result.verified = verified_chain(tls)

    def _await_alert(self, tls: ssl.SSLObject) -> None:
        """Wait for an alert: with TLS 1.3 a server judges the client certificate after the handshake."""
        if self.result.version != "TLSv1.3":
            return
        before = self.deadline
        self.deadline = Deadline(min(ALERT_WAIT_S, before.left))
        try:
            self._read_until_accepted(tls)
        except ssl.SSLError as error:
            self.result.alert = _reason(error)
        except (TimeoutError, OutOfTime):
            return
        except OSError:
            self.result.alert = "closed"
        finally:
            self.deadline = before

    def _read_until_accepted(self, tls: ssl.SSLObject) -> None:
        """Read up to a session ticket or the first data, which the server sends to clients it accepts."""
        while True:
            try:
                self.result.response = tls.read(1)
            except ssl.SSLWantReadError:
                if self.result.accepted:
                    return
                self._receive()
            else:
                return


def _is_complete(request: bytes, response: bytes) -> bool:
    """Return True if a response ends here by its Content-Length; one to HEAD ends with its headers."""
    head, end, body = response.partition(b"\r\n\r\n")
    length = CONTENT_LENGTH.search(head)
    whole = length is not None and len(body) >= int(length[1])
    return bool(end) and (whole or request.startswith(b"HEAD "))


def verified_chain(tls: ssl.SSLObject) -> tuple[bytes, ...]:
    """Return the path to a trusted authority in DER. The method is public from Python 3.13 on."""
    if sys.version_info >= (3, 13):
        return tuple(tls.get_verified_chain())
    chain = tls._sslobj.get_verified_chain() or ()  # type: ignore[attr-defined]  # noqa: SLF001  see above
    return tuple(ssl.PEM_cert_to_DER_cert(certificate.public_bytes()) for certificate in chain)


def _record_messages(context: ssl.SSLContext, result: Handshake) -> None:
    """Record certificates, the server's request for one and its tickets, also if the handshake fails."""

    def record(
        _connection: object, direction: str, version: int, _kind: object, message: Any, data: bytes
    ) -> None:
        name = getattr(message, "name", "")
        if direction == "read" and name in BEFORE_CERTIFICATES:
            result.expects_certificates = True
        if name == CERTIFICATE and direction == "read":
            result.sent = certificates_in_message(data, version)
            result.expects_certificates = False
        elif name == CERTIFICATE:
            result.shown = certificates_in_message(data, version)
        elif name == CERTIFICATE_REQUEST:
            result.certificate_requested = True
        elif name == SESSION_TICKET:
            result.accepted = True

    context._msg_callback = record  # type: ignore[attr-defined]  # noqa: SLF001  Python has no public API


def _reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLEOFError):
        return "closed"
    reason = error.reason or SOURCE_LOCATION.sub("", error.strerror or "unknown").strip()
    return reason.replace(" ", "_").upper()
