"""What the fields of a class mean: the strings behind them, which no running program keeps."""

import ast
import inspect
from itertools import pairwise


def field_docs(cls: type) -> dict[str, str]:
    """The string behind each assignment in the body of a class, by name."""
    (body,) = (node.body for node in ast.parse(inspect.getsource(cls)).body if isinstance(node, ast.ClassDef))
    docs: dict[str, str] = {}
    for node, following in pairwise(body):
        name = _assigned(node)
        if name and isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            docs[name] = " ".join(str(following.value.value).split())
    return docs


def _assigned(node: ast.stmt) -> str:
    targets: list[ast.expr] = [node.target] if isinstance(node, ast.AnnAssign) else []
    if isinstance(node, ast.Assign):
        targets = node.targets
    return next((target.id for target in targets if isinstance(target, ast.Name)), "")
