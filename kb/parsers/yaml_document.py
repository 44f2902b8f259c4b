"""YAML 1.1 of people's files, bounded in size, depth, numbers and the values that its aliases expand to.

PyYAML composes nodes recursively, expands nothing that an alias repeats, and converts scalars with errors of
Python's own: `2024-99-99` raises a ValueError, a number in base 60 takes quadratic time.
"""

import re
from typing import Any, Final

from kb.parsers.malformed import Malformed

MAX_CHARS: Final = 1_000_000
MAX_DEPTH: Final = 32
"""Levels of sequences and mappings."""
MAX_VALUES: Final = 100_000
"""Values of a document with its aliases expanded."""
MAX_NUMBER: Final = 100
"""Characters of a plain scalar that may be a number."""
CONVERSION_ERRORS: Final = (
    ValueError, ArithmeticError, LookupError, TypeError, AttributeError, RecursionError,
)  # fmt: skip
"""Errors of PyYAML's converters of scalars, as of `!!int x` and `!!timestamp x`."""
_NUMBER: Final = re.compile(r"[-+]?[0-9][0-9a-fA-FxXob_:.+-]*")


def parse_yaml(text: str) -> Any:
    """Parse a document with YAML's safe types. Raises Malformed, with the line where it is known."""
    import yaml  # noqa: PLC0415  not needed with a warm cache

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        check_limits(text, loader)
        return yaml.load(text, Loader=loader)  # noqa: S506  both are safe loaders
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise Malformed(error_text(error), mark.line + 1 if mark else 0) from None
    except Malformed:
        raise
    except CONVERSION_ERRORS as error:
        raise Malformed(f"a value cannot be read as its type: {type(error).__name__}") from None


def error_text(error: Exception) -> str:
    """Return the problem of an error of yaml, without the excerpt that yaml adds: it may hold a secret."""
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or type(error).__name__
    return " ".join(str(problem).split())


def check_limits(text: str, loader: Any) -> None:
    """Check a text by its events, which are read without recursion. Raises Malformed, yaml.YAMLError."""
    if len(text) > MAX_CHARS:
        raise Malformed(f"longer than {MAX_CHARS} characters")
    import yaml  # noqa: PLC0415  as above

    counter = _Counter()
    parser = loader(text)
    try:
        while parser.check_event():
            event = parser.get_event()
            if problem := counter.problem(event, yaml):
                raise Malformed(problem, event.start_mark.line + 1)
    finally:
        parser.dispose()


class _Counter:
    """Depth of the events of a document, and number of its values with aliases expanded."""

    def __init__(self) -> None:
        self._count = 0
        self._sizes: dict[str, int] = {}
        """Values below each anchor."""
        self._open: list[tuple[str | None, int]] = []
        """Anchor of each open collection, and the number of values before it."""

    def problem(self, event: Any, yaml: Any) -> str:
        """Count an event; return the limit that it exceeds, empty if it exceeds none."""
        if isinstance(event, yaml.CollectionEndEvent):
            anchor, before = self._open.pop()
            self._sizes.update({anchor: self._count - before} if anchor else {})
        elif isinstance(event, yaml.CollectionStartEvent):
            self._open.append((event.anchor, self._count))
            self._count += 1
        elif isinstance(event, yaml.ScalarEvent):
            self._count += 1
            self._sizes.update({event.anchor: 1} if event.anchor else {})
        elif isinstance(event, yaml.AliasEvent):
            if any(anchor == event.anchor for anchor, _ in self._open):
                return "an alias within the value that it names"
            self._count += self._sizes.get(event.anchor, 1)
        if isinstance(event, yaml.ScalarEvent) and len(event.value) > MAX_NUMBER and _is_number(event):
            return f"a number of more than {MAX_NUMBER} characters"
        if len(self._open) > MAX_DEPTH:
            return f"nested more than {MAX_DEPTH} levels deep"
        return f"more than {MAX_VALUES} values, with aliases expanded" if self._count > MAX_VALUES else ""


def _is_number(event: Any) -> bool:
    """Return True for a scalar that may be a number, and for one that a tag makes a number."""
    if event.tag:
        return bool(event.tag.endswith((":int", ":float")))
    return not event.style and _NUMBER.fullmatch(event.value) is not None
