"""Validation of a target file's values beyond their types, and secrets written in it in plain text."""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any
from urllib.parse import unquote

from diagnostics.errors import InvalidTarget, printable
from diagnostics.targets.safe_values import unsafe_values
from diagnostics.targets.settings import Names, Secret, SecretRef, TargetSettings
from diagnostics.targets.target import EndpointKind, Target, endpoint
from kb.parsers.malformed import Malformed
from kb.parsers.url import query_parameters, split_url
from kb.records.dataclass_io import to_data

READ_ONLY = frozenset({"read-only", "standby"})
"""Values of target_session_attrs with which libpq accepts only a session that cannot write."""
DATABASE_URL = "postgresql://role@host:5432/database"
ADMIN_URL = "postgresql://role@host:6432/pgbouncer"
WEB_URL = "https://host[:port]/base"
DATABASES: Mapping[str, str] = {
    "database": DATABASE_URL,
    "monitor": DATABASE_URL,
    "operator.database": DATABASE_URL,
    "operator.pooler": ADMIN_URL,
    "pooler.admin": ADMIN_URL,
}
"""Keys of URLs of PostgreSQL, and the form that is expected."""
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
"""Name of a header, a token (RFC 9110, 5.6.2)."""
POSITIVE = ("_timeout_s", "_window_s", "webhook_slow_s")
"""Ends of the names of thresholds that must not be 0: a socket or a sample needs some time."""
PATH = re.compile(r"(?:/[!-~]*)?")
WEB = ("api", "contract.proxy", "webhook.url", "service.health", "service.work")
"""Keys of URLs of HTTP."""


def problems(name: str, settings: TargetSettings, variables: Container[str] = ()) -> Iterator[str]:
    """Yield one line, with the key path, for each problem of the table `target.<name>`.

    `variables` are the key paths whose values come from the environment: these values are not repeated.
    """
    where = f"target.{name}"
    unsafe = list(unsafe_values(to_data(settings)))
    yield from (f"{where}.{problem}" for problem in unsafe)
    yield from (f"{where}.{problem}" for problem in _urls(settings, variables) if not unsafe)
    for check in (_secrets, _names, _writes, _operator, _pooler, _pool, _report, _logs, _http, _thresholds):
        yield from (f"{where}.{problem}" for problem in check(settings))


def _urls(settings: TargetSettings, variables: Container[str]) -> Iterator[str]:
    forms: dict[str, tuple[tuple[EndpointKind, ...], str]] = {
        **{key: (("postgresql",), form) for key, form in DATABASES.items()},
        **dict.fromkeys(WEB, (("https", "http"), WEB_URL)),
    }
    for key, (kinds, form) in forms.items():
        url = _text_at(settings, key)
        if url and (problem := _url_problem(url, kinds, form)):
            hidden = f"the value of the environment is not such a URL; expected {form}"
            yield f"{key}: {hidden if key in variables else problem}"


def _text_at(settings: TargetSettings, key: str) -> str:
    value: Any = settings
    for name in key.split("."):
        value = getattr(value, name, None)
    return value or ""


SOURCES = ("env", "file", "command", "aws", "aws_rds_iam")
"""Fields of a reference of which exactly one is set."""
SOURCES_OF: Mapping[str, tuple[str, ...]] = {
    "first_line": ("command",),
    "host": ("aws_rds_iam",),
    "endpoint": ("aws",),
    "region": ("aws", "aws_rds_iam"),
    "profile": ("aws", "aws_rds_iam"),
    "credentials_file": ("aws", "aws_rds_iam"),
}
"""Sources by the fields that have an effect on them alone."""
IAM_KEYS = {
    "secrets.database": "database",
    "secrets.monitor": "monitor",
    "operator.secret": "operator.database",
}
"""Secrets in whose place a server of RDS takes an IAM token, and the URLs that they belong to."""


def _secrets(settings: TargetSettings) -> Iterator[str]:
    for key, ref in secrets_of(settings).items():
        if isinstance(ref, SecretRef):
            yield from (f"{key}: {problem}" for problem in _reference(ref, key))
            if ref.aws_rds_iam and _sslmode(_text_at(settings, IAM_KEYS.get(key, ""))) == "disable":
                yield f"{IAM_KEYS[key]}: sslmode=disable sends the IAM token in the clear; write verify-full"


def _sslmode(url: str) -> str:
    return query_parameters(url).get("sslmode", "")


def _reference(ref: SecretRef, key: str) -> Iterator[str]:
    if sum(bool(getattr(ref, name)) for name in SOURCES) != 1:
        yield f"give exactly one of {', '.join(SOURCES)}"
    for name, sources in SOURCES_OF.items():
        if getattr(ref, name) and not any(getattr(ref, source) for source in sources):
            yield f"{name} has no effect without {' or '.join(sources)}"
    if ref.aws_rds_iam and key not in IAM_KEYS:
        yield f"an IAM token is a password of RDS, possible for {', '.join(IAM_KEYS)}"
    if ref.host and not re.fullmatch(r"[^:\s]+:\d{1,5}", ref.host):
        yield "host: write host:port, as in pay.c9akciq32.eu-central-1.rds.amazonaws.com:5432"
    if ref.command and not ref.command[0].strip():
        yield 'command: begins with an empty word; write ["program", "argument"]'


def secrets_of(settings: TargetSettings) -> dict[str, Secret]:
    """Return the secrets of a table, references and literal ones, by their key paths."""
    table = settings.secrets
    secrets: dict[str, Secret] = {
        "secrets.database": table.database,
        "secrets.monitor": table.monitor,
        "secrets.pooler": table.pooler,
        "secrets.api_key": table.api_key,
        "secrets.token": table.token,
    }
    if settings.rotation:
        secrets["rotation.secret"] = settings.rotation.secret
    if settings.webhook:
        secrets["webhook.secret"] = settings.webhook.secret
    if settings.operator:
        secrets["operator.secret"] = settings.operator.secret
        secrets["operator.pooler_secret"] = settings.operator.pooler_secret
    return secrets


def _names(settings: TargetSettings) -> Iterator[str]:
    config = settings.config
    named = config.credentials or config.webhook or config.network or config.currency
    if config.names != Names() and not named:
        yield "config.names: has no effect without config.credentials, webhook, network or currency"


def _writes(settings: TargetSettings) -> Iterator[str]:
    attributes = query_parameters(settings.database).get("target_session_attrs", "")
    if settings.writes and attributes in READ_ONLY:
        yield (
            f"writes: target_session_attrs={attributes} in `database` leads to a session that cannot write; "
            "change one of the two"
        )


def _operator(settings: TargetSettings) -> Iterator[str]:
    operator = settings.operator
    if operator is None:
        return
    forms = {"database": (operator.database, DATABASE_URL), "pooler": (operator.pooler, ADMIN_URL)}
    for key, (url, form) in forms.items():
        if url and "@" not in url.partition("://")[2].partition("/")[0]:
            yield f"operator.{key}: names no role; write {form}"
    if operator.secret is not None and not operator.database:
        yield f"operator.secret: there is no operator.database that it belongs to; write {DATABASE_URL}"


def _logs(settings: TargetSettings) -> Iterator[str]:
    if settings.logs and not (settings.logs.paths and all(settings.logs.paths)):
        yield "logs.paths: name at least one file or folder, and no empty one"


def _http(settings: TargetSettings) -> Iterator[str]:
    for key in ("contract.key_header", "contract.token_header", "webhook.header"):
        if (name := _text_at(settings, key)) and not HEADER_NAME.fullmatch(name):
            yield f"{key}: not the name of a header; write letters, digits and hyphens"
    for key in ("contract.health_path", "contract.me_path"):
        if not PATH.fullmatch(_text_at(settings, key)):
            yield f"{key}: not a path; write it as /healthz, other characters percent-encoded"


def _thresholds(settings: TargetSettings) -> Iterator[str]:
    for item in fields(settings.thresholds):
        value = getattr(settings.thresholds, item.name)
        if item.name == "checks":
            continue  # their meaning is known to the entries only, and a number below 0 may have one
        if value < 0:
            yield f"thresholds.{item.name}: must not be negative"
        elif not value and item.name.endswith(POSITIVE):
            yield f"thresholds.{item.name}: must be greater than 0"


def _pooler(settings: TargetSettings) -> Iterator[str]:
    pooler = settings.pooler
    if pooler and pooler.admin and pooler.kind != "pgbouncer":
        yield 'pooler.admin: only the console of kind = "pgbouncer" is read; leave it out'
    if settings.secrets.pooler is not None and not (pooler and pooler.admin):
        yield f"secrets.pooler: there is no pooler.admin that it belongs to; write {ADMIN_URL}"


def _pool(settings: TargetSettings) -> Iterator[str]:
    pool = settings.pool
    if pool and (pool.size < 1 or pool.processes < 1):
        yield "pool: size and processes must be at least 1"
    if pool and pool.max_overflow < 0:
        yield "pool.max_overflow: must not be negative; write the largest number of extra connections"


def _report(settings: TargetSettings) -> Iterator[str]:
    report = settings.report
    if report and bool(report.sql) == bool(report.sql_file):
        yield "report: give exactly one of sql, sql_file"
    if report and report.memory_mb < 1:
        yield "report.memory_mb: must be at least 1"


def _url_problem(url: str, kinds: Sequence[EndpointKind], form: str) -> str:
    try:
        point = endpoint(url)
    except InvalidTarget as error:
        return str(error)
    return "" if point.kind in kinds else f"{printable(url)}: wrong kind of address; write {form}"


def literal_secrets(target: Target) -> dict[str, str]:
    """Return the secrets that the settings contain in plain text, by their key paths."""
    settings = target.settings
    literals = {key: value for key, value in secrets_of(settings).items() if isinstance(value, str)}
    urls = {key: _text_at(settings, key) for key in (*DATABASES, *WEB)}
    return literals | {key: password for key, url in urls.items() if (password := password_in(url))}


def written_secrets(target: Target) -> list[str]:
    """Return the key paths of secrets that stand in the target file itself."""
    return [key for key in literal_secrets(target) if key not in target.variables]


def password_in(url: str) -> str:
    """Return the password of a URL, from its userinfo or the parameter `password`; empty without one."""
    try:
        parts = split_url(url, several_hosts=True)
    except Malformed:
        return ""
    return unquote(parts.password or "") or query_parameters(url).get("password", "")
