"""Upper estimate of the rows that a plan returns, for conditions that the planner can only guess.

PostgreSQL has no statistics for a condition on an expression of a column, and assumes half a percent: of
400,000 rows `extract(month FROM booked_at) = 11` is planned to find 2,000, whatever it finds. Source:
PostgreSQL documentation, "Row Estimation Examples", and DEFAULT_EQ_SEL in selfuncs.h.
"""

import re
from collections.abc import Callable, Iterator
from math import prod
from typing import Any

from diagnostics.clients.json_shape import Misshapen, number_at, objects_at, text_at, texts_at, value_at

Node = dict[str, Any]
ENDS = frozenset({"Aggregate", "Group", "Unique", "Limit", "SetOp", "Result"})
"""Nodes that return fewer rows than they read: their own estimate is used."""
APPENDS = frozenset({"Append", "Merge Append"})
SUBPLANS = frozenset({"SubPlan", "InitPlan"})


def require_plan(node: object) -> None:
    """Check the shape of a plan that EXPLAIN (FORMAT JSON) returns. Raises CannotTell."""
    number_at(node, "Plan Rows")
    if text_at(node, "Node Type") is None:
        raise Misshapen("a node of the plan has no type")
    if value_at(node, "Relation Name") is not None and not (
        text_at(node, "Relation Name") and text_at(node, "Schema")
    ):
        raise Misshapen("a node of the plan has a table without a schema")
    for name in ("Filter", "Alias", "Parent Relationship"):
        text_at(node, name)
    texts_at(node, "Output")
    for child in objects_at(node, "Plans"):
        require_plan(child)


def likely_rows(node: Node, table_rows: Callable[[str, str], float]) -> float:
    """Return the number of rows that a node returns if every blind condition accepts all rows.

    `table_rows` returns the number of rows of a table by schema and name. `node` must come from EXPLAIN
    VERBOSE and must not be parallel.
    """
    planned = float(node["Plan Rows"])
    if node["Node Type"] in ENDS:
        return planned
    children = [
        child for child in (node.get("Plans") or ()) if child.get("Parent Relationship") not in SUBPLANS
    ]
    if "Relation Name" in node and is_blind(node):
        return max(planned, table_rows(node["Schema"], node["Relation Name"]))
    if node["Node Type"] in APPENDS:
        return sum(likely_rows(child, table_rows) for child in children)
    factors = (likely_rows(child, table_rows) / max(1.0, float(child["Plan Rows"])) for child in children)
    return planned * prod(factors)


def tables_of(node: Node) -> Iterator[tuple[str, str]]:
    """Yield schema and name of the tables that a plan reads."""
    if node.get("Relation Name"):
        yield node["Schema"], node["Relation Name"]
    for child in node.get("Plans") or ():
        yield from tables_of(child)


def blind_filters(node: Node) -> Iterator[str]:
    """Yield the conditions of a plan that filter by an expression of a column."""
    if is_blind(node):
        yield str(node["Filter"])
    for child in node.get("Plans") or ():
        yield from blind_filters(child)


def is_blind(node: Node) -> bool:
    """Return True if a scan filters by a function or a cast of a column, which has no statistics."""
    alias = re.escape(str(node.get("Alias", "")))
    column = rf'"?\b{alias}\b"?\.'
    of_function = rf"\w\([^()]*{column}"
    of_cast = rf"\({column}[^()]*\)::(?!text|bpchar|character|varchar)"
    return bool(alias and re.search(f"{of_function}|{of_cast}", str(node.get("Filter", ""))))
