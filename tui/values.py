"""What fills placeholders on the screen."""

from collections.abc import Mapping

from diagnostics.selection import option_of
from diagnostics.target import Target
from diagnostics.values import placeholder_values


def values_of(target: Target | None) -> Mapping[str, str]:
    """The values of the chosen target; none where none is chosen."""
    return placeholder_values(target) if target else {}


def options_of(target: Target | None) -> str:
    """How a command line names the chosen target."""
    return option_of(target) if target else "--target lab"
