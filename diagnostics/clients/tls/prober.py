"""Handshakes with one endpoint: as the application makes them, and further ones to examine the server."""

import ssl
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from socket import socket

from diagnostics.clients.certificates.certificate import Certificate
from diagnostics.clients.certificates.chain import Chain, build_chain
from diagnostics.clients.certificates.trust_store import BundleUnreadable, Trust, certificates_in
from diagnostics.clients.tls.certificate_rules import POSSIBLY_STRICT_CODES, strict_error
from diagnostics.clients.tls.endpoint import STRICT, TlsEndpoint
from diagnostics.clients.tls.evidence import period, report_chain, utc_text
from diagnostics.clients.tls.handshake import Handshake, TlsConnection
from diagnostics.clients.tls.messages import client_hello, request_certificates
from diagnostics.clients.tls.web_request import server_time
from diagnostics.engine.context import Context
from diagnostics.engine.deadline import Deadline

DEBIAN_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
CLOCK_TOLERANCE = timedelta(minutes=2)
"""Difference between two clocks that one request and a Date of whole seconds can explain."""


@dataclass(frozen=True)
class TlsProber:
    """Prober of one endpoint within the context of a probe."""

    context: Context
    endpoint: TlsEndpoint
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def handshake(self, tls: ssl.SSLContext, step: str, request: bytes = b"") -> Handshake:
        """Connect and do one handshake. Raises CannotTell or Skip if it cannot begin.

        The request is sent only if the server requests a client certificate.
        """
        with self.context.step(step) as opened:
            address, sock = self.endpoint.connect(self.context)
            opened.detail = address.shown
            with closing(sock):
                result = self._connection(sock).handshake(tls, self.endpoint.server_name(address), request)
        result.host = address.host
        return result

    def certificates_for_any_curve(self) -> tuple[bytes, ...]:
        """Return the certificates that the server sends to a client that offers every curve."""
        with self.context.step("handshake with any curve"):
            address, sock = self.endpoint.connect(self.context)
            with closing(sock):
                name = self.endpoint.server_name(address)
                hello = client_hello(name, self.endpoint.application_protocol)
                return request_certificates(sock, hello, self._deadline())

    @cached_property
    def bundle(self) -> list[Certificate]:
        """The authorities that the application trusts; read only if a certificate was refused."""
        return self.endpoint.trust.authorities() if self.endpoint.trust else []

    def chain(self, sent: tuple[bytes, ...], verified: Sequence[Certificate] = ()) -> Chain:
        """Build the chain of the certificates that the server sent, and report it.

        `verified` is OpenSSL's own path if it accepted them; then the bundle need not be read.
        """
        chain = build_chain(sent, verified or (self.bundle if sent else ()), self.now)
        report_chain(self.context, chain, self.now)
        return chain

    def known_authorities(self) -> list[Certificate]:
        """Return the authorities of this machine's bundles: OpenSSL's, the system's and certifi's."""
        import certifi  # noqa: PLC0415  costs time, and only an unknown issuer needs it

        paths = ssl.get_default_verify_paths()
        files = [paths.openssl_cafile, paths.cafile or "", certifi.where(), DEBIAN_BUNDLE]
        bundles = dict.fromkeys(Path(file).resolve() for file in files if file)
        return [authority for bundle in bundles for authority in certificates_in(bundle)]

    def server_time(self) -> datetime | None:
        """Return the clock of a web server; None for a database."""
        if self.endpoint.database is not None:
            return None
        with self.context.step("server's time"):
            address, sock = self.endpoint.connect(self.context)
            with closing(sock):
                tls = self.endpoint.unverified_context()
                return server_time(self._connection(sock), tls, self.endpoint.server_name(address))

    def clock_is_wrong(self, path: Sequence[Certificate]) -> bool:
        """Return True if the clocks differ and by the server's clock all certificates are valid."""
        theirs = self.server_time()
        note = "" if theirs else "the server sends no Date, so the local clock could not be checked"
        self.context.evidence("local clock", utc_text(self.now), note=note)
        if theirs is None:
            return False
        difference = self.now - theirs
        agree = abs(difference) <= CLOCK_TOLERANCE
        note = "" if agree else f"the local clock differs by {difference.total_seconds():+.0f} s"
        self.context.evidence("server's clock", utc_text(theirs), ok=agree, note=note)
        invalid = [certificate for certificate in path if not certificate.is_valid_at(self.now)]
        valid_there = all(certificate.is_valid_at(theirs) for certificate in invalid)
        return not agree and bool(invalid) and valid_there

    def try_trust(self, trust: Trust | None, step: str, *, strict: bool) -> Handshake | None:
        """Do a handshake with another trust or strictness; return None if the trust cannot be used."""
        try:
            tls = self.endpoint.application_context(trust, strict=strict)
        except BundleUnreadable as unreadable:
            self.context.evidence(step, "cannot be used", ok=False, note=str(unreadable))
            return None
        return self.handshake(tls, step)

    def _connection(self, sock: socket) -> TlsConnection:
        return TlsConnection(sock, self._deadline())

    def _deadline(self) -> Deadline:
        return Deadline(self.context.deadline.within(self.context.thresholds.connect_timeout_s))


def report_ignored_expiry(prober: TlsProber, path: tuple[Certificate, ...]) -> None:
    """Report a certificate outside its validity period that a database client accepts unverified."""
    invalid = next((certificate for certificate in path if not certificate.is_valid_at(prober.now)), None)
    if invalid is not None:
        note = f"valid {period(invalid)}; libpq accepts it as long as sslmode does not verify"
        prober.context.evidence("out of its time", str(invalid.subject), note=note)


def without_strict_rules(prober: TlsProber, handshake: Handshake) -> tuple[Handshake, bool]:
    """Return the refusal that remains without strict rules, the deeper cause; else the first one and True."""
    endpoint = prober.endpoint
    if not STRICT or endpoint.database is not None or handshake.code not in POSSIBLY_STRICT_CODES:
        return handshake, False
    again = prober.try_trust(endpoint.trust, "handshake without strict rules", strict=False)
    if again is not None and again.code:
        return again, False
    return handshake, again is not None and not again.error


def check_strict_rules(prober: TlsProber, path: list[Certificate]) -> None:
    """Check whether Python 3.13 would refuse what this Python accepts; libpq has no such rules."""
    certificate, error = strict_error(path)
    if STRICT or prober.endpoint.database is not None or certificate is None:
        return
    again = prober.try_trust(prober.endpoint.trust, "handshake with strict rules", strict=True)
    if again is not None and again.code:
        note = f"{again.message} (verify code {again.code}); {certificate.subject}: {error}"
        prober.context.evidence("from Python 3.13 on", "refused", ok=False, note=note)
        prober.context.finding("tls.strict", "warn")


def check_overriding_bundle(prober: TlsProber) -> None:
    """Check whether a variable replaces the application's own bundle by one that does not verify."""
    context, environment = prober.context, prober.endpoint.environment
    override, own = environment.overriding_bundle(), prober.endpoint.trust
    if override is None or own is None or not prober.endpoint.own_bundle or override.path == own.path:
        return
    again = prober.try_trust(override, "handshake with the environment's bundle", strict=STRICT)
    fails = again is None or bool(again.code)
    refusal = f"verify code {again.code}, {again.message}" if again is not None and again.code else ""
    owner = "in the doctor's environment; the application's may differ, see tls.env_file"
    details = (f"takes precedence over {own.path}", refusal, "" if environment.declared else owner)
    name = override.source.removeprefix("environment variable ")
    context.evidence(name, override.path, ok=not fails, note="; ".join(filter(None, details)))
    if fails:
        context.finding("tls.bundle_overridden", "fail" if environment.declared else "warn")
