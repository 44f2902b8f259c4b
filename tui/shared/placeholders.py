"""What fills placeholders on the screen."""

from collections.abc import Mapping

from diagnostics.run.placeholder_values import placeholder_values
from diagnostics.run.selection import option_of
from diagnostics.targets.target import Target


def values_of(target: Target | None) -> Mapping[str, str]:
    """The values of the chosen target; none where none is chosen."""
    return placeholder_values(target) if target else {}


def options_of(target: Target | None) -> str:
    """How a command line names the chosen target."""
    return option_of(target) if target else "--target lab"
