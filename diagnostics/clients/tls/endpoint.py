"""TLS endpoint as the application reaches it: addresses, expected name, trusted authorities, client files."""

import ssl
import sys
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from urllib.parse import urlsplit

from diagnostics.clients.certificates.certificate import Certificate
from diagnostics.clients.certificates.host_names import covers, covers_for_libpq
from diagnostics.clients.certificates.trust_store import (
    Environment,
    Trust,
    default_trust_of_requests,
    default_trust_of_ssl,
    identify,
    read_environment,
)
from diagnostics.clients.dns import HostNotFound
from diagnostics.clients.http.host_names import host_as_sent
from diagnostics.clients.postgres.libpq_settings.libpq_files import Setting
from diagnostics.clients.postgres.libpq_settings.parameters import (
    ConnectionSettings,
    Host,
    connection_settings,
)
from diagnostics.clients.postgres.route import addresses_of
from diagnostics.clients.postgres.socket_address import SocketAddress, connect
from diagnostics.clients.postgres.startup import request_tls
from diagnostics.clients.postgres.stream import ConnectionFailed, Stream
from diagnostics.clients.postgres.tls import (
    ALPN,
    context_of,
    sends_host_name,
    trust_of_libpq,
    verifies_host_name,
    version_range,
)
from diagnostics.clients.tls.web_request import get_request
from diagnostics.engine.context import Context
from diagnostics.engine.deadline import Deadline
from diagnostics.errors import CannotTell, Skip

RESOLVE_S = 2.0
HTTP_1_1 = "http/1.1"
"""The application protocol that urllib3 names."""
STRICT = sys.version_info >= (3, 13)
"""True if this Python's default contexts, and urllib3's, are strict and accept an intermediate as anchor."""


@dataclass(frozen=True, slots=True)
class TlsEndpoint:
    """Server and TLS settings of the application."""

    hosts: tuple[Host, ...]
    name: str
    """The name that the certificate must cover; empty if the application has an address alone."""
    trust: Trust | None
    """None if the application accepts every certificate."""
    environment: Environment
    own_bundle: bool = False
    """True if the trust is a setting of the application that a variable may override."""
    client: tuple[Path, Path | None] | None = None
    """Client certificate and key."""
    database: ConnectionSettings | None = None
    web: bool = False
    """True for an endpoint that the application reaches through requests and urllib3."""
    request: bytes = b""
    """A request that makes a web server judge the client certificate; empty for other servers."""

    @property
    def optional(self) -> bool:
        """True if the application goes on without TLS when the handshake fails."""
        return self.database is not None and self.database["sslmode"] in ("allow", "prefer")

    @property
    def expected_offer(self) -> str:
        """The versions and ciphers that the application accepts."""
        versions = version_range(self.database) if self.database is not None else "TLS 1.2 or newer"
        return f"{versions}, with a strong cipher"

    @property
    def application_protocol(self) -> str:
        """The protocol that the application names in the handshake (ALPN); empty if it names none."""
        return ALPN if self.database is not None else HTTP_1_1 if self.web else ""

    def server_name(self, address: SocketAddress) -> str:
        """Return the name that the handshake asks for (SNI); empty if it names none."""
        if self.database is None:
            return self.name
        return address.host if sends_host_name(self.database) else ""

    def covered_by(self, leaf: Certificate) -> bool:
        """Return True if the certificate covers the name by the application's rules, or if it checks none."""
        if self.database is not None:
            return not verifies_host_name(self.database) or covers_for_libpq(leaf, self.hosts[0].host)
        # OpenSSL falls back to the common name; urllib3 disables that.
        names = leaf.names if leaf.names or self.web else (leaf.subject.common_name,)
        return covers(names, self.name)

    def application_context(self, trust: Trust | None, *, strict: bool = STRICT) -> ssl.SSLContext:
        """Return the context of the application's handshake with this trust. Raises BundleUnreadable."""
        if self.database is not None:
            return context_of(self.database)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        # As urllib3 does; Python's own default depends on how it was built.
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # urllib3 never falls back to the common name; Python's own default does.
        context.hostname_checks_common_name = not self.web
        if self.web:
            context.set_alpn_protocols([HTTP_1_1])
        if strict:
            context.verify_flags |= ssl.VERIFY_X509_STRICT
        if strict or STRICT:  # Python 3.13 brought both together
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        if trust is not None:
            trust.load(context)
        self._load_client_certificate(context)
        return context

    def unverified_context(self) -> ssl.SSLContext:
        """Return a context that accepts any certificate, version and cipher, to examine the server."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        # Anonymous and null ciphers come last: they reveal least about the server.
        context.set_ciphers("ALL:COMPLEMENTOFALL:+aNULL:+eNULL:@SECLEVEL=0")
        if self.database is not None:
            context.set_alpn_protocols([ALPN])
        self._load_client_certificate(context)
        return context

    def _load_client_certificate(self, context: ssl.SSLContext) -> None:
        if self.client is not None:
            identify(context, *self.client)

    def connect(self, context: Context) -> tuple[SocketAddress, socket]:
        """Open a connection on which TLS may begin. Raises CannotTell; Skip if a database has no TLS."""
        reasons: list[str] = []
        for host in self.hosts:
            for address in self._addresses(context, host, reasons):
                deadline = Deadline(context.deadline.within(context.thresholds.connect_timeout_s))
                try:
                    sock = connect(address, deadline.left)
                except ConnectionFailed as failed:
                    reasons.append(f"{address.shown} {failed.problem}")
                    continue
                return address, self._prepare(sock, deadline)
        raise CannotTell(f"no connection for TLS: {', '.join(reasons)}")

    @staticmethod
    def _addresses(context: Context, host: Host, reasons: list[str]) -> tuple[SocketAddress, ...]:
        if host.local:
            raise Skip("a Unix socket has no TLS")
        try:
            return addresses_of(host, context.deadline.within(RESOLVE_S))
        except HostNotFound:
            reasons.append(f"{host.shown} has no address")
            return ()

    def _prepare(self, sock: socket, deadline: Deadline) -> socket:
        """Send SSLRequest to a database; other servers expect TLS from the first byte."""
        if self.database is None or self.database["sslnegotiation"] == "direct":
            return sock
        try:
            offered = request_tls(Stream(sock, deadline))
        except ConnectionFailed as failed:
            sock.close()
            raise CannotTell(f"no answer to SSLRequest: {failed.problem}, {failed.detail}") from None
        if not offered:
            sock.close()
            raise Skip(
                f"the server offers no TLS; with sslmode={self.database['sslmode']} `connect` judges that"
            )
        return sock


def tls_endpoint(context: Context) -> TlsEndpoint:
    """Return the endpoint as the application reaches it. Raises CannotTell, Skip, BundleUnreadable."""
    if context.endpoint.kind == "postgresql":
        return _database_endpoint(context)
    settings = context.target.settings.tls
    folder = context.target.folder
    web = context.endpoint.kind == "https"
    parts = urlsplit(context.endpoint.url if web else f"//{context.endpoint.url}")
    host = _ascii_name(parts.hostname or "", web=web)
    name = _ascii_name(_sent_name(settings.server_name or host, web=web), web=web)
    environment = read_environment(_file(folder, settings.env_file))
    if settings.ca_file:
        trust = Trust("tls.ca_file", _file(folder, settings.ca_file), _file(folder, settings.crl_file))
    else:
        default = default_trust_of_requests(environment) if web else default_trust_of_ssl(environment)
        trust = Trust(default.source, default.path, _file(folder, settings.crl_file))
    key = Path(_file(folder, settings.client_key)) if settings.client_key else None
    health = context.endpoint.url.rstrip("/") + context.target.settings.contract.health_path
    return TlsEndpoint(
        hosts=(Host(host, "", 443 if parts.port is None else parts.port, Setting("", "none")),),
        name=name,
        trust=trust,
        environment=environment,
        own_bundle=web and bool(settings.ca_file),
        client=(Path(_file(folder, settings.client_cert)), key) if settings.client_cert else None,
        web=web,
        request=get_request(health, host) if web else b"",
    )


def _database_endpoint(context: Context) -> TlsEndpoint:
    settings = connection_settings(context.endpoint.url)
    if settings["sslmode"] == "disable":
        raise Skip("sslmode=disable: the application never asks for TLS")
    trust = trust_of_libpq(settings)
    name = settings.hosts[0].host or settings.hosts[0].address
    return TlsEndpoint(settings.hosts, name, trust, read_environment(""), database=settings)


def _sent_name(name: str, *, web: bool) -> str:
    """Return the name as the library sends it: without brackets, for urllib3 also without trailing dots."""
    return (name.rstrip(".") if web else name).strip("[]")


def _ascii_name(name: str, *, web: bool) -> str:
    """Return the name as the library encodes it. Raises CannotTell if a handshake cannot ask for it.

    `requests` encodes by IDNA 2008, Python's `ssl` by IDNA 2003.
    """
    try:
        encoded = host_as_sent(name) if web else name
        encoded.encode("idna")
    except UnicodeError:
        raise CannotTell(f"{name}: not a valid server name") from None
    if encoded.startswith(".") or not encoded.isprintable():
        raise CannotTell(f"{name}: not a valid server name")
    return encoded


def _file(folder: Path, path: str) -> str:
    return str(folder / path) if path else ""
