"""Docstrings and names are plain technical English; ruff's D401 adds that functions begin with a verb."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("kb", "diagnostics", "tui", "site_docs", "tests")
CLAUSES = {"what", "whether", "who", "whom", "whose", "how", "why", "which"}
"""First words of a relative clause, which is not a sentence."""
METAPHORS = {
    "culprit", "desk", "door", "hog", "keeper", "knock", "moot", "shelf", "storm", "stranger", "told",
    "walk", "walker", "walking", "wishes", "workshop",
}  # fmt: skip
"""Words that names once used; the architecture page has the glossary."""
CODE_PAIRS = ("_before.py", "_after.py")


def modules() -> list[Path]:
    """Return the modules of the project, without sample data and the code pairs of entries."""
    paths = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return [path for path in paths if "data" not in path.parts and not path.name.endswith(CODE_PAIRS)]


def docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and text of every docstring, those behind fields and constants included."""
    for node in ast.walk(tree):
        body = getattr(node, "body", [])
        for child in body if isinstance(body, list) else []:
            value = child.value if isinstance(child, ast.Expr) else None
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield child.lineno, value.value.strip()


@pytest.mark.parametrize("package", PACKAGES)
def test_no_docstring_begins_with_a_relative_clause(package: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text.splitlines()[0]}"
        for path in modules()
        if path.relative_to(ROOT).parts[0] == package
        for line, text in docstrings(ast.parse(path.read_text("utf-8")))
        if text and text.split()[0].lower() in CLAUSES
    ]

    assert found == []


def names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and name of every class and function."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.lineno, node.name


def test_no_class_function_or_module_is_named_by_a_metaphor() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in modules()
        for line, name in [(1, path.stem), *names(ast.parse(path.read_text("utf-8")))]
        if name.lower().strip("_") in METAPHORS
    ]

    assert found == []
