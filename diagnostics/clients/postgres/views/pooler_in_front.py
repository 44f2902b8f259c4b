"""Pooler in front of the server: the sessions of the server are then the pooler's, and not the clients'."""

from diagnostics.clients.postgres.session import ServerState
from diagnostics.engine.context import Context

SHARED = "a pooler is in front of the server: its sessions belong to the pooler, and clients share them"


def behind_pooler(context: Context) -> bool:
    """Return True if the target names a pooler or `login` recognised one."""
    state = context.fact_of("login", ServerState)
    return context.target.settings.pooler is not None or (state is not None and state.pooled)
