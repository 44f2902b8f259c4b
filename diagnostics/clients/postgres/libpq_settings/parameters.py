"""Connection settings as libpq would use them, each with its origin.

Precedence: the URL, the service, the environment, the default.
Source: PostgreSQL documentation, 34.1 "Database Connection Control Functions", 34.15 to 34.17.
"""

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from diagnostics.clients.postgres.libpq_settings.dsn import ENVIRONMENT, InvalidSettings
from diagnostics.clients.postgres.libpq_settings.libpq_files import Setting, home, password_for, service
from diagnostics.clients.postgres.libpq_settings.sqlalchemy_url import parse_url

TLS_VERSIONS = ("tlsv1", "tlsv1.1", "tlsv1.2", "tlsv1.3")
DEFAULT_TLS_VERSION = "tlsv1.2"
SSLMODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
SOCKET_FOLDERS = ("/var/run/postgresql", "/tmp")  # noqa: S108  libpq's own defaults: Debian's, PostgreSQL's
LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Host:
    """One host of the settings: a name, an address or both, or the folder of a Unix socket."""

    host: str
    address: str
    port: int
    password: Setting = field(repr=False)

    @property
    def local(self) -> bool:
        """True for a Unix socket: an absolute path, or an abstract name that begins with @."""
        return not self.address and self.host.startswith(("/", "@"))

    @property
    def shown(self) -> str:
        """Name of the host, or its address if it has no name."""
        return self.host or self.address


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """All settings with a value, and the hosts in the order in which libpq tries them."""

    hosts: tuple[Host, ...]
    values: Mapping[str, Setting] = field(repr=False)
    """Settings by keyword."""

    def __getitem__(self, keyword: str) -> str:
        """Return the value of a keyword, empty if it is not set."""
        return self.values[keyword].value if keyword in self.values else ""

    @property
    def user(self) -> str:
        """Role that logs in."""
        return self["user"]

    @property
    def database(self) -> str:
        """Database to connect to."""
        return self["dbname"]

    def source(self, keyword: str) -> str:
        """Return the origin of a keyword's value."""
        return self.values[keyword].source if keyword in self.values else "none"


def connection_settings(url: str, environment: Mapping[str, str] | None = None) -> ConnectionSettings:
    """Return the settings that libpq would use for a URL. Raises InvalidSettings if libpq would refuse them.

    `environment` defaults to the process's own.
    """
    environment = os.environ if environment is None else environment
    settings = {keyword: Setting(value, "URL") for keyword, value in parse_url(url).items()}
    name = settings.pop("service", Setting(environment.get("PGSERVICE", ""), "")).value
    if name:
        settings = service(name, environment) | settings
    settings = _from_environment(environment) | settings
    settings = _defaults(settings) | settings
    _check_mode(settings)
    _check_protocol_versions(settings)
    return ConnectionSettings(_hosts(settings, environment), settings)


def _from_environment(environment: Mapping[str, str]) -> dict[str, Setting]:
    return {
        keyword: Setting(environment[variable], f"environment variable {variable}")
        for keyword, variable in ENVIRONMENT.items()
        if keyword != "service" and environment.get(variable)
    }


def _check_mode(settings: Mapping[str, Setting]) -> None:
    mode = settings["sslmode"]
    if mode.value not in SSLMODES:
        raise InvalidSettings(f"sslmode from {mode.source} must be one of {', '.join(SSLMODES)}")
    if _trusts_system(settings) and mode.value != "verify-full":
        raise InvalidSettings(
            f"sslmode={mode.value} from {mode.source} is too weak for sslrootcert=system: use verify-full"
        )


def _check_protocol_versions(settings: Mapping[str, Setting]) -> None:
    """Refuse bounds that libpq does not know or that exclude each other, its own default included."""
    bounds: dict[str, int] = {"ssl_min_protocol_version": TLS_VERSIONS.index(DEFAULT_TLS_VERSION)}
    for keyword in ("ssl_min_protocol_version", "ssl_max_protocol_version"):
        if (bound := settings.get(keyword)) is None:
            continue
        if bound.value.lower() not in TLS_VERSIONS:
            raise InvalidSettings(f"{keyword} from {bound.source} must be TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3")
        bounds[keyword] = TLS_VERSIONS.index(bound.value.lower())
    if bounds["ssl_min_protocol_version"] > bounds.get("ssl_max_protocol_version", len(TLS_VERSIONS)):
        raise InvalidSettings(
            "ssl_max_protocol_version is older than ssl_min_protocol_version, which is TLSv1.2 by default"
        )


def _trusts_system(settings: Mapping[str, Setting]) -> bool:
    """Return True if libpq uses the system's trust store; it requires verify-full then."""
    return "sslrootcert" in settings and settings["sslrootcert"].value == "system"


def _defaults(settings: Mapping[str, Setting]) -> dict[str, Setting]:
    user = settings.get("user") or Setting(_system_user(), "default: the operating system's user")
    defaults = {
        "user": user,
        "dbname": Setting(user.value, "default: the user's name"),
        "sslmode": Setting("verify-full" if _trusts_system(settings) else "prefer", "default"),
        "port": Setting("5432", "default"),
    }
    if "host" not in settings and "hostaddr" not in settings:
        defaults["host"] = Setting(_socket_folder(), "default: unix socket")
    return defaults


def _system_user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise InvalidSettings(
            "no user is set, and the operating system has no name for this user id"
        ) from None


def _socket_folder() -> str:
    """Return the first folder that exists: libpq's own default depends on its build."""
    return next((folder for folder in SOCKET_FOLDERS if Path(folder).is_dir()), SOCKET_FOLDERS[-1])


def _hosts(settings: Mapping[str, Setting], environment: Mapping[str, str]) -> tuple[Host, ...]:
    addresses = settings["hostaddr"].value.split(",") if "hostaddr" in settings else []
    names = settings["host"].value.split(",") if "host" in settings else [""] * len(addresses)
    ports = settings["port"].value.split(",")
    if addresses and len(addresses) != len(names):
        raise InvalidSettings(f"{len(names)} hosts and {len(addresses)} addresses do not match")
    if len(ports) not in {1, len(names)}:
        raise InvalidSettings(f"{len(names)} hosts and {len(ports)} ports do not match")
    numbers = [_port(text, settings["port"].source) for text in ports] * (
        len(names) if len(ports) == 1 else 1
    )
    hosts = zip(names, addresses or [""] * len(names), numbers, strict=True)
    return tuple(_host(name, address, port, settings, environment) for name, address, port in hosts)


def _port(text: str, source: str) -> int:
    if not text:
        return 5432
    if text.isascii() and text.isdigit() and 0 < int(text) <= LAST_PORT:
        return int(text)
    # The text is not repeated: a password with an unescaped slash ends up here.
    raise InvalidSettings(
        f"the port from {source} is not a number from 1 to {LAST_PORT}; is a / in a password %2F?"
    )


def _host(
    name: str, address: str, port: int, settings: Mapping[str, Setting], environment: Mapping[str, str]
) -> Host:
    name = name if name or address else _socket_folder()
    password = settings.get("password")
    if password is None:
        file = settings["passfile"].value if "passfile" in settings else home(environment) / ".pgpass"
        # In the password file, libpq uses the name localhost for its default socket folder.
        key = "localhost" if name in SOCKET_FOLDERS else name or address
        password = password_for(Path(file), key, port, settings["dbname"].value, settings["user"].value)
    return Host(name, address, port, password)
