"""Descriptions of class fields: the string behind each assignment, which Python does not keep at run time."""

import ast
import inspect
from itertools import pairwise


def field_docs(cls: type) -> dict[str, str]:
    """Parse the source of a class and return the string behind each assignment of its body, by field name."""
    (body,) = (node.body for node in ast.parse(inspect.getsource(cls)).body if isinstance(node, ast.ClassDef))
    docs: dict[str, str] = {}
    for node, following in pairwise(body):
        name = _assigned_name(node)
        if name and isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            docs[name] = " ".join(str(following.value.value).split())
    return docs


def _assigned_name(node: ast.stmt) -> str:
    targets: list[ast.expr] = [node.target] if isinstance(node, ast.AnnAssign) else []
    if isinstance(node, ast.Assign):
        targets = node.targets
    return next((target.id for target in targets if isinstance(target, ast.Name)), "")
