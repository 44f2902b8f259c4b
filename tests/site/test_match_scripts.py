"""Tests that the scripts of the box name only constants, patterns and index keys that `kb` has."""

import re
from pathlib import Path

import pytest

from kb.matching.index import Index
from site_docs import javascript
from site_docs.facts import ROOT
from site_docs.page_types.match_box import MODULES, PATTERN_TEXTS, SCRIPTS

FOLDER = ROOT / "site_docs" / "pages" / "assets" / "match"
REFERENCE = re.compile(r'\b(pattern|whole|table|mapping)\("(\w+)", "(\w+)"')
OWN_MODULE = re.compile(r'const constant = \(name\) => table\("(\w+)", name\)')


def script(name: str) -> str:
    return (FOLDER / f"{name}.js").read_text("utf-8")


def test_every_script_of_the_folder_is_loaded() -> None:
    assert {Path(path).stem for path in FOLDER.glob("*.js")} == set(SCRIPTS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_constant_and_pattern_of_a_script_exists(name: str) -> None:
    text = script(name)
    references = set(REFERENCE.findall(text))
    if own := OWN_MODULE.search(text):
        references |= {("table", own[1], constant) for constant in re.findall(r'constant\("(\w+)"\)', text)}
    missing = []
    for function, module, constant in references:
        if function in {"pattern", "whole"}:
            names = set(javascript.patterns(MODULES[module], *PATTERN_TEXTS.get(module, ())))
        else:
            names = set(javascript.tables(MODULES[module]))
        if constant not in names:
            missing.append(f"{module}.{constant}")

    assert missing == []


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_key_of_the_index_in_a_script_exists(name: str) -> None:
    keys = set(re.findall(r"\bindex\.(\w+)", script(name)))

    assert keys <= set(Index.__annotations__)
