"""`verify` on real targets: green if the probes that apply pass, and a reason for each that is not green."""

import json
from pathlib import Path

import pytest

from diagnostics.lab.lab import Lab
from diagnostics.targets.settings import TargetSettings, Webhook
from tests.diagnostics.cli.test_main import NOWHERE, run


def webhook_only(lab: Lab, folder: Path) -> str:
    """Write a target file with the lab's receiver of webhooks and nothing else; return its path."""
    settings: TargetSettings = lab.target.settings
    hook = settings.webhook
    assert isinstance(hook, Webhook)
    secret = hook.secret
    file = getattr(secret, "file", "")
    literal = f'{{ file = "{lab.target.folder / file}" }}' if file else json.dumps(secret)
    path = folder / "hook.toml"
    path.write_text(
        f'[target.hook]\nproduction = false\n[target.hook.webhook]\nurl = "{hook.url}"\nsecret = {literal}\n'
    )
    return str(path)


@pytest.mark.lab
def test_an_entry_is_green_though_one_of_its_probes_applies_to_nothing(lab: Lab, tmp_path: Path) -> None:
    config = webhook_only(lab, tmp_path)

    held = run("verify", "config-webhook", "--config", config, "--target", "hook")
    green = run("verify", "config-webhook", "--config", config, "--target", "hook", "--active")

    assert held.returncode == 3
    assert (
        "? not verified  config-webhook\n  webhook      not run: it is active; allow it with" in held.stdout
    )
    assert green.returncode == 0, green.stdout
    assert "✓ verified  config-webhook" in green.stdout


def test_an_entry_none_of_whose_probes_applies_is_3_with_the_reason() -> None:
    human = run("verify", "config-webhook", "--target", NOWHERE)
    document = json.loads(run("verify", "config-webhook", "--target", NOWHERE, "--format", "json").stdout)

    assert human.returncode == 3
    assert f"no probe of config-webhook applies to target {NOWHERE}" in " ".join(human.stdout.split())
    assert document["verification"]["reason"] == f"no probe of config-webhook applies to target {NOWHERE}"
    assert [probe["state"] for probe in document["verification"]["probes"]] == ["not applicable"] * 2


def test_what_is_still_failing_is_named_by_probe_and_finding() -> None:
    human = run("verify", "db-connection-refused", "--target", NOWHERE)
    document = json.loads(
        run("verify", "db-connection-refused", "--target", NOWHERE, "--format", "json").stdout
    )

    assert human.returncode == 5
    assert (
        "✗ still failing  db-connection-refused\n  connect      still finds connect.refused" in human.stdout
    )
    assert [
        (probe["probe"], probe["state"], probe["open"], probe["reason"])
        for probe in document["verification"]["probes"]
    ] == [
        ("connect", "finding", True, "connect.refused"),
        ("login", "blocked", True, "connect ended fail with connect.refused"),
    ]


def test_the_last_event_says_why_it_is_not_green() -> None:
    done = run("verify", "db-deadlock", "--target", NOWHERE, "--format", "ndjson")

    verification = json.loads(done.stdout.splitlines()[-1])["verification"]
    assert done.returncode == 3
    assert [(probe["probe"], probe["state"], probe["reason"]) for probe in verification["probes"]] == [
        ("conflicts", "blocked", "connect ended fail with connect.refused")
    ]
