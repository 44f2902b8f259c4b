"""Blocks of the generated pages: each command parses in its language, with the examples filled in."""

import ast
import re
import subprocess
import textwrap
from collections.abc import Iterator

import pytest

from kb.records.fixes.placeholder_table import PLACEHOLDERS
from kb.records.placeholders import placeholders_in
from tests.site.shipped import shipped_files

pytestmark = pytest.mark.site

FENCE = re.compile(r"^( *)(`{3,})(\w*)[^\n]*\n(.*?)\n\1\2 *$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> Iterator[tuple[str, str]]:
    """Yield page and text of the blocks of a language on the pages of entries."""
    for path, file in shipped_files().items():
        if path.startswith("errors/"):
            for _, _, found, block in FENCE.findall(file.text):
                if found == language:
                    yield path, textwrap.dedent(block)


def test_every_block_of_a_shell_parses() -> None:
    found = list(blocks("sh"))
    broken = []
    for path, text in found:
        done = subprocess.run(["bash", "-n"], input=text, text=True, capture_output=True, check=False)
        if done.returncode:
            broken.append(f"{path}: {text}\n{done.stderr}")

    assert not broken, "\n".join(broken)
    assert len(found) > 300


def test_every_block_of_python_parses() -> None:
    found = list(blocks("python"))
    for path, text in found:
        ast.parse(text, path)

    assert len(found) > 60


def test_no_block_has_a_bare_placeholder_or_names_the_lab() -> None:
    commands = [block for language in ("sh", "sql", "python") for block in blocks(language)]
    names = set(PLACEHOLDERS)

    assert [block for block in commands if names & set(placeholders_in(block[1]))] == []
    assert [block for block in commands if "--target lab" in block[1]] == []
