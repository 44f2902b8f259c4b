"""The server's own address, where the target names one beside the pooler's."""

from diagnostics.clients.postgres.credentials import same_address
from diagnostics.clients.postgres.libpq_settings.parameters import connection_settings
from diagnostics.clients.postgres.route import find_route
from diagnostics.engine.context import Context
from diagnostics.errors import CannotTell


def has_direct_address(context: Context) -> bool:
    """Return True if the address of `monitor` is another than the application's."""
    monitor = context.target.settings.monitor
    return bool(monitor) and not same_address(monitor, context.endpoint.url)


def direct_problem(context: Context) -> str:
    """Return the reason for which the server does not answer at its own address; empty if it does.

    A statement that a pooler holds back says nothing of the server; an address that does not lead through the
    pooler does. Empty without such an address.
    """
    if not has_direct_address(context):
        return ""
    try:
        find_route(connection_settings(context.target.settings.monitor), context.deadline)
    except CannotTell as reason:
        return str(reason)
    return ""
