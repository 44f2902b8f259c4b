"""Values of placeholders for the chosen target."""

from collections.abc import Mapping

from diagnostics.run.placeholder_values import placeholder_values
from diagnostics.targets.command_line.target_command import target_options
from diagnostics.targets.target import Target


def values_of(target: Target | None) -> Mapping[str, str]:
    """Return the values of placeholders by name; empty without a target."""
    return placeholder_values(target) if target else {}


def options_of(target: Target | None, kb: tuple[str, ...]) -> str:
    """Return the command-line options that name the target and a team's entries; empty without one."""
    return target_options((target,), kb) if target else ""
