"""Queries for ClickHouse, for the table of OpenTelemetry's exporter."""

from collections.abc import Sequence
from typing import Final

from diagnostics.scan.queries import Query, shortest

TABLE: Final = "otel_logs"
COLUMN: Final = "Body"
TIME: Final = "Timestamp"
MAX_NEEDLES: Final = 255
"""Literals that multiSearchAny searches at once."""


def query(wanted: Query) -> str:
    """Return a SELECT of the lines with a literal, whatever its case, the oldest first."""
    literals = shortest(wanted.literals)
    batches = [literals[at : at + MAX_NEEDLES] for at in range(0, len(literals), MAX_NEEDLES)]
    conditions = " OR ".join(_search(batch) for batch in batches)
    window = [f"{TIME} >= parseDateTime64BestEffort({_quoted(wanted.since)}, 9)"] if wanted.since else []
    window += [f"{TIME} <= parseDateTime64BestEffort({_quoted(wanted.until)}, 9)"] if wanted.until else []
    where = " AND ".join([f"({conditions})", *window])
    comment = f"-- {wanted.entry}: {wanted.title}"
    return f"{comment}\nSELECT {TIME}, {COLUMN} FROM {TABLE}\nWHERE {where}\nORDER BY {TIME} LIMIT 100;"


def _search(literals: Sequence[str]) -> str:
    needles = ", ".join(_quoted(literal) for literal in literals)
    return f"multiSearchAnyCaseInsensitiveUTF8({COLUMN}, [{needles}])"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
