"""Tables of a file that are about a role, with our keys in the place of the application's names.

A table is claimed only by names that no other system uses: `SECRET_KEY`, `ENVIRONMENT` and `TIMEOUT` alone
are every framework's.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from diagnostics.clients.config.mapping.currency_tables import CODE, as_lists, has_currency, is_code
from diagnostics.clients.config.mapping.file_config import logging_tables
from diagnostics.clients.config.mapping.key_names import EVERYBODYS, OWN, limit_of, normal, setting_of
from diagnostics.clients.config.mapping.plausible import is_plausible
from diagnostics.clients.config.mapping.vendors import WEBHOOK, Vendor, VendorName, vendor_name
from diagnostics.clients.config.readers.env import typed
from diagnostics.clients.config.tree import EnvRef, Node, Section, Table, Texts, Unknown, literal

CREDENTIALS = ("api_key", "merchant_id", "secret_key", "environment")
OWN_FORM = re.compile(r"(?:cp|sk)_(?:live|test)_")
"""Beginning of keys of ClearPay; Stripe's secret keys begin with `sk_` too."""
SYSTEMS = frozenset(
    [
        "db",
        "database",
        "databases",
        "mysql",
        "postgres",
        "postgresql",
        "pg",
        "psql",
        "sql",
        "sqlite",
        "redis",
        "cache",
        "caches",
        "celery",
        "broker",
        "kafka",
        "rabbit",
        "rabbitmq",
        "amqp",
        "mongo",
        "mongodb",
        "smtp",
        "mail",
        "email",
        "ldap",
        "elastic",
        "elasticsearch",
        "opensearch",
        "memcached",
        "nginx",
        "php",
        "fpm",
        "apache",
        "traefik",
        "gunicorn",
        "uvicorn",
        "hypercorn",
        "haproxy",
        "ssh",
        "ftp",
        "sftp",
        "queue",
        "lock",
        "session",
        "sessions",
        "worker",
        "workers",
        "dramatiq",
        "pool",
        "livenessprobe",
        "readinessprobe",
        "healthcheck",
        "es",
        "hikari",
        "datasource",
        "jdbc",
    ]
)
"""Words in the path or the prefix of a table whose timeouts are not those of calls of an API."""
SYSTEM_KEYS = frozenset({"dbname", "database", "bootstrap_servers", "sslmode", "broker_url", "db", "engine"})
RETRIES = ("max_retries", "retry_delay", "backoff_factor", "retry_methods", "idempotency_keys")
CALLS = frozenset({OWN, "payment", "payments", "api", "requests", "client", "gateway", "checkout",
                   "stripe", "adyen", "paypal", "braintree", "mollie", "square"})  # fmt: skip
"""Words of a prefix or path with which a single timeout is that of calls of an API."""
MIN_KEYS = 2
FILLED_IN = re.compile(r"\$\{[a-zA-Z_]+:|\$\{\{|\{\{.*\}\}|<%.*%>|%\([a-z]+\)s")
"""Marks of Serverless, of workflows, of Jinja and Helm, of ERB, and of Python."""
VARIABLE = re.compile(r"\$\{env:(\w+)\}")
KEEPS_REFERENCES = frozenset({"credentials", "logging"})
"""Roles that judge references themselves; in the others the default of a variable is the value."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """Table of a role with our keys."""

    section: Section
    names: Mapping[str, str] = field(default_factory=dict)
    """Names of the file, by our keys."""
    vendor: Vendor | None = None
    """Provider whose names the table has; None for our own."""
    modes: Mapping[str, str] = field(default_factory=dict)
    """`live` or `test` by the keys whose names say it."""


def own_tables(
    section: Section,
    role: str,
    *,
    declared: bool,
    names: Mapping[str, str],
    file_name: str,
    libraries: frozenset[str] = frozenset(),
) -> Iterator[Mapped]:
    """Yield the tables of one section that are about a role.

    `libraries` are the modules that a file in Python imports.

    `declared` is True if the target names the file for the role: one key suffices that is not everybody's.
    `names` has the application's own names by our keys.
    """
    if role == "logging":
        if _is_logging(section.table, declared=declared):
            yield Mapped(section)
        for name, table, line in logging_tables(section.table):
            yield Mapped(Section(name, table, line))
        return
    for prefix, mapped in _groups(section, role, names).items():
        words = _words(f"{file_name} {section.name} {prefix}") | (
            frozenset() if prefix else libraries & CALLS
        )
        if not declared and not is_plausible(mapped.section.table, role):
            continue
        if _claims(mapped, role, prefix, words, declared=declared, named=bool(names), section=section):
            yield _resolved(mapped, role)


def vendor_tables(section: Section, role: str, file_name: str) -> Iterator[Mapped]:
    """Yield a table for each provider whose usual names a section has; for webhooks, those with a secret."""
    if role not in {"credentials", "webhook"}:
        return
    path = normal(f"{file_name} {section.name}")
    found: dict[tuple[str, str], list[tuple[str, VendorName]]] = {}
    for name in section.table:
        meaning = vendor_name(normal(name), path)
        if meaning and not isinstance(section.table[name].value, dict | list):
            found.setdefault((meaning.vendor.name, meaning.kind), []).append((name, meaning))
    for named in found.values():
        mapped = _of_vendor(section, named)
        if (
            (WEBHOOK in mapped.section.table)
            if role == "webhook"
            else any(item.key.secret for _, item in named)
        ):
            yield mapped


def _of_vendor(section: Section, named: list[tuple[str, VendorName]]) -> Mapped:
    table: Table = {}
    names: dict[str, str] = {}
    modes: dict[str, str] = {}
    for name, meaning in named:
        key = meaning.key.key
        if key in table and literal(table[key]):
            continue
        table[key], names[key] = section.table[name], name
        modes.update({key: meaning.kind} if meaning.kind else {})
    line = min(node.line for node in table.values())
    return Mapped(replace(section, table=table, line=line), names, named[0][1].vendor, modes)


def _groups(section: Section, role: str, own: Mapping[str, str]) -> dict[str, Mapped]:
    """Return the settings of a section by the prefix of their names; ours and none are one group."""
    tables: dict[str, Table] = {}
    names: dict[str, dict[str, str]] = {}
    ours = {normal(name): key for key, name in own.items()}
    for name, written in section.table.items():
        plain, node = normal(name), _filled_in(written)
        if plain in ours:
            prefix, setting = "", ours[plain]
        elif role == "currency" and (limit := limit_of(plain)):
            prefix = _own_prefix(limit[0])
            limits = tables.setdefault(prefix, {}).setdefault(limit[1], Node({}, node.line)).value
            if isinstance(limits, dict):
                limits[limit[2]] = node
            continue
        elif (known := setting_of(_in_table(plain, section), role)) and known[0] not in own:
            setting, prefix = known[0], _own_prefix(known[1])
        else:
            continue
        table = tables.setdefault(prefix, {})
        if setting not in table or plain in ours:
            table[setting] = _of_texts(node, setting) if isinstance(section.table, Texts) else node
            names.setdefault(prefix, {})[setting] = name
    return {
        prefix: Mapped(replace(section, table=table), names.get(prefix, {}))
        for prefix, table in tables.items()
    }


def _filled_in(node: Node) -> Node:
    """Return a reference in the place of a text that a program fills in, as `${env:X}` and `{{ x }}`."""
    if not isinstance(node.value, str) or not FILLED_IN.search(node.value):
        return node
    variable = VARIABLE.fullmatch(node.value.strip())
    return replace(node, value=EnvRef(variable[1]) if variable else Unknown("a text that a program fills in"))


def _in_table(name: str, section: Section) -> str:
    """Return the name of a key with the word of its table: `read` of a table `timeouts` is read_timeout."""
    table = normal(section.name.rpartition(".")[2])
    return f"{name}_timeout" if table in {"timeout", "timeouts"} and name in {"read", "connect"} else name


def _own_prefix(prefix: str) -> str:
    return "" if prefix == OWN else prefix


def _of_texts(node: Node, setting: str) -> Node:
    """Return the value of a text: a list if the setting has several, a number or a truth value."""
    if not isinstance(node.value, str):
        return node
    if setting in {"supported_currencies", "events_to_process", "retry_methods"}:
        return replace(node, value=[Node(part, node.line) for part in _listed(node.value)])
    if setting in CREDENTIALS or setting == WEBHOOK:
        return node
    return replace(node, value=typed(node.value))


def _listed(text: str) -> list[str]:
    """Return the parts between commas; codes of currencies may stand between white space."""
    parts = [part.strip() for part in text.strip().removeprefix("[").removesuffix("]").split(",")]
    if len(parts) == 1 and all(map(is_code, text.split())):
        return text.split()
    return [part.strip("\"'") for part in parts if part]


def _claims(
    mapped: Mapped,
    role: str,
    prefix: str,
    words: frozenset[str],
    *,
    declared: bool,
    named: bool,
    section: Section,
) -> bool:
    table = mapped.section.table
    ours = OWN in words or any(normal(name).startswith(f"{OWN}_") for name in mapped.names.values())
    whole = not prefix and (declared or ours) and bool(table)
    if role == "credentials":
        return (whole and ours) or _claims_credentials(table, prefix, declared=declared, named=named)
    if role == "network":
        return (whole and (ours or _specific(mapped))) or _claims_network(table, words, section)
    if role == "currency":
        return (whole and declared) or has_currency(table)
    return whole or (len(table) >= MIN_KEYS and "webhook_secret" in table) or _is_off(table)


def _specific(mapped: Mapped) -> bool:
    return any(normal(name) not in EVERYBODYS for name in mapped.names.values())


def _claims_credentials(table: Table, prefix: str, *, declared: bool, named: bool) -> bool:
    own_form = any(OWN_FORM.match(literal(table.get(key))) for key in ("api_key", "secret_key"))
    known = [key for key in CREDENTIALS if key in table]
    if named and not prefix:
        return bool(known) or "webhook_secret" in table
    if declared and not prefix:
        return own_form or bool({"api_key", "merchant_id"} & table.keys())
    if not {"api_key", "merchant_id", "secret_key"} & table.keys():
        return False
    return len(known) >= MIN_KEYS and (
        ("merchant_id" in table and len(known) > MIN_KEYS)
        or bool(
            OWN_FORM.match(literal(table.get("api_key"))) and literal(table.get("api_key")).startswith("cp_")
        )
    )


def _claims_network(table: Table, words: frozenset[str], section: Section) -> bool:
    if words & SYSTEMS or SYSTEM_KEYS & {normal(name) for name in section.table}:
        return False
    timeouts = [key for key in ("connection_timeout", "read_timeout") if key in table]
    if len(timeouts) == MIN_KEYS or (timeouts and any(key in table for key in RETRIES)):
        return True
    single = table.get("timeout")
    return single is not None and (isinstance(single.value, list | dict) or bool(words & CALLS))


def _is_off(table: Table) -> bool:
    node = table.get("verify_signatures")
    return node is not None and node.value is False


def _is_logging(table: Table, *, declared: bool) -> bool:
    parts = [key for key in ("handlers", "loggers", "formatters", "root") if _is_table(table.get(key))]
    version = table.get("version")
    if declared:
        return bool(parts) or version is not None
    return version is not None and str(version.value) == "1" and bool(parts)


def _is_table(node: Node | None) -> bool:
    return node is not None and isinstance(node.value, dict)


def _words(text: str) -> frozenset[str]:
    words = normal(text).split("_")
    return frozenset(words) | frozenset(f"{first}{second}" for first, second in pairwise(words))


def _resolved(mapped: Mapped, role: str) -> Mapped:
    """Return the table with the defaults of variables as values, and currencies as lists."""
    table = mapped.section.table
    if role not in KEEPS_REFERENCES:
        table = {key: node if key == WEBHOOK else _default(node) for key, node in table.items()}
    if role == "currency":
        table = as_lists(table)
    return replace(mapped, section=replace(mapped.section, table=table))


def _default(node: Node) -> Node:
    """Return the default of a variable in its place, with its origin."""
    if isinstance(node.value, EnvRef) and node.value.default is not None:
        default = node.value.default
        value = typed(default) if isinstance(default, str) and not CODE.fullmatch(default) else default
        return Node(value, node.line, f"default of ${node.value.name}, which is not looked up")
    return node
