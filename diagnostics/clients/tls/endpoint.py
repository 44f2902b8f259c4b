"""Where a handshake is made, and as whom: an address, a name, a trust, and the settings of a database."""

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
    environment_of,
    identify,
    trust_of_requests,
    trust_of_ssl,
)
from diagnostics.clients.dns import HostNotFound
from diagnostics.clients.postgres.libpq_files import Setting
from diagnostics.clients.postgres.parameters import ConnectionSettings, Host, connection_settings
from diagnostics.clients.postgres.route import doors
from diagnostics.clients.postgres.socket_address import SocketAddress, connect
from diagnostics.clients.postgres.startup import ask_for_tls
from diagnostics.clients.postgres.stream import Ended, Stream
from diagnostics.clients.postgres.tls import checks_name, context_of, trust_of_libpq
from diagnostics.engine.context import Context
from diagnostics.engine.deadline import Deadline
from diagnostics.errors import CannotTell, Skip

RESOLVE_S = 2.0
STRICT = sys.version_info >= (3, 13)
"""Whether default contexts of this Python are strict and take an intermediate as an anchor; urllib3's too."""


@dataclass(frozen=True, slots=True)
class TlsEndpoint:
    """One server as the application reaches it."""

    hosts: tuple[Host, ...]
    name: str
    """What the certificate must be for; empty where the address is all there is."""
    trust: Trust | None
    """None where every certificate is taken."""
    environment: Environment
    own_bundle: bool = False
    """Whether the trust is a setting of the application that its environment may win over."""
    client: tuple[Path, Path | None] | None = None
    database: ConnectionSettings | None = None
    web: bool = False

    @property
    def optional(self) -> bool:
        """Whether the application goes on without TLS where there is none."""
        return self.database is not None and self.database["sslmode"] in ("allow", "prefer")

    def covered(self, leaf: Certificate) -> bool:
        """Whether a certificate is for the name as the application compares it; true where it does not."""
        if self.database is not None:
            return not checks_name(self.database) or covers_for_libpq(leaf, self.hosts[0].host)
        # A common name counts for OpenSSL where there is no other; urllib3 forbids that.
        names = leaf.names if leaf.names or self.web else (leaf.subject.common,)
        return covers(names, self.name)

    def context(self, trust: Trust | None, *, strict: bool = STRICT) -> ssl.SSLContext:
        """What the application does the handshake with, trusting these. Raises BundleUnreadable."""
        if self.database is not None:
            return context_of(self.database)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        # As urllib3 does; Python's own default depends on who built it.
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        # urllib3 never takes a common name for a host's; Python's own default does where there is no other.
        context.hostname_checks_common_name = not self.web
        if self.web:
            context.set_alpn_protocols(["http/1.1"])
        if strict:
            context.verify_flags |= ssl.VERIFY_X509_STRICT
        if STRICT:
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        if trust is not None:
            trust.load(context)
        self._identify(context)
        return context

    def unverified_context(self) -> ssl.SSLContext:
        """A context that takes any certificate, version and cipher: to look, not to trust."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        # Those that name no server or encrypt nothing come last: they say least about the server.
        context.set_ciphers("ALL:COMPLEMENTOFALL:+aNULL:+eNULL:@SECLEVEL=0")
        if self.database is not None:
            context.set_alpn_protocols(["postgresql"])
        self._identify(context)
        return context

    def _identify(self, context: ssl.SSLContext) -> None:
        if self.client is not None:
            identify(context, *self.client)

    def open(self, context: Context) -> tuple[SocketAddress, socket]:
        """A connection on which TLS may begin. Raises CannotTell, and Skip where a database has no TLS."""
        reasons: list[str] = []
        for host in self.hosts:
            for door in self._doors(context, host, reasons):
                deadline = Deadline(context.deadline.within(context.thresholds.connect_timeout_s))
                try:
                    sock = connect(door, deadline.left)
                except Ended as ended:
                    reasons.append(f"{door.shown} {ended.problem}")
                    continue
                return door, self._ready(sock, deadline)
        raise CannotTell(f"no connection on which TLS could begin: {', '.join(reasons)}")

    @staticmethod
    def _doors(context: Context, host: Host, reasons: list[str]) -> tuple[SocketAddress, ...]:
        if host.local:
            raise Skip("a unix socket has no TLS")
        try:
            return doors(host, context.deadline.within(RESOLVE_S))
        except HostNotFound:
            reasons.append(f"{host.shown} has no address")
            return ()

    def _ready(self, sock: socket, deadline: Deadline) -> socket:
        """Ask a database for TLS; any other server expects it from the first byte."""
        if self.database is None or self.database["sslnegotiation"] == "direct":
            return sock
        try:
            offered = ask_for_tls(Stream(sock, deadline))
        except Ended as ended:
            sock.close()
            raise CannotTell(f"no answer to SSLRequest: {ended.problem}, {ended.detail}") from None
        if not offered:
            sock.close()
            raise Skip(
                f"the server offers no TLS; with sslmode={self.database['sslmode']} `connect` judges that"
            )
        return sock


def place_of(context: Context) -> TlsEndpoint:
    """The endpoint as the application sees it. Raises CannotTell, Skip, BundleUnreadable."""
    if context.endpoint.kind == "postgresql":
        return _database(context)
    own = context.target.settings.tls
    folder = context.target.folder
    web = context.endpoint.kind == "https"
    parts = urlsplit(context.endpoint.url if web else f"//{context.endpoint.url}")
    host = parts.hostname or ""
    environment = environment_of(_file(folder, own.env_file))
    if own.ca_file:
        trust = Trust("tls.ca_file", _file(folder, own.ca_file), _file(folder, own.crl_file))
    else:
        found = trust_of_requests(environment) if web else trust_of_ssl(environment)
        trust = Trust(found.source, found.path, _file(folder, own.crl_file))
    key = Path(_file(folder, own.client_key)) if own.client_key else None
    return TlsEndpoint(
        hosts=(Host(host, "", 443 if parts.port is None else parts.port, Setting("", "none")),),
        name=_name(_bare(own.server_name or host, web=web)),
        trust=trust,
        environment=environment,
        own_bundle=web and bool(own.ca_file),
        client=(Path(_file(folder, own.client_cert)), key) if own.client_cert else None,
        web=web,
    )


def _database(context: Context) -> TlsEndpoint:
    settings = connection_settings(context.endpoint.url)
    if settings["sslmode"] == "disable":
        raise Skip("sslmode=disable: the application never asks for TLS")
    trust = trust_of_libpq(settings)
    name = settings.hosts[0].host or settings.hosts[0].address
    return TlsEndpoint(settings.hosts, name, trust, environment_of(""), database=settings)


def _bare(name: str, *, web: bool) -> str:
    """The name that is asked for: an address without brackets, and by urllib3 without the dots at its end."""
    return (name.rstrip(".") if web else name).strip("[]")


def _name(text: str) -> str:
    """A name that a handshake can ask for. Raises CannotTell."""
    try:
        text.encode("idna")
    except UnicodeError:
        raise CannotTell(f"{text}: no name that a server can have") from None
    if text.startswith(".") or not text.isprintable():
        raise CannotTell(f"{text}: no name that a server can have")
    return text


def _file(folder: Path, path: str) -> str:
    return str(folder / path) if path else ""
