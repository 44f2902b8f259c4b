"""Queries for Grafana Loki, in LogQL."""

import re
from typing import Final

from diagnostics.scan.queries import Query, shortest

SELECTOR: Final = '{job=~".+"}'
"""Stream selector. Loki requires one with a value that is not empty; narrow it to the streams in question."""
MAX_QUERY: Final = 131_072
"""Bytes of a query that Loki parses (maxInputSize in pkg/logql/syntax)."""
_SPECIAL: Final = re.compile(r"[\\.+*?()|\[\]{}^$]")


def query(wanted: Query) -> str:
    """Return a line filter with a regular expression (RE2) that has every literal, whatever its case."""
    pattern = "|".join(_escaped(literal) for literal in shortest(wanted.literals))
    window = "".join(
        f" --{option}={time}" for option, time in (("from", wanted.since), ("to", wanted.until)) if time
    )
    note = f"; logcli query{window}" if window else ""
    return f"# {wanted.entry}: {wanted.title}{note}\n{SELECTOR} |~ `(?i)({pattern})`"


def _escaped(literal: str) -> str:
    """Escape a literal for RE2, between backquotes, within which LogQL knows no escapes."""
    return _SPECIAL.sub(r"\\\g<0>", literal).replace("`", r"\x60")
