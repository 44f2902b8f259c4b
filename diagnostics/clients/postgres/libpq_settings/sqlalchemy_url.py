"""Parsing of SQLAlchemy's URLs, `postgresql+driver://...`, to the settings that the driver connects with.

They differ from libpq's: a password may contain an unescaped slash or percent sign, the parameter `host`
may repeat and have a port, and drivers that are not built on libpq have parameters of their own.
Source: SQLAlchemy 2.0, "Engine Configuration" and "PostgreSQL" (psycopg2, psycopg, asyncpg, pg8000);
asyncpg 0.30, `connect`; pg8000 1.31, `connect`.
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, unquote

from diagnostics.clients.postgres.libpq_settings.dsn import KEYWORDS, SCHEMES, InvalidSettings, parse
from kb.text.suggestions import did_you_mean

_URL = re.compile(
    r"(?:(?P<user>[^:/]*)(?::(?P<password>[^@]*))?@)?"
    r"(?:\[(?P<ip6>[^/?]+)\]|(?P<host>[^/:?]+))?(?::(?P<port>[^/?]*))?"
    r"(?:/(?P<dbname>[^?]*))?(?:\?(?P<query>.*))?"
)
"""The pattern of `sqlalchemy.engine.url`, from the host on."""
_HOST_AND_PORT = re.compile(r"(.+):(\d*)")
ALIASES: Mapping[str, Mapping[str, str]] = {
    "asyncpg": {"ssl": "sslmode", "database": "dbname", "timeout": "connect_timeout"},
    "pg8000": {"database": "dbname", "timeout": "connect_timeout"},
}
"""Libpq's keyword for a parameter of a driver, by driver."""
OWN: Mapping[str, frozenset[str]] = {
    "asyncpg": frozenset(
        {
            "async_fallback",
            "command_timeout",
            "direct_tls",
            "max_cacheable_statement_size",
            "max_cached_statement_lifetime",
            "prepared_statement_cache_size",
            "prepared_statement_name_func",
            "statement_cache_size",
        }
    ),
    "pg8000": frozenset({"tcp_keepalive"}),
    "psycopg": frozenset({"autocommit", "prepare_threshold"}),
}
"""Parameters that change nothing in how the driver connects, by driver."""


def parse_url(url: str) -> dict[str, str]:
    """Parse a URL of libpq or of SQLAlchemy into libpq's settings by keyword. Raises InvalidSettings."""
    scheme, _, rest = url.partition("://")
    name, _, driver = scheme.lower().partition("+")
    return _parse(driver, rest) if driver and name in SCHEMES else parse(url)


def _parse(driver: str, rest: str) -> dict[str, str]:
    match = _URL.fullmatch(rest)
    if match is None:
        raise InvalidSettings(f"the database's URL is not one of SQLAlchemy's: postgresql+{driver}://...")
    parts = {name: value or "" for name, value in match.groupdict().items()}
    settings = {
        "user": unquote(parts["user"]),
        "password": unquote(parts["password"]),
        "host": parts["ip6"] or unquote(parts["host"]),
        "port": parts["port"],
        "dbname": unquote(parts["dbname"]),
    }
    settings |= _parameters(driver, parts["query"])
    return {keyword: value for keyword, value in settings.items() if value}


def _parameters(driver: str, query: str) -> dict[str, str]:
    settings: dict[str, str] = {}
    hosts: list[str] = []
    for name, value in parse_qsl(query, keep_blank_values=True):
        keyword = ALIASES.get(driver, {}).get(name, name)
        if name in OWN.get(driver, ()):
            continue
        if (driver, name) == ("pg8000", "unix_sock"):  # the socket's path; libpq takes its folder
            hosts.append(value.rpartition("/.s.PGSQL.")[0] or value)
            continue
        if keyword not in KEYWORDS:
            known = {*KEYWORDS, *ALIASES.get(driver, ())}
            hint = did_you_mean(name, known) or "see the driver's documentation"
            raise InvalidSettings(f"the database's URL has a parameter that {driver} does not know: {hint}")
        if keyword == "host":
            hosts += value.split(",")
        elif keyword != "connect_timeout" or value.isdigit():  # libpq's is a whole number
            settings[keyword] = value
    return settings | _hosts(hosts)


def _hosts(hosts: list[str]) -> dict[str, str]:
    """Return host and port of `host=A:5432&host=B:5433`; no port where none is given."""
    matches = [_HOST_AND_PORT.fullmatch(host) for host in hosts]
    if not any(matches):
        return {"host": ",".join(hosts)} if hosts else {}
    names = [match[1] if match else host for host, match in zip(hosts, matches, strict=True)]
    ports = [match[2] if match else "" for match in matches]
    return {"host": ",".join(names), "port": ",".join(ports)}
