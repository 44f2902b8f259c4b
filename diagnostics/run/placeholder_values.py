"""Values for the placeholders in fixes, from the settings of the target and never from a server's reply."""

import re
from urllib.parse import urlsplit

from diagnostics.clients.postgres.libpq_settings.dsn import InvalidSettings
from diagnostics.clients.postgres.libpq_settings.parameters import connection_settings
from diagnostics.targets.command_line.target_command import target_options
from diagnostics.targets.platform import PARTS, platform_of
from diagnostics.targets.settings import SecretRef, TargetSettings
from diagnostics.targets.target import Endpoint, Target
from kb.records.fixes.ways import platform_values
from kb.text.commands import TARGET_OPTIONS

_RDS_HOST = re.compile(r"([\w-]+)\.[\w-]+\.[\w-]+\.rds\.", re.IGNORECASE)
_CLOUDSQL_SOCKET = re.compile(r"/cloudsql/[^:/]+:[^:/]+:([\w-]+)")
_SERVICE_HOST = re.compile(r"([\w-]+)\.([\w-]+)\.svc\b", re.IGNORECASE)
CONFIG_FILES = ("credentials_file", "network_file", "currency_file", "webhook_file", "logging_file")
"""Placeholders that a target given as a bare path fills: its kind is not known, so the path fills each."""


NEVER_OPTIONS = frozenset(
    {"host", "port", "api_host", "api_port", "region", "service_pid", "server_host", "server_port"}
)
"""Placeholders that stand as a word of their own in commands, where a value with a hyphen is an option."""


def placeholder_values(target: Target, kb: tuple[str, ...] = ()) -> dict[str, str]:
    """Return the values by placeholder; one without a value is absent.

    `kb` are the folders of a team's own entries, for the options that name the target again.
    """
    settings = target.settings
    commands = settings.commands
    values = {
        "target": target.name,
        TARGET_OPTIONS: target_options((target,), kb),
        "start_database": commands.start_database,
        "restart_database": commands.restart_database,
        "restart_application": commands.restart_application,
        "renew_certificate": commands.renew_certificate,
        "reissue_certificate": commands.reissue_certificate,
    }
    if settings.rotation:
        values |= {"secret_name": settings.rotation.secret.aws, "region": settings.rotation.secret.region}
    if settings.pool:
        values["application_name"] = settings.pool.application_name
    values |= platform_values({part: platform_of(target, part) for part in PARTS})
    values |= _files(target) | _addresses(settings) | _pooler(settings)
    values |= _server(settings)
    for point in target.endpoints:
        if point.kind == "postgresql":
            values |= _connection(point)
            values |= _names_in(values.get("host", ""))
        if point.kind == "path" and not (target.folder / point.url).is_dir():
            values |= dict.fromkeys(CONFIG_FILES, str(target.folder / point.url))
    return {name: value for name, value in values.items() if _is_usable(name, value)}


def _is_usable(name: str, value: str | None) -> bool:
    """Return True if a command may contain the value."""
    if not value or not value.isprintable():
        return False
    return not (value.startswith("-") and name in NEVER_OPTIONS)


def _files(target: Target) -> dict[str, str]:
    """Return the files that the settings name, each joined to the folder of the target file."""
    settings, files = target.settings, target.settings.config
    secrets = {
        "password_file": settings.secrets.database,
        "api_key_file": settings.secrets.api_key,
        "token_file": settings.secrets.token,
    }
    named = {name: ref.file for name, ref in secrets.items() if isinstance(ref, SecretRef)}
    named |= {
        "ca_file": settings.tls.ca_file,
        "crl_file": settings.tls.crl_file,
        "env_file": settings.tls.env_file,
        "credentials_file": files.credentials,
        "network_file": files.network,
        "currency_file": files.currency,
        "webhook_file": files.webhook,
        "logging_file": files.logging,
    }
    return {name: str(target.folder / path) for name, path in named.items() if path}


def _addresses(settings: TargetSettings) -> dict[str, str]:
    """Return the addresses of the API, the webhook receiver and the service."""
    values = {"api_url": settings.api}
    if settings.api:
        parts = urlsplit(settings.api)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        values |= {"api_host": parts.hostname or "", "api_port": str(port)}
        values |= _contract(settings)
    if settings.webhook:
        values["webhook_url"] = settings.webhook.url
    if settings.service:
        values["service_url"] = settings.service.health
        values["service_pid"] = str(settings.service.pid or "")
    return values


def _contract(settings: TargetSettings) -> dict[str, str]:
    """Return the URLs of the API that checks read, and the headers of its credentials up to their values."""
    contract, base = settings.contract, settings.api.rstrip("/")
    return {
        "health_url": f"{base}{contract.health_path}",
        "account_url": f"{base}{contract.me_path}",
        "api_key_header": f"{contract.key_header}: {contract.key_scheme}".strip(),
        "token_header": f"{contract.token_header}: {contract.token_scheme}".strip(),
    }


def _server(settings: TargetSettings) -> dict[str, str]:
    """Return host and port of the server itself, to which the URL of the monitor leads."""
    try:
        first = connection_settings(settings.monitor).hosts[0] if settings.monitor else None
    except InvalidSettings:
        return {}
    return {"server_host": first.host, "server_port": str(first.port)} if first else {}


def _pooler(settings: TargetSettings) -> dict[str, str]:
    """Return the URL of the pooler's admin console: the operator's, else that of PgBouncer's own user.

    The role in `pooler.admin` is one that only reads. Without it the console is at the application's address.
    """
    if settings.operator and settings.operator.pooler:
        return {"pooler_admin": settings.operator.pooler}
    url = settings.pooler.admin if settings.pooler and settings.pooler.admin else settings.database
    try:
        first = connection_settings(url).hosts[0] if url else None
    except InvalidSettings:
        return {}
    if first is None or first.local:
        return {}
    host = (
        f"[{first.host or first.address}]"
        if ":" in (first.host or first.address)
        else first.host or first.address
    )
    return {"pooler_admin": f"postgresql://pgbouncer@{host}:{first.port}/pgbouncer"}


def _names_in(host: str) -> dict[str, str]:
    """Return what the name of a database host tells: an RDS instance, a Cloud SQL instance, a Service."""
    if match := _RDS_HOST.match(host):
        return {"rds_instance": match[1]}
    if match := _CLOUDSQL_SOCKET.match(host):
        return {"cloudsql_instance": match[1]}
    if match := _SERVICE_HOST.match(host):
        return {"database_service": match[1], "namespace": match[2]}
    return {}


def _connection(point: Endpoint) -> dict[str, str]:
    try:
        connection = connection_settings(point.url)
    except InvalidSettings:
        return {}
    first = connection.hosts[0]
    return {
        "host": first.host,
        "port": str(first.port),
        "role": connection.user,
        "database": connection.database,
    }
