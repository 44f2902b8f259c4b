"""What the fields of a class mean: the strings behind them, which no running program keeps."""

import ast
import inspect


def field_docs(cls: type) -> dict[str, str]:
    """The string behind each assignment in the body of a class, by name."""
    (body,) = (node.body for node in ast.parse(inspect.getsource(cls)).body if isinstance(node, ast.ClassDef))
    docs: dict[str, str] = {}
    for node, following in zip(body, body[1:], strict=False):
        name = _assigned(node)
        if name and isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            docs[name] = " ".join(str(following.value.value).split())
    return docs


def _assigned(node: ast.stmt) -> str:
    target = node.target if isinstance(node, ast.AnnAssign) else None
    if isinstance(node, ast.Assign):
        target = node.targets[0]
    return target.id if isinstance(target, ast.Name) else ""
