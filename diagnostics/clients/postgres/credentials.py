"""Credentials of the application and of the monitor role."""

from dataclasses import dataclass, field, replace

from diagnostics.clients.postgres.libpq_settings.parameters import ConnectionSettings, connection_settings
from diagnostics.clients.postgres.route import Route, find_route, route_of
from diagnostics.engine.context import Context
from diagnostics.targets.secrets.rds_iam import Login
from diagnostics.targets.settings import Secret, SecretRef


@dataclass(frozen=True, slots=True)
class Credential:
    """Connection settings, the route to the server and the password of the role."""

    settings: ConnectionSettings
    route: Route
    password: str = field(repr=False)
    source: str
    """Origin of the password, as evidence shows it."""

    host_passwords: bool = False
    """True if the password is that of the settings, which may have one for each host."""

    def at(self, route: Route) -> "Credential":
        """Return this credential for another host of the settings."""
        if not self.host_passwords:
            return replace(self, route=route)
        password = self.settings.hosts[route.host].password
        return replace(self, route=route, password=password.value, source=password.source)

    def with_password(self, password: str, source: str) -> "Credential":
        """Return this credential with another password."""
        return replace(self, password=password, source=source, host_passwords=False)


def of_application(context: Context) -> Credential:
    """Read the credential that the application logs in with. Raises CannotTell."""
    settings = connection_settings(context.endpoint.url)
    secret = context.target.settings.secrets.database
    return _credential(context, settings, secret, "secrets.database", route_of(context, settings))


def of_monitor(context: Context) -> Credential:
    """Read the credential of the monitor role, or the application's if none is set. Raises CannotTell."""
    own = context.target.settings
    if not own.monitor:
        return of_application(context)
    settings = connection_settings(own.monitor)
    return _credential(context, settings, own.secrets.monitor, "secrets.monitor", _route(context, settings))


def of_pooler_admin(context: Context, url: str) -> Credential:
    """Read the credential of the pooler's admin console at `url`. Raises CannotTell."""
    settings, secret = connection_settings(url), context.target.settings.secrets.pooler
    return _credential(context, settings, secret, "secrets.pooler", _route(context, settings))


def source_of(secret: Secret, settings: ConnectionSettings, host: int = 0) -> str:
    """Return the origin of the password of one host, without reading the secret store."""
    if isinstance(secret, SecretRef):
        return secret.describe()
    return "the target's settings" if secret else settings.hosts[host].password.source


def _route(context: Context, settings: ConnectionSettings) -> Route:
    """Return the route of the application where the settings lead the same way, else search for one."""
    application = connection_settings(context.endpoint.url)
    same = _addresses(settings) == _addresses(application) and settings["sslmode"] == application["sslmode"]
    return route_of(context, settings) if same else find_route(settings, context.deadline)


def _credential(
    context: Context, settings: ConnectionSettings, secret: Secret, key: str, route: Route
) -> Credential:
    context.secrets.require_trust()
    source = source_of(secret, settings, route.host)
    if secret is not None:
        host = settings.hosts[route.host]
        login = Login(host.shown, host.port, settings.user)
        return Credential(settings, route, context.secrets.read(secret, key, login=login), source)
    for host in settings.hosts:
        context.redactor.learn(host.password.value, "password")
    password = settings.hosts[route.host].password.value
    return Credential(settings, route, password, source, host_passwords=True)


def same_address(url: str, other: str) -> bool:
    """Return True if two URLs name the same hosts and ports."""
    return _addresses(connection_settings(url)) == _addresses(connection_settings(other))


def _addresses(settings: ConnectionSettings) -> list[tuple[str, str, int]]:
    return [(host.host, host.address, host.port) for host in settings.hosts]
