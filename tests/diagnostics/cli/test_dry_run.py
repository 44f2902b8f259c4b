"""`--plan` prints what would be sent, and opens no connection."""

import json
import os
import pty
import subprocess
from pathlib import Path

import pytest

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.probes import PROBES
from kb.records.loader import load_entries
from tests.diagnostics.cli.test_main import CLI, ROOT, complained, run
from tests.diagnostics.clients.postgres.foreign_servers import FakeServer, only_listen

FAR = "postgresql://app@db.clearpay.invalid/db"
FAR_API = "https://api.clearpay.invalid/v1"
ROTATION = ("--set", 'rotation.secret={aws = "pay"}')
COMMANDS = [
    ["check"],
    ["check", "--active", "--force-production"],
    ["check", "--repeat", "3"],
    ["verify", "db-deadlock", "--wait", "1m"],
    ["diagnose", "-"],
]


@pytest.mark.parametrize("format_", ["human", "json"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_plan_opens_no_connection(command: list[str], format_: str) -> None:
    with FakeServer(only_listen) as server:
        target = f"postgresql://app:pw-canary@127.0.0.1:{server.port}/db"
        done = run(*command, "--plan", "--target", target, "--format", format_, text="deadlock detected\n")

    assert (done.returncode, done.stderr) == (0, "")
    assert server.connections == 0
    assert "One login as the application" in " ".join(done.stdout.split())
    assert "canary" not in done.stdout


def test_the_plan_names_every_probe_with_what_it_sends() -> None:
    command = ["check", "--plan", "--target", FAR, "--target", FAR_API, "--format", "json"]
    plan = json.loads(run(*command).stdout)

    every = Catalogue(load_entries(), PROBES).probes
    fitting = {n: p for n, p in every.items() if {"postgresql", "https"} & set(p.APPLIES_TO)}

    assert {one["probe"]: one["sends"] for one in plan["plan"]} == {n: p.SENDS for n, p in fitting.items()}
    assert {one["probe"]: tuple(one["needs"]) for one in plan["plan"]} == {
        name: tuple(probe.NEEDS) for name, probe in fitting.items()
    }
    assert all(one["production"] for one in plan["plan"])


def test_the_plan_names_held_back_probes_and_the_options_that_allow_them() -> None:
    command = ("check", "--plan", "--target", FAR, *ROTATION, "--format", "json")
    held = json.loads(run(*command).stdout)["plan"]
    forced = run(*command, "--active", "--force-production")

    assert [one["probe"] for one in held if one["held_back"]] == [
        n for n, p in PROBES.items() if p.SAFETY == "active" and "postgresql" in p.APPLIES_TO
    ]
    assert all("--active --force-production" in one["held_back"] for one in held if one["held_back"])
    assert [one["probe"] for one in json.loads(forced.stdout)["plan"] if one["held_back"]] == []


def test_a_probe_that_needs_force_production_names_the_production_target() -> None:
    done = run("check", "rotation", "--plan", "--active", "--target", FAR, *ROTATION, "--format", "json")

    (held,) = [one["held_back"] for one in json.loads(done.stdout)["plan"] if one["held_back"]]
    assert held.startswith(f"{FAR} is production. It sends: ")
    assert "clearpay-doctor check rotation --active --force-production --target" in held


def test_a_probe_that_does_not_apply_to_the_target_names_no_command() -> None:
    done = run("check", "rotation", "--plan", "--target", FAR, "--format", "json")

    held = [one["held_back"] for one in json.loads(done.stdout)["plan"] if one["probe"] == "rotation"]
    assert held == [f"target {FAR} names no AWS secret under [rotation]"]


def test_the_plan_counts_its_rounds_and_its_time() -> None:
    done = run(
        "check", "connect", "--plan", "--target", FAR, "--repeat", "3", "--every", "1m", "--deadline", "9s"
    )

    assert "Nothing was sent. 3 rounds, one every 60 s. A round takes at most 9 s." in done.stdout


def test_a_plan_does_not_ask_for_consent() -> None:
    person, terminal = pty.openpty()
    command = [*CLI, "check", "--plan", "--target", FAR, "--active", "--force-production"]

    done = subprocess.run(
        command, stdin=terminal, stderr=terminal, stdout=subprocess.PIPE, check=False, cwd=ROOT, timeout=30
    )

    os.close(terminal)
    os.close(person)
    assert done.returncode == 0
    assert b"Nothing was sent." in done.stdout


def test_without_a_target_nothing_would_run() -> None:
    assert "No probe would run." in run("diagnose", "-", "--plan", text="deadlock detected\n").stdout


def test_an_endpoint_that_no_probe_looks_at_is_named(tmp_path: Path) -> None:
    path = tmp_path / "source.py"
    path.write_text("")

    done = run("check", "connect", "--plan", "--target", str(path), "--format", "json")

    assert json.loads(done.stdout)["not_examined"] == [str(path)]


def test_a_plan_is_no_report() -> None:
    complained(run("check", "--plan", "--target", FAR, "--format", "junit"), 2, "human or json")
    complained(run("check", "--plan", "--target", FAR, "--output", "x.json:json"), 2, "no report")
