"""What libpq would connect with, and where each setting came from.

A setting is taken from the URL, else from the service, else from the environment, else by default.
Source: PostgreSQL documentation, 34.1 "Database Connection Control Functions", 34.15 to 34.17.
"""

import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from diagnostics.clients.postgres.dsn import ENVIRONMENT, InvalidSettings, parse
from diagnostics.clients.postgres.libpq_files import Setting, home, password_for, service

SSLMODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
SOCKET_FOLDERS = ("/var/run/postgresql", "/tmp")  # noqa: S108  libpq's own defaults: Debian's, PostgreSQL's
LAST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Host:
    """One place to connect to: a name with or without its address, or the folder of a unix socket."""

    host: str
    address: str
    port: int
    password: Setting = field(repr=False)

    @property
    def local(self) -> bool:
        """Whether it is a unix socket: libpq takes an absolute path or an abstract name for one."""
        return not self.address and self.host.startswith(("/", "@"))

    @property
    def shown(self) -> str:
        """The host as a reader knows it."""
        return self.host or self.address


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """Every setting that has a value, and the hosts in the order in which libpq tries them."""

    hosts: tuple[Host, ...]
    found: Mapping[str, Setting] = field(repr=False)

    def __getitem__(self, keyword: str) -> str:
        """Give the value of a keyword, empty where nothing sets it."""
        return self.found[keyword].value if keyword in self.found else ""

    @property
    def user(self) -> str:
        """The role that logs in."""
        return self["user"]

    @property
    def database(self) -> str:
        """The database that it opens."""
        return self["dbname"]

    def source(self, keyword: str) -> str:
        """Where the value came from."""
        return self.found[keyword].source if keyword in self.found else "none"


def connection_settings(url: str, environment: Mapping[str, str] | None = None) -> ConnectionSettings:
    """Read what libpq would use. Raises InvalidSettings where libpq would refuse to try."""
    environment = os.environ if environment is None else environment
    found = {keyword: Setting(value, "URL") for keyword, value in parse(url).items()}
    name = found.pop("service", Setting(environment.get("PGSERVICE", ""), "")).value
    if name:
        found = service(name, environment) | found
    found = _from_environment(environment) | found
    found = _defaults(found) | found
    _check_mode(found)
    return ConnectionSettings(_hosts(found, environment), found)


def _from_environment(environment: Mapping[str, str]) -> dict[str, Setting]:
    return {
        keyword: Setting(environment[variable], f"environment variable {variable}")
        for keyword, variable in ENVIRONMENT.items()
        if keyword != "service" and environment.get(variable)
    }


def _check_mode(found: Mapping[str, Setting]) -> None:
    mode = found["sslmode"]
    if mode.value not in SSLMODES:
        raise InvalidSettings(f"sslmode from {mode.source} must be one of {', '.join(SSLMODES)}")
    if _trusts_system(found) and mode.value != "verify-full":
        raise InvalidSettings(
            f"sslmode={mode.value} from {mode.source} is too weak for sslrootcert=system: use verify-full"
        )


def _trusts_system(found: Mapping[str, Setting]) -> bool:
    """Whether libpq trusts the authorities of the system; it demands verify-full then."""
    return "sslrootcert" in found and found["sslrootcert"].value == "system"


def _defaults(found: Mapping[str, Setting]) -> dict[str, Setting]:
    user = found.get("user") or Setting(_system_user(), "default: the system's user")
    defaults = {
        "user": user,
        "dbname": Setting(user.value, "default: the user's name"),
        "sslmode": Setting("verify-full" if _trusts_system(found) else "prefer", "default"),
        "port": Setting("5432", "default"),
    }
    if "host" not in found and "hostaddr" not in found:
        defaults["host"] = Setting(_socket_folder(), "default: unix socket")
    return defaults


def _system_user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise InvalidSettings("no user is named, and the system has no name for its own") from None


def _socket_folder() -> str:
    """Guess the folder that exists: libpq's own default depends on who built it."""
    return next((folder for folder in SOCKET_FOLDERS if Path(folder).is_dir()), SOCKET_FOLDERS[-1])


def _hosts(found: Mapping[str, Setting], environment: Mapping[str, str]) -> tuple[Host, ...]:
    addresses = found["hostaddr"].value.split(",") if "hostaddr" in found else []
    names = found["host"].value.split(",") if "host" in found else [""] * len(addresses)
    ports = found["port"].value.split(",")
    if addresses and len(addresses) != len(names):
        raise InvalidSettings(f"{len(names)} hosts and {len(addresses)} addresses do not match")
    if len(ports) not in {1, len(names)}:
        raise InvalidSettings(f"{len(names)} hosts and {len(ports)} ports do not match")
    numbers = [_port(text, found["port"].source) for text in ports] * (len(names) if len(ports) == 1 else 1)
    places = zip(names, addresses or [""] * len(names), numbers, strict=True)
    return tuple(_host(name, address, port, found, environment) for name, address, port in places)


def _port(text: str, source: str) -> int:
    if not text:
        return 5432
    if text.isascii() and text.isdigit() and 0 < int(text) <= LAST_PORT:
        return int(text)
    # The text is not repeated: a password with an unescaped slash ends up here.
    raise InvalidSettings(
        f"the port from {source} is no number from 1 to {LAST_PORT}; is a / in a password %2F?"
    )


def _host(
    name: str, address: str, port: int, found: Mapping[str, Setting], environment: Mapping[str, str]
) -> Host:
    name = name if name or address else _socket_folder()
    password = found.get("password")
    if password is None:
        file = found["passfile"].value if "passfile" in found else home(environment) / ".pgpass"
        # libpq looks its default socket folder up under the name localhost.
        listed = "localhost" if name in SOCKET_FOLDERS else name or address
        password = password_for(Path(file), listed, port, found["dbname"].value, found["user"].value)
    return Host(name, address, port, password)
