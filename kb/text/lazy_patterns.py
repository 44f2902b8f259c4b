"""Patterns that are compiled on first use, in modules that every command loads."""

import re
from typing import Any, cast


class LazyPattern:
    """Pattern that is compiled when one of its methods is first asked for."""

    def __init__(self, pattern: str, flags: int = 0) -> None:
        self.pattern = pattern
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        value = getattr(re.compile(self.pattern, self._flags), name)
        setattr(self, name, value)  # the next call takes it from here, as fast as from the compiled pattern
        return value


def lazy_pattern(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Return a pattern that is compiled on first use: compiling takes longer than a short match."""
    return cast("re.Pattern[str]", LazyPattern(pattern, flags))
