"""Target of a command: a URL, a path, or a named set of endpoints."""

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from diagnostics.errors import InvalidTarget, printable
from diagnostics.targets.command_line.origin import Origin
from diagnostics.targets.settings import TargetSettings, Thresholds
from diagnostics.targets.trust import FileInUse
from kb.parsers.characters import unsafe_character
from kb.parsers.malformed import Malformed
from kb.parsers.url import MAX_CHARS as MAX_URL
from kb.parsers.url import split_url
from kb.text.sanitize import mask_secrets

EndpointKind = Literal[
    "postgresql",
    "https",
    "http",
    "tls",
    "path",
    "credentials file",
    "network file",
    "currency file",
    "webhook file",
    "logging file",
    "source",
    "webhook",
    "service",
]
"""`path` is a file or folder named on the command line; those of a target file have kinds of their own."""
CONFIG_KINDS: dict[str, EndpointKind] = {
    "credentials": "credentials file",
    "network": "network file",
    "currency": "currency file",
    "webhook": "webhook file",
    "logging": "logging file",
}
"""Kinds of endpoints by the keys of `[target.<name>.config]`."""
FILES: tuple[EndpointKind, ...] = ("path", *CONFIG_KINDS.values(), "source")
PORTS = range(1, 65536)
CLOUD_SQL = "/cloudsql/"
"""Folder of sockets behind which the Cloud SQL proxy leads to a server of the cloud."""
UNENCODED = re.compile(r"://[^/?#@]*:(?!\d{1,5}[/?#])[^/?#@]*[/?#][^@]*@")
"""A password with a character that ends the host in a URL; messages of urllib would repeat a part of it."""
SCHEMES: dict[str, EndpointKind] = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "https": "https",
    "http": "http",
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One URL or path of a target."""

    kind: EndpointKind
    url: str = field(repr=False)
    """URL or path as given. It may contain a password: print `name` instead."""
    name: str
    """Address in reports: `url` without password and query, text that looks like a secret masked."""


@dataclass(frozen=True, slots=True)
class Target:
    """Named set of endpoints with their settings."""

    name: str
    endpoints: tuple[Endpoint, ...]
    settings: TargetSettings = field(default_factory=TargetSettings)
    folder: Path = field(default_factory=Path)
    """Folder that relative paths in the settings are relative to."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """Environment variables that values of the settings were read from, by key path."""
    file: FileInUse | None = None
    """Target file that it was read from; None for an address and for the environment."""
    bare: bool = False
    """True for a URL or path of the command line: `--target` with the address names it again."""
    origin: Origin | None = None
    """Words of the command line that named it; None for a target that code has built."""

    @property
    def production(self) -> bool:
        """True if active probes must be forced: as the settings say, otherwise unless all is on loopback.

        Settings of a file that is not trusted do not count.
        """
        if self.settings.production is not None and not self.blocked:
            return self.settings.production
        return bool(self.blocked) or not all(on_loopback(endpoint) for endpoint in self.endpoints)

    @property
    def blocked(self) -> str:
        """Reason why no secret is sent and no command is run for it; empty if its file is trusted."""
        return self.file.blocked if self.file else ""

    @property
    def thresholds(self) -> Thresholds:
        """Thresholds of the settings. Those of the lab come with the lab's target and with no other."""
        return self.settings.thresholds


def endpoint(text: str) -> Endpoint:
    """Parse an address: URL, host:port or path. Raises InvalidTarget with the expected form."""
    scheme, separator, _ = text.partition("://")
    if separator:
        return _url_endpoint(text, scheme)
    if found := unsafe_character(text):
        raise InvalidTarget(f"{printable(text)}: {found} in the address; remove it")
    if _exists(text):
        return Endpoint("path", text, text)
    if _is_socket_address(text):
        return Endpoint("tls", text, text)
    raise InvalidTarget(
        f"{printable(text)}: neither a name from clearpay-doctor.toml, "
        "a URL (postgresql://role@host:5432/db, https://host/base), host:port, nor an existing path"
    )


def _exists(text: str) -> bool:
    try:
        return Path(text).exists()
    except OSError:  # a name that is too long
        return False


def _is_socket_address(text: str) -> bool:
    """Return True for host:port."""
    host, _, port = text.rpartition(":")
    try:
        split_url(f"//{text}")
    except Malformed:
        return False
    return bool(host) and "@" not in host and port.isascii() and port.isdigit() and int(port) in PORTS


def scheme_kind(scheme: str) -> EndpointKind | None:
    """Return the kind of endpoint of a URL's scheme, None for an unknown one.

    SQLAlchemy appends the name of a driver to PostgreSQL's: `postgresql+psycopg2`, `postgresql+asyncpg`.
    """
    name, plus, driver = scheme.lower().partition("+")
    kind = SCHEMES.get(name)
    if plus and (kind != "postgresql" or not driver.isidentifier()):
        return None
    return kind


def _url_endpoint(text: str, scheme: str) -> Endpoint:
    kind = scheme_kind(scheme)
    if kind is None:
        raise InvalidTarget(f"{printable(scheme)}://: unknown scheme; known are {', '.join(SCHEMES)}")
    if len(text) <= MAX_URL and UNENCODED.search(text):
        raise InvalidTarget(f"{scheme}://...: in a password, write / as %2F, ? as %3F, # as %23, @ as %40")
    try:
        parts = split_url(text, several_hosts=kind == "postgresql")
    except Malformed as error:
        raise InvalidTarget(f"{scheme}://...: {error}; write {scheme}://host:port/...") from None
    if kind != "postgresql" and not parts.hostname:
        raise InvalidTarget(f"{scheme}://: the host is missing; write {scheme}://host/...")
    return Endpoint(kind, text, _without_password(parts))


def _without_password(parts: SplitResult) -> str:
    userinfo, at, hosts = parts.netloc.rpartition("@")
    role = userinfo.partition(":")[0]
    return mask_secrets(f"{parts.scheme}://{role}{at}{hosts}{parts.path}")


def on_loopback(point: Endpoint) -> bool:
    """Return True if the endpoint is on this machine: a loopback address, a unix socket or a file."""
    return point.kind in FILES or all(is_loopback(host) for host in hosts_of(point))


def hosts_of(point: Endpoint) -> list[str]:
    """Return the hosts that an endpoint leads to; an empty one is libpq's default, a unix socket.

    A service (`service=`, PGSERVICE) counts as the host `service`: its file is not read here.
    """
    text = point.url if "://" in point.url else f"//{point.url}"
    parts = urlsplit(text)
    hosts = [unquote(_without_port(host)) for host in parts.netloc.rpartition("@")[2].split(",")]
    return _libpq_hosts(hosts, parts.query) if point.kind == "postgresql" else hosts


def _libpq_hosts(hosts: list[str], query: str) -> list[str]:
    """Return the hosts of a URL's query and of the environment; libpq prefers addresses to names."""
    parameters = parse_qs(query)
    if addresses := parameters.get("hostaddr", [os.environ.get("PGHOSTADDR", "")])[-1]:
        return addresses.split(",")
    # In SQLAlchemy's URLs the parameter may repeat and have a port.
    names = [_without_port(name) for value in parameters.get("host", ()) for name in value.split(",")]
    if any(names) or any(hosts):
        return names or hosts
    if "service" in parameters or os.environ.get("PGSERVICE"):
        return ["service"]
    return os.environ.get("PGHOST", "").split(",")


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host if host.startswith("/") or host.count(":") > 1 else host.partition(":")[0]


def is_loopback(host: str) -> bool:
    """Return True for a loopback address, `localhost` and a unix socket of this machine's own servers."""
    if host.startswith(CLOUD_SQL):
        return False
    if host in {"", "localhost"} or host.startswith("/"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
