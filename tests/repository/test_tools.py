"""The programs in tests/tools: each states its usage and can be run."""

import ast
from pathlib import Path

import pytest

TOOLS = sorted((Path(__file__).parents[2] / "tests" / "tools").glob("*.py"))


@pytest.mark.parametrize("path", TOOLS, ids=lambda path: path.stem)
def test_a_tool_is_a_program_with_a_line_of_usage(path: Path) -> None:
    source = path.read_text("utf-8")
    docstring = ast.get_docstring(ast.parse(source)) or ""
    usage = [line for line in docstring.splitlines() if line.startswith("Usage: python ")]

    assert not path.name.startswith("test_")
    assert 'if __name__ == "__main__":' in source
    assert len(usage) == 1
    assert path.stem in usage[0]
