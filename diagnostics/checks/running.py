"""Checks of an entry on one endpoint: each by itself, so that one without an answer takes no other along."""

from collections.abc import Mapping, Sequence

from diagnostics.checks.config import run_config_check
from diagnostics.checks.http import run_http_check
from diagnostics.checks.kinds import endpoint_kinds
from diagnostics.checks.sql import run_sql_check
from diagnostics.engine.context import Context
from diagnostics.errors import CannotTell, Skip
from kb.checks.model import Check


def run_checks(context: Context, entry: str, checks: Mapping[str, Sequence[Check]]) -> None:
    """Run the checks for the endpoint's kind and record their findings.

    A check without an answer leaves its part of the question open. Raises Skip if each was skipped.
    """
    skipped: list[str] = []
    answered = 0
    for name, blocks in checks.items():
        here = [block for block in blocks if context.endpoint.kind in endpoint_kinds(block)]
        if not here:
            continue
        try:
            _run(context, entry, name, here)
            answered += 1
        except Skip as skip:
            skipped.append(f"{name}: {skip}")
        except CannotTell as error:
            answered += 1
            context.unknown(f"{name}: {error}")
    if not answered:
        raise Skip("; ".join(skipped) or "no check is for this kind of endpoint")
    for reason in skipped:
        context.evidence("skipped", reason)


def _run(context: Context, entry: str, name: str, blocks: Sequence[Check]) -> None:
    """Run one check, in the block for the server's version. Raises Skip and CannotTell."""
    code, block = f"{entry}.{name}", blocks[0]
    if block.http:
        run_http_check(context, code, block, block.http)
    elif block.config:
        run_config_check(context, code, block, block.config)
    else:
        run_sql_check(context, entry, name, blocks)
