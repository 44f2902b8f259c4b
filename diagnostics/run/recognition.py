"""Recognition of PostgreSQL behind an address of the form host:port, which otherwise is examined as TLS."""

from contextlib import nullcontext
from dataclasses import replace

from diagnostics.clients.dns import HostNotFound
from diagnostics.clients.postgres.libpq_settings.parameters import connection_settings
from diagnostics.clients.postgres.route import addresses_of
from diagnostics.clients.postgres.startup import StartupAttempt, StartupResult
from diagnostics.clients.postgres.stream import ConnectionFailed
from diagnostics.engine.context import OpenStep
from diagnostics.engine.deadline import Deadline
from diagnostics.errors import CannotTell
from diagnostics.targets.target import Target, endpoint

SECONDS = 2.0
"""Seconds after which the address is examined as TLS, which reports what is wrong with it."""
TLS_PORTS = frozenset({443, 465, 636, 853, 989, 990, 993, 995, 5061, 5671, 6443, 8443, 8883, 9443})
"""Ports of protocols over TLS: their servers are not sent the first bytes of PostgreSQL's protocol."""


def as_database(target: Target) -> Target:
    """Return a target of the form host:port as one of PostgreSQL if its address answers like PostgreSQL.

    Other targets are returned as they are. It connects as the probe `connect` does: a startup without a
    credential.
    """
    if not target.bare or target.endpoints[0].kind != "tls":
        return target
    return _recognised(target) or target


def _recognised(target: Target) -> Target | None:
    (point,) = target.endpoints
    url = f"postgresql://{point.url}"
    try:
        settings = connection_settings(url)
        deadline = Deadline(SECONDS)
        if settings.hosts[0].port in TLS_PORTS:
            return None
        address = addresses_of(settings.hosts[0], deadline.left)[0]
        result = StartupAttempt(address, settings, deadline, lambda _: nullcontext(OpenStep()))("offered")
    except (CannotTell, HostNotFound, ConnectionFailed, IndexError):
        return None
    return _as_database(target, url) if _is_postgresql(result) else None


def _is_postgresql(result: StartupResult) -> bool:
    """Return True if the server asked for authentication, sent an error, or answered S or N to SSLRequest."""
    answered = result.problem in {"tls_refused", "tls_failed", "certificate"}
    return answered or bool(result.method) or result.error is not None


def _as_database(target: Target, url: str) -> Target:
    point = endpoint(url)
    return replace(target, name=point.name, endpoints=(point,))


def note(target: Target) -> str:
    """Return the line about a target that was recognised, with the role and the database that apply to it."""
    url = target.endpoints[0].url
    host, settings = url.partition("://")[2], connection_settings(url)
    return (
        f"{host} is PostgreSQL, examined as role {settings.user} in database {settings.database}; "
        f"name others: --target postgresql://ROLE@{host}/DATABASE"
    )
