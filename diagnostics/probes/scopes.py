"""Comparison of the scopes that the application requires with those that its key and token have."""

from diagnostics.clients.clearpay_api.facts import GrantedScopes
from diagnostics.clients.clearpay_api.scopes import missing_scopes
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.errors import CannotTell, Skip
from diagnostics.targets.target import EndpointKind

QUESTION = "Is the application allowed what it needs?"
LAYER = "api"
APPLIES_TO: tuple[EndpointKind, ...] = ("https", "http")
NEEDS = ("reach",)
READS = ("key", "token")
FINDINGS = ("scopes.missing", "scopes.old_token")
SAFETY: Safety = "local"
BUDGET = 2.0
ALONE = False
SENDS = "Nothing: it reads the scopes that the API reported to the probes key and token."


def run(context: Context, /) -> None:
    """Compare the required scopes with those of the token, or of the key if there is no token."""
    required = context.target.settings.token.scopes if context.target.settings.token else ()
    if not required:
        raise Skip(f"target {context.target.name} names no token.scopes")
    by_key, by_token = (context.fact_of(probe, GrantedScopes) for probe in READS)
    if by_key is None and by_token is None:
        raise CannotTell("the API reported the scopes of neither key nor token")
    effective = by_token or by_key
    granted = effective.scopes if effective else ()
    missing = missing_scopes(required, granted)
    context.evidence("required", tuple(required))
    context.evidence("granted", granted, note="to the token" if by_token else "to the key")
    context.evidence("missing", tuple(missing), expected=(), ok=not missing)
    if missing:
        old = by_token is not None and by_key is not None and not missing_scopes(missing, by_key.scopes)
        if old:
            context.evidence(
                "key grants them",
                value=True,
                note="so the token was issued before the grant, or for fewer scopes",
            )
        context.finding("scopes.old_token" if old else "scopes.missing")
