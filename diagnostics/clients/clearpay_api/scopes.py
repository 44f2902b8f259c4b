"""Scopes of a credential, and the wildcards with which vendors write several scopes as one."""

import re
from collections.abc import Collection, Iterable
from typing import Final

from diagnostics.clients.clearpay_api.facts import GrantedScopes
from diagnostics.engine.context import Context

SEPARATOR: Final = re.compile(r"[:./]")
ANY: Final = frozenset({"*", "**"})


def share_scopes(context: Context, scopes: tuple[str, ...]) -> None:
    """Show the scopes that a credential has, and share them with the probe `scopes`."""
    context.evidence("scopes granted", scopes)
    context.share(GrantedScopes(scopes))


def missing_scopes(required: Iterable[str], granted: Collection[str]) -> list[str]:
    """Return the required scopes that no granted one covers, sorted."""
    return sorted(scope for scope in set(required) if not any(covers(grant, scope) for grant in granted))


def covers(grant: str, scope: str) -> bool:
    """Return True if a granted scope is the required one, or a wildcard for it.

    `*` alone covers every scope, `payments:*` and `payments.*` every scope below `payments`, `*:read` every
    scope that ends so.
    """
    if grant == scope or grant in ANY:
        return True
    parts, wanted = SEPARATOR.split(grant), SEPARATOR.split(scope)
    if parts[-1] in ANY:
        parts, wanted = parts[:-1], wanted[: len(parts) - 1] if len(wanted) >= len(parts) else []
    elif SEPARATOR.findall(grant) != SEPARATOR.findall(scope):
        return False
    wild = "*" in grant
    return (
        wild
        and len(parts) == len(wanted)
        and all(part in ANY or part == name for part, name in zip(parts, wanted, strict=True))
    )
