"""Queries for Elasticsearch and OpenSearch, in their query language (Query DSL)."""

import json
from typing import Any, Final

from diagnostics.scan.queries import Query, shortest

INDEX: Final = "logs-*"
FIELD: Final = "message"
MAX_CLAUSES: Final = 1_024
"""Clauses of a query (indices.query.bool.max_clause_count) that every version allows."""


def query(wanted: Query) -> str:
    """Return a search with a phrase for each literal, oldest lines first, and their number a minute."""
    phrases: list[dict[str, Any]] = [
        {"match_phrase": {FIELD: literal}} for literal in shortest(wanted.literals) if "\\" not in literal
    ]
    window = {key: time for key, time in (("gte", wanted.since), ("lte", wanted.until)) if time}
    clause: dict[str, Any] = {"should": phrases[:MAX_CLAUSES], "minimum_should_match": 1}
    if window:
        clause["filter"] = [{"range": {"@timestamp": window}}]
    body = {
        "size": 100,
        "sort": [{"@timestamp": "asc"}],
        "query": {"bool": clause},
        "aggs": {"minutes": {"date_histogram": {"field": "@timestamp", "fixed_interval": "1m"}}},
    }
    text = json.dumps(body, indent=1, ensure_ascii=False)
    return f"# {wanted.entry}: {wanted.title}\nGET {INDEX}/_search\n{text}"
