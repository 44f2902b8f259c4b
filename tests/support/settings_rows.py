"""The settings of a target as rows of a table: what pages show must be what the code says."""

import ast
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType


def rows(module: ModuleType, name: str, section: str) -> Iterator[str]:
    """The row of each setting of a class: its key, its default and its docstring."""
    source = ast.parse(Path(str(module.__file__)).read_text("utf-8"))
    (body,) = [node.body for node in source.body if isinstance(node, ast.ClassDef) and node.name == name]
    for field, doc in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            assert isinstance(doc, ast.Expr)
            key = f"{section}.{field.target.id}".lstrip(".")
            yield f"| `{key}` | {_default(field.value)} | {ast.literal_eval(doc.value)} |"


def _default(value: ast.expr | None) -> str:
    """The default of a field, whether it is written plainly or by `field(default=...)`."""
    if value is None:
        return "needed"
    if isinstance(value, ast.Call):
        (value,) = [keyword.value for keyword in value.keywords if keyword.arg == "default"]
    plain = ast.literal_eval(value)
    return f"`{plain}`" if plain else "none"
