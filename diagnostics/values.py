"""What fills the placeholders of fixes: the target's own settings, never what a server said."""

from diagnostics.clients.pg_settings import connection_settings
from diagnostics.clients.pg_url import InvalidSettings
from diagnostics.settings import SecretRef
from diagnostics.target import Endpoint, Target


def placeholder_values(target: Target) -> dict[str, str]:
    """Values by placeholder; one that is not known is absent, and its hole stays visible."""
    settings = target.settings
    commands = settings.commands
    values = {
        "target": target.name,
        "start_database": commands.start_database,
        "restart_database": commands.restart_database,
        "restart_application": commands.restart_application,
    }
    if settings.rotation:
        values |= {"secret_name": settings.rotation.secret.aws, "region": settings.rotation.secret.region}
    if settings.pool:
        values["application_name"] = settings.pool.application_name
    if isinstance(settings.secrets.database, SecretRef) and settings.secrets.database.file:
        values["password_file"] = str(target.folder / settings.secrets.database.file)
    for point in target.endpoints:
        if point.kind == "postgresql":
            values |= _connection(point)
    return {name: value for name, value in values.items() if value and value.isprintable()}


def _connection(point: Endpoint) -> dict[str, str]:
    try:
        found = connection_settings(point.url)
    except InvalidSettings:
        return {}
    first = found.hosts[0]
    return {"host": first.host, "port": str(first.port), "role": found.user, "database": found.database}
