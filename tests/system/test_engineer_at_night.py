"""An incident from the command line: the lab in one process, each command in another."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from diagnostics.cli.commands.lab import GUIDE
from tests.diagnostics.cli.test_main import ROOT, run

pytestmark = pytest.mark.lab
TEXT = 'FATAL:  password authentication failed for user "app_user"\n'


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the runtime folder of `lab up`, which ends at SIGTERM and leaves no file."""
    folder = tmp_path_factory.mktemp("runtime")
    up = subprocess.Popen(
        [sys.executable, "-m", "diagnostics.cli", "lab", "up"],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)},
    )
    assert up.stderr
    output = ""
    for line in up.stderr:
        output += line
        if line.rstrip("\n") == GUIDE.splitlines()[-1]:
            break
    assert "clearpay-doctor lab break" in output, output
    yield str(folder)
    up.send_signal(signal.SIGTERM)
    up.communicate(timeout=120)
    assert up.returncode == 0
    assert not list((folder / "clearpay-doctor").glob("*.sock"))
    assert not list((folder / "clearpay-doctor").glob("*.toml"))


def test_a_fault_is_diagnosed_fixed_as_printed_and_verified(runtime: str, tmp_path: Path) -> None:
    def doctor(*arguments: str, text: str = "") -> "subprocess.CompletedProcess[str]":
        return run(*arguments, text=text, cwd=tmp_path, XDG_RUNTIME_DIR=runtime)

    healthy = doctor("check", "--target", "lab", "--quiet")
    broken = doctor("lab", "break", "db-credential-rotation")
    status = json.loads(doctor("lab", "status", "--format", "json").stdout)
    diagnosed = doctor("diagnose", "-", "--target", "lab", "--format", "json", text=TEXT)
    diagnoses = json.loads(diagnosed.stdout)["diagnoses"]
    (confirmed,) = [each for each in diagnoses if each["verdict"] == "confirmed"]
    failing = doctor("verify", "db-credential-rotation", "--target", "lab", "--wait", "300ms")
    subprocess.run(["sh", "-c", confirmed["fix"][0]["code"]], check=True, timeout=120)
    verified = doctor("verify", "db-credential-rotation", "--target", "lab")
    past = doctor("diagnose", "-", "--target", "lab", text=TEXT)

    assert healthy.returncode == 0
    assert broken.returncode == 0
    assert status["broken"] == "login.stale_credential"
    assert diagnosed.returncode == 1
    assert (confirmed["entry"], confirmed["finding"]) == ("db-credential-rotation", "login.stale_credential")
    assert failing.returncode == 5
    assert verified.returncode == 0
    assert past.returncode == 1
    assert "past" in past.stdout
    assert doctor("lab", "repair").returncode == 0


def test_a_finding_is_injected_by_name_and_a_wrong_name_is_corrected(runtime: str, tmp_path: Path) -> None:
    def doctor(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return run(*arguments, cwd=tmp_path, XDG_RUNTIME_DIR=runtime)

    refused = doctor("lab", "break", "connect.refused")
    checked = doctor("check", "connect.refused", "--target", "lab")
    wrong = doctor("lab", "break", "connect.refusd")
    second = doctor("lab", "up")

    assert refused.returncode == 0
    assert checked.returncode == 1
    assert (wrong.returncode, "connect.refused" in wrong.stderr) == (2, True)
    assert second.returncode == 2
    assert "running already" in second.stderr
    assert doctor("lab", "repair").returncode == 0


def test_active_probes_run_when_they_are_allowed_to(runtime: str, tmp_path: Path) -> None:
    def doctor(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return run(*arguments, cwd=tmp_path, XDG_RUNTIME_DIR=runtime)

    doctor("lab", "break", "rotation.unfinished")
    quiet = doctor("check", "--target", "lab")
    active = doctor("check", "--target", "lab", "--active", "--format", "json")
    doctor("lab", "repair")

    assert quiet.returncode == 3
    assert "check rotation --active --target lab" in " ".join(quiet.stdout.split())
    assert active.returncode == 1
    assert [each["finding"] for each in json.loads(active.stdout)["diagnoses"]] == ["rotation.unfinished"]
