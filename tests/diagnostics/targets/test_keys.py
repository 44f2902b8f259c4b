"""Keys and JSON Schema of the target file: every key, with its type, default and meaning."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from diagnostics.targets.keys import key_sections
from diagnostics.targets.schema import target_schema
from diagnostics.targets.settings import Module, SecretRef, Settings, TargetSettings
from kb.records.dataclass_io import dataclass_at
from tests.diagnostics.runbooks.team_runbook import inside

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "site_docs" / "pages" / "targets.md").read_text("utf-8")
SECTIONS = {section.place: section for section in key_sections()}


def test_every_key_has_a_type_and_a_meaning() -> None:
    silent = [
        f"{section.place}.{key.name}"
        for section in SECTIONS.values()
        for key in section.keys
        if not (key.type and key.meaning)
    ]

    assert silent == []
    assert len({section.place for section in SECTIONS.values()}) == len(list(key_sections()))


def test_a_section_is_the_table_of_its_name() -> None:
    for place, section in SECTIONS.items():
        cls: Any = {"": Settings, "SECRET": SecretRef, "module.NAME": Module}.get(place) or dataclass_at(
            TargetSettings, place.split(".")[2:]
        )
        assert [key.name for key in section.keys] == list(cls.__dataclass_fields__)


def test_keys_are_listed_for_people_and_programs() -> None:
    shown = inside("list", "keys").stdout.splitlines()
    rows = {row["id"]: row for row in json.loads(inside("list", "keys", "--format", "json").stdout)["keys"]}

    assert len(shown) == len(rows)
    for text in (
        'URL, or { env = "NAME" }: URL that the application connects with',
        "whole number, required: Connections that the pool of one process keeps open.",
        'text, default "/healthz": Path that answers 200',
        "list of text: Program and arguments whose output is the secret",
    ):
        assert any(text in line for line in shown), text
    assert rows["target.NAME.pool.size"] == {
        "id": "target.NAME.pool.size",
        "type": "whole number",
        "default": "",
        "required": True,
        "meaning": "Connections that the pool of one process keeps open.",
    }
    assert rows["target.NAME.platform.api"]["type"] == '"systemd" or "docker" or "kubernetes" or "foreign"'


def test_the_published_schema_is_fresh_and_a_schema() -> None:
    published = json.loads((ROOT / "diagnostics" / "targets" / "target.schema.json").read_text("utf-8"))

    Draft202012Validator.check_schema(published)
    assert published == target_schema(), "stale: run make schema"
    assert json.loads(inside("entry", "schema", "--target").stdout) == published


def test_the_file_of_the_page_keeps_to_the_schema() -> None:
    text = PAGE.partition("```toml\n")[2].partition("```")[0]

    Draft202012Validator(target_schema()).validate(tomllib.loads(text))


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ('[target.a]\ndatabase = { env = "DATABASE_URL" }', True),
        ('[target.a]\ndatabase = { file = "url" }', False),
        ('[target.a]\ndatbase = "x"', False),
        ('[target.a.secrets]\ndatabase = { command = ["pass", "db"], first_line = true }', True),
        ('[target.a.secrets]\ndatabase = { comand = ["pass"] }', False),
        ('[target.a.platform]\ndatabase = "rds"', True),
        ('[target.a.platform]\ndatabase = "rsd"', False),
        ("[target.a.pool]\nsize = 1", False),
    ],
)
def test_the_schema_tells_a_wrong_file(text: str, *, valid: bool) -> None:
    assert Draft202012Validator(target_schema()).is_valid(tomllib.loads(text)) is valid
