"""Parser of PostgreSQL URLs, as libpq reads them: several hosts, IPv6, percent-encoding, parameters.

Source: PostgreSQL documentation, 34.1.1.2 "Connection URIs", and 34.1.2 "Parameter Key Words".
"""

from urllib.parse import unquote

from diagnostics.errors import CannotTell
from kb.text.suggestions import did_you_mean

ENVIRONMENT: dict[str, str] = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "dbname": "PGDATABASE",
    "user": "PGUSER",
    "password": "PGPASSWORD",
    "passfile": "PGPASSFILE",
    "service": "PGSERVICE",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "application_name": "PGAPPNAME",
    "options": "PGOPTIONS",
    "client_encoding": "PGCLIENTENCODING",
    "sslmode": "PGSSLMODE",
    "sslnegotiation": "PGSSLNEGOTIATION",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslcertmode": "PGSSLCERTMODE",
    "sslcrl": "PGSSLCRL",
    "sslcrldir": "PGSSLCRLDIR",
    "sslsni": "PGSSLSNI",
    "sslcompression": "PGSSLCOMPRESSION",
    "ssl_min_protocol_version": "PGSSLMINPROTOCOLVERSION",
    "ssl_max_protocol_version": "PGSSLMAXPROTOCOLVERSION",
    "channel_binding": "PGCHANNELBINDING",
    "require_auth": "PGREQUIREAUTH",
    "requirepeer": "PGREQUIREPEER",
    "gssencmode": "PGGSSENCMODE",
    "gsslib": "PGGSSLIB",
    "gssdelegation": "PGGSSDELEGATION",
    "krbsrvname": "PGKRBSRVNAME",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "load_balance_hosts": "PGLOADBALANCEHOSTS",
    "min_protocol_version": "PGMINPROTOCOLVERSION",
    "max_protocol_version": "PGMAXPROTOCOLVERSION",
}
"""Environment variable of each keyword (34.15)."""

KEYWORDS = frozenset(ENVIRONMENT) | {
    "fallback_application_name",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "replication",
    "servicefile",
    "sslkeylogfile",
    "sslpassword",
    "tcp_user_timeout",
}
"""All keywords; those listed here have no environment variable."""

SCHEMES = ("postgresql", "postgres")
HINT = "in a password, write / as %2F, @ as %40, : as %3A, % as %25"


class InvalidSettings(CannotTell):
    """Connection settings that libpq would refuse; the message says what to write instead."""


def parse(url: str) -> dict[str, str]:
    """Parse a URL into settings by keyword. Raises InvalidSettings, whose message repeats nothing secret."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.lower() not in SCHEMES:
        raise InvalidSettings("the database's URL must begin with postgresql://")
    userinfo, rest = _split_userinfo(rest)
    main, _, query = rest.partition("?")
    hosts, _, dbname = main.partition("/")
    user, _, password = userinfo.partition(":")
    settings = {"user": _decode(user), "password": _decode(password), "dbname": _decode(dbname)}
    settings |= _hosts(hosts) | dict(_parameter(text) for text in query.split("&") if text)
    return {keyword: value for keyword, value in settings.items() if value}


def _split_userinfo(rest: str) -> tuple[str, str]:
    before, at, after = rest.partition("@")
    return (before, after) if at and "/" not in before else ("", rest)


def _hosts(text: str) -> dict[str, str]:
    if "@" in text:
        raise InvalidSettings(f"the database's URL has an @ in its host; {HINT}")
    pairs = [_host_and_port(item) for item in text.split(",")]
    hosts, ports = (",".join(items) for items in zip(*pairs, strict=True))
    return {"host": _decode(hosts), "port": ports if ports.strip(",") else ""}


def _host_and_port(text: str) -> tuple[str, str]:
    if not text.startswith("["):
        host, _, port = text.partition(":")
        return host, port
    host, closed, port = text[1:].partition("]")
    if not closed or (port and not port.startswith(":")):
        raise InvalidSettings("an IPv6 address in the database's URL is written [address]:port")
    return host, port[1:]


def _parameter(text: str) -> tuple[str, str]:
    keyword, equals, value = text.partition("=")
    keyword = _decode(keyword)
    if not equals or "=" in value:
        raise InvalidSettings("a parameter in the database's URL is written keyword=value, joined by &")
    if (keyword, value) == ("ssl", "true"):  # JDBC's spelling, which libpq accepts
        return "sslmode", "require"
    if keyword not in KEYWORDS:
        hint = did_you_mean(keyword, KEYWORDS) or "see its parameter key words"
        raise InvalidSettings(f"the database's URL has a parameter that libpq does not know: {hint}")
    return keyword, _decode(value)


def _decode(text: str) -> str:
    """Decode percent-encoding strictly: libpq refuses sequences that urllib would leave as they are."""
    for piece in text.split("%")[1:]:
        if not _is_hex(piece[:2]) or piece[:2] == "00":
            raise InvalidSettings(f"the database's URL has a % without two hexadecimal digits; {HINT}")
    return unquote(text, errors="surrogateescape")


def _is_hex(pair: str) -> bool:
    return len(pair) == len("2F") and all(digit in "0123456789abcdefABCDEF" for digit in pair)
