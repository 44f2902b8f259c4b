"""Tests that the target file on the page about targets is valid and has every section."""

import tomllib
from dataclasses import fields
from pathlib import Path

from diagnostics.targets.settings import Settings
from kb.records.validate import validated

PAGE = (Path(__file__).parents[2] / "site_docs" / "pages" / "targets.md").read_text("utf-8")


def test_the_file_shown_is_valid_and_has_every_section() -> None:
    block = PAGE.partition("```toml\n")[2].partition("```")[0]

    settings = validated(Settings, tomllib.loads(block), "page").target["prod"]

    empty = [field.name for field in fields(settings) if not getattr(settings, field.name)]
    assert empty == []
