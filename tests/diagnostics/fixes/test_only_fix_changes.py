"""Only `fix` changes a system: nothing but its command and the screen's action imports the code that does."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[3]
MAY_IMPORT = (
    "diagnostics/fixes/",
    "diagnostics/cli/commands/fix.py",
    "diagnostics/cli/fixing/",
    "tui/triage/applied_fix.py",
)
"""Modules of fixes, the command, and the action of the screen."""


def imports_fixes(path: Path) -> bool:
    """Return True if a module imports `diagnostics.fixes`, at its top or in a function."""
    names = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return any(name == "diagnostics.fixes" or name.startswith("diagnostics.fixes.") for name in names)


def test_nothing_but_the_command_and_the_screen_imports_the_fixes() -> None:
    modules = [
        path for root in ("kb", "diagnostics", "tui", "site_docs") for path in (ROOT / root).rglob("*.py")
    ]
    importing = {str(path.relative_to(ROOT)) for path in modules if imports_fixes(path)}

    assert {name for name in importing if not name.startswith(MAY_IMPORT)} == set()
    assert "diagnostics/cli/commands/fix.py" in importing


def test_a_process_is_started_with_the_command_of_a_step_by_the_fixes_alone() -> None:
    modules = (ROOT / "diagnostics" / "fixes").glob("*.py")
    starting = {path.name for path in modules if "subprocess" in path.read_text("utf-8")}

    assert starting == {"process.py", "file_copies.py"}
