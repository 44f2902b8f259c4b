"""Thresholds of checks: those of the record, overridden by the target."""

from collections.abc import Iterator, Mapping, Sequence

from diagnostics.errors import InvalidTarget
from diagnostics.targets.target import Target
from kb.checks.model import Check, Declaration
from kb.text.suggestions import did_you_mean


def thresholds_of(entry: str, check: Check, target: Target) -> dict[str, float]:
    """Return the thresholds of a check on a target."""
    own = target.thresholds.checks.get(entry, {})
    return {name: own.get(name, value) for name, value in check.thresholds.items()}


def require_known_thresholds(target: Target, declarations: Sequence[Declaration]) -> None:
    """Raise InvalidTarget if a target overrides a threshold that the checks of the entry do not have.

    An entry that is not loaded may belong to a pack or a folder that other commands load.
    """
    for problem in _unknown(target.thresholds.checks, declarations):
        raise InvalidTarget(f"target.{target.name}.thresholds.checks.{problem}")


def _unknown(
    overrides: Mapping[str, Mapping[str, float]], declarations: Sequence[Declaration]
) -> Iterator[str]:
    for declaration in declarations:
        blocks = [block for blocks in declaration.checks.values() for block in blocks]
        known = {name for block in blocks for name in block.thresholds}
        for name in overrides.get(declaration.id, {}):
            if name not in known:
                near = did_you_mean(name, known) or f"known: {', '.join(sorted(known)) or 'none'}"
                yield f"{declaration.id}.{name}: no check of the entry has this threshold; {near}"
