"""Kinds of Python: classes of settings, other classes, and files that are programs and no configuration."""

import ast
import re
from collections.abc import Iterator
from typing import Final

from diagnostics.clients.config.readers.python_values import dotted

SETTINGS: Final = re.compile(r"(?:Settings?|Config(?:s|uration)?|Conf|Defaults|Environ(?:ment)?)$")
"""Ending of the names of settings classes, of their bases, and of decorators that make them."""
RECORDS: Final = re.compile(
    r"(?<!^Base)Model$|^(?:Declarative)?Base$|(?:Document|Schema|Serializer|Form|Admin|View|TestCase|Exception|Error)$"
)
"""Ending of the bases of classes that describe rows, forms or pages, whatever their names are."""
DATACLASSES: Final = frozenset({"dataclass", "define", "frozen", "attrs", "attr.s", "s"})


def kinds_of_classes(module: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the classes of a module: `settings` by base, decorator or name, `plain`, or `code`.

    `plain` has neither base nor decorator nor method, so that its attributes can only be values.
    """
    for statement in module.body:
        if isinstance(statement, ast.ClassDef):
            methods = any(isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef) for part in statement.body)
            plain = not (statement.bases or statement.decorator_list or methods)
            yield statement.name, "settings" if _is_settings(statement) else "plain" if plain else "code"


def is_dataclass(definition: ast.ClassDef) -> bool:
    """Return True for a dataclass, or a class of attrs."""
    return any(name.rpartition(".")[2] in DATACLASSES for name in _decorators(definition))


def is_program(module: ast.Module) -> bool:
    """Return True for a module that defines functions, or that does something when it is run by itself."""
    return any(
        isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) or _is_main(statement)
        for statement in module.body
    )


def _is_settings(definition: ast.ClassDef) -> bool:
    bases = [dotted(base) for base in definition.bases]
    if any(RECORDS.search(base.rpartition(".")[2]) for base in bases):
        return False
    names = [definition.name, *bases]
    names += [name[:1].upper() + name[1:] for name in _decorators(definition)]
    return any(SETTINGS.search(name.rpartition(".")[2]) for name in names)


def _decorators(definition: ast.ClassDef) -> list[str]:
    calls = (item.func if isinstance(item, ast.Call) else item for item in definition.decorator_list)
    return [dotted(call) for call in calls]


def _is_main(statement: ast.stmt) -> bool:
    """Return True for `if __name__ == "__main__"`."""
    return isinstance(statement, ast.If) and any(
        isinstance(node, ast.Name) and node.id == "__name__" for node in ast.walk(statement.test)
    )
