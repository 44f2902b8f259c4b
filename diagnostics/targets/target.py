"""What is examined: a URL, a path, or a named set of endpoints."""

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from diagnostics.errors import InvalidTarget, printable
from diagnostics.targets.settings import LAB_THRESHOLDS, TargetSettings, Thresholds
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
"""`path` is a file or folder named on the command line; a target's own say what they are."""
CONFIG_KINDS: dict[str, EndpointKind] = {
    "credentials": "credentials file",
    "network": "network file",
    "currency": "currency file",
    "webhook": "webhook file",
    "logging": "logging file",
}
"""By the keys of `[target.<name>.config]`."""
FILES: tuple[EndpointKind, ...] = ("path", *CONFIG_KINDS.values(), "source")
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
    """As given; may hold a password, therefore never shown."""
    name: str
    """The same without userinfo's password, query, and what looks like a secret: the address in reports."""


@dataclass(frozen=True, slots=True)
class Target:
    """A named set of endpoints with the settings that hold for all of them."""

    name: str
    endpoints: tuple[Endpoint, ...]
    settings: TargetSettings = field(default_factory=TargetSettings)
    folder: Path = field(default_factory=Path)
    """What relative paths in the settings are relative to."""
    bare: bool = False
    """Given as a URL or path on the command line: `--target` repeats it."""

    @property
    def production(self) -> bool:
        """Whether what can be felt must be forced: said by the settings, else true off loopback."""
        if self.settings.production is not None:
            return self.settings.production
        return not all(on_loopback(endpoint) for endpoint in self.endpoints)

    @property
    def thresholds(self) -> Thresholds:
        """What counts as wrong here: the settings' own, else those of the lab on loopback targets."""
        own = self.settings.thresholds
        return LAB_THRESHOLDS if own == Thresholds() and not self.production else own


def endpoint(text: str) -> Endpoint:
    """Read one address. Raises InvalidTarget with the form that was expected."""
    scheme, found, _ = text.partition("://")
    if found:
        return _url(text, scheme)
    if Path(text).exists():
        return Endpoint("path", text, text)
    host, colon, port = text.rpartition(":")
    plain = bool(host) and "@" not in host
    if colon and plain and port.isdigit() and 0 < int(port) < 65536:  # noqa: PLR2004  TCP ports end at 65535
        return Endpoint("tls", text, text)
    raise InvalidTarget(
        f"{printable(text)}: neither a name from clearpay-doctor.toml, "
        "a URL (postgresql://role@host:5432/db, https://host/base), host:port, nor an existing path"
    )


def _url(text: str, scheme: str) -> Endpoint:
    kind = SCHEMES.get(scheme.lower())
    if kind is None:
        raise InvalidTarget(f"{printable(scheme)}://: unknown scheme; known are {', '.join(SCHEMES)}")
    try:
        parts = urlsplit(text)
        if "," not in parts.netloc:  # libpq takes several hosts, urllib cannot read their ports
            _ = parts.port
    except ValueError as error:
        raise InvalidTarget(f"{scheme}://...: {error}; write {scheme}://host:port/...") from None
    if kind != "postgresql" and not parts.hostname:
        raise InvalidTarget(f"{scheme}://: the host is missing; write {scheme}://host/...")
    return Endpoint(kind, text, _without_password(parts))


def _without_password(parts: SplitResult) -> str:
    userinfo, at, hosts = parts.netloc.rpartition("@")
    role = userinfo.partition(":")[0]
    return mask_secrets(f"{parts.scheme}://{role}{at}{hosts}{parts.path}")


def on_loopback(point: Endpoint) -> bool:
    """Whether the endpoint cannot leave this machine: loopback, a unix socket or a file."""
    if point.kind in FILES:
        return True
    text = point.url if "://" in point.url else f"//{point.url}"
    parts = urlsplit(text)
    hosts = [host.rpartition(":")[0] or host for host in parts.netloc.rpartition("@")[2].split(",")]
    query_hosts = [value for part in parts.query.split("&") if (value := _after(part, "host="))]
    return all(_is_loopback(host.strip("[]")) for host in query_hosts or hosts)


def _after(text: str, prefix: str) -> str:
    return text[len(prefix) :] if text.startswith(prefix) else ""


def _is_loopback(host: str) -> bool:
    if host in {"", "localhost"} or host.startswith(("/", "%2F", "%2f")):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
