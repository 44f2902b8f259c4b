"""The settings of a target as rows of a table, to compare pages with the code."""

import ast
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType


def rows(module: ModuleType, name: str, section: str) -> Iterator[str]:
    """Yield the row of each setting of a class: key, default and docstring."""
    source = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
    (body,) = [node.body for node in source.body if isinstance(node, ast.ClassDef) and node.name == name]
    for field, doc in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            assert isinstance(doc, ast.Expr)
            key = f"{section}.{field.target.id}".lstrip(".")
            yield f"| `{key}` | {_default(field.value)} | {ast.literal_eval(doc.value)} |"


def _default(value: ast.expr | None) -> str:
    """Return a field's default, given as a literal or by `field(default=...)`."""
    if value is None:
        return "needed"
    if isinstance(value, ast.Call):
        (value,) = [keyword.value for keyword in value.keywords if keyword.arg == "default"]
    plain = ast.literal_eval(value)
    return f"`{plain}`" if plain else "none"
