"""Validation of a target file's values beyond their types, and secrets written in it in plain text."""

from collections.abc import Iterator, Sequence
from urllib.parse import parse_qsl, unquote, urlsplit

from diagnostics.errors import InvalidTarget, printable
from diagnostics.targets.settings import Secret, SecretRef, TargetSettings
from diagnostics.targets.target import EndpointKind, Target, endpoint

READ_ONLY = frozenset({"read-only", "standby"})
"""Values of target_session_attrs with which libpq accepts only a session that cannot write."""
ADMIN_URL = "postgresql://role@host:6432/pgbouncer"


def problems(name: str, settings: TargetSettings) -> Iterator[str]:
    """Yield one line, with the key path, for each problem of the table `target.<name>`."""
    where = f"target.{name}"
    for check in (_urls, _secrets, _writes, _operator, _pooler, _pool, _report, _logs):
        yield from (f"{where}.{problem}" for problem in check(settings))


def _urls(settings: TargetSettings) -> Iterator[str]:
    databases = {
        "database": (settings.database, "postgresql://role@host:5432/database"),
        "monitor": (settings.monitor, "postgresql://role@host:5432/database"),
        "operator.database": (
            settings.operator.database if settings.operator else "",
            "postgresql://role@host:5432/database",
        ),
        "pooler.admin": (settings.pooler.admin if settings.pooler else "", ADMIN_URL),
    }
    for key, (url, form) in databases.items():
        if url and (problem := _url_problem(url, ("postgresql",), form)):
            yield f"{key}: {problem}"
    web = {
        "api": settings.api,
        "contract.proxy": settings.contract.proxy,
        "webhook.url": settings.webhook.url if settings.webhook else "",
        "service.health": settings.service.health if settings.service else "",
        "service.work": settings.service.work if settings.service else "",
    }
    for key, url in web.items():
        if url and (problem := _url_problem(url, ("https", "http"), "https://host[:port]/base")):
            yield f"{key}: {problem}"


def _secrets(settings: TargetSettings) -> Iterator[str]:
    for key, ref in secrets_of(settings).items():
        if isinstance(ref, SecretRef) and sum(map(bool, (ref.env, ref.file, ref.aws))) != 1:
            yield f"{key}: give exactly one of env, file, aws"


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
    return secrets


def _writes(settings: TargetSettings) -> Iterator[str]:
    attributes = dict(parse_qsl(urlsplit(settings.database).query)).get("target_session_attrs", "")
    if settings.writes and attributes in READ_ONLY:
        yield (
            f"writes: target_session_attrs={attributes} in `database` leads to a session that cannot write; "
            "change one of the two"
        )


def _operator(settings: TargetSettings) -> Iterator[str]:
    operator = settings.operator
    if operator and "@" not in urlsplit(operator.database).netloc:
        yield "operator.database: names no role; write postgresql://role@host:5432/database"


def _logs(settings: TargetSettings) -> Iterator[str]:
    if settings.logs and not (settings.logs.paths and all(settings.logs.paths)):
        yield "logs.paths: name at least one file or folder, and no empty one"


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
    """Return the secrets that the file contains in plain text, by their key paths."""
    settings = target.settings
    literals = {key: value for key, value in secrets_of(settings).items() if isinstance(value, str)}
    urls = {
        "database": settings.database,
        "monitor": settings.monitor,
        "operator.database": settings.operator.database if settings.operator else "",
        "pooler.admin": settings.pooler.admin if settings.pooler else "",
        "api": settings.api,
        "contract.proxy": settings.contract.proxy,
    }
    return literals | {key: password for key, url in urls.items() if (password := password_in(url))}


def password_in(url: str) -> str:
    """Return the password of a URL, from its userinfo or the parameter `password`; empty without one."""
    parts = urlsplit(url)
    parameters = dict(parse_qsl(parts.query))
    return unquote(parts.password or "") or parameters.get("password", "")
