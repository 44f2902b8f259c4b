"""Kinds of checks, and the endpoints that each is for."""

from diagnostics.targets.target import CONFIG_KINDS, EndpointKind
from kb.checks.model import Check

HTTP: tuple[EndpointKind, ...] = ("https", "http")


def kind_of(check: Check) -> str:
    """Return `sql`, `http` or `config`."""
    if check.sql:
        return "sql"
    return "http" if check.http else "config"


def endpoint_kinds(check: Check) -> tuple[EndpointKind, ...]:
    """Return the kinds of endpoints that a check is for."""
    if check.http:
        return HTTP
    return (CONFIG_KINDS[check.config.file],) if check.config else ("postgresql",)
