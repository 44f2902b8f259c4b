"""Values of placeholders for the chosen target."""

from collections.abc import Mapping

from diagnostics.run.placeholder_values import placeholder_values
from diagnostics.run.selection import target_option
from diagnostics.targets.target import Target


def values_of(target: Target | None) -> Mapping[str, str]:
    """Return the values of placeholders by name; empty without a target."""
    return placeholder_values(target) if target else {}


def options_of(target: Target | None) -> str:
    """Return the command-line option that names the target; that of the lab without a target."""
    return target_option(target) if target else "--target lab"
