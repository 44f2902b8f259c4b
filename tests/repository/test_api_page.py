"""Tests that the page about the API agrees with the settings, the probes and the lab."""

import tomllib
from pathlib import Path

import pytest

from diagnostics.lab.api.answers import ROUTES
from diagnostics.probes import PROBES
from diagnostics.targets.settings import Contract, Settings, api
from kb.records.validate import validated
from tests.support.settings_rows import rows

PAGE = (Path(__file__).parents[2] / "site_docs" / "pages" / "api.md").read_text("utf-8")


def test_the_table_of_settings_is_that_of_the_code() -> None:
    expected = [*rows(api, "Contract", "contract"), *rows(api, "Token", "token")]

    assert [line for line in PAGE.splitlines() if line.startswith(("| `contract.", "| `token."))] == expected


def test_the_settings_shown_are_valid() -> None:
    block = PAGE.partition("```toml\n")[2].partition("```")[0]

    settings = validated(Settings, tomllib.loads(block), "page")

    assert settings.target["prod"].contract.environment == "live"


@pytest.mark.parametrize("probe", [name for name, probe in PROBES.items() if probe.LAYER == "api"])
def test_the_page_says_what_each_probe_sends(probe: str) -> None:
    assert f"`{probe}`" in PAGE.partition("## What is sent")[2].partition("## Routes")[0]


def test_the_routes_that_are_asked_exist_in_the_lab() -> None:
    contract = Contract()

    for path in (contract.health_path, contract.me_path):
        assert ("GET", f"/v1{path}") in ROUTES
        assert f"`GET {path}`" in PAGE


@pytest.mark.parametrize(
    "type_",
    [
        Contract().key_expired_error,
        Contract().key_revoked_error,
        Contract().key_unknown_error,
        Contract().key_environment_error,
    ],
)
def test_every_type_of_error_is_on_the_page(type_: str) -> None:
    assert f"`{type_}`" in PAGE
