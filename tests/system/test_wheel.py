"""The wheel: built, installed in a clean environment and run from a folder without the source tree."""

import os
import subprocess
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.support.wheel import ROOT, build_wheel, install_wheel
from tests.tui.terminal import Terminal

pytestmark = pytest.mark.slow

PACKAGES = ("kb", "diagnostics", "tui", "site_docs")
NOBODY_LISTENS = "postgresql://app@127.0.0.1:9/payments"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel of the working tree without an index."""
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel in a new environment with the dependencies of this one; return its command."""
    return install_wheel(wheel, tmp_path_factory.mktemp("environment")) / "clearpay-doctor"


def run(command: Path, folder: Path, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run the installed command where no source tree is on the path."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    words = [str(command), *arguments]
    return subprocess.run(
        words,
        input=text,
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env=environment,
        timeout=60,
    )


def test_the_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *PACKAGES]
    tracked = subprocess.run(listing, check=True, capture_output=True, text=True, cwd=ROOT).stdout.split("\n")
    present = {path for path in tracked if path and (ROOT / path).is_file()}
    tuning = {path for path in present if path.startswith("kb/entries/") and "/texts/" in path}

    with ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    assert tuning
    assert present - packed == tuning


def test_the_installed_command_lists_all_entries(installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "list", "entries")

    assert done.returncode == 0, done.stderr
    shipped = {path.parent.name for path in (ROOT / "kb" / "entries").glob("*/*/entry.yaml")}
    assert {name for name in shipped if name not in done.stdout} == set()


def test_the_installed_command_matches_a_text(installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "match", "-", text="ERROR:  deadlock detected\n")

    assert (done.returncode, "db-deadlock" in done.stdout) == (0, True), done.stderr


def test_the_installed_command_confirms_a_closed_port(installed: Path, tmp_path: Path) -> None:
    done = run(installed, tmp_path, "check", "connect", "--target", NOBODY_LISTENS)

    assert (done.returncode, "connect.refused" in done.stdout) == (1, True), done.stdout + done.stderr


def test_the_installed_screen_paints(installed: Path) -> None:
    with Terminal("tui", program=(str(installed),), environment={"PYTHONPATH": ""}) as terminal:
        terminal.wait_for("BROWSE")
        terminal.send(b"q")

        assert terminal.ended() == 0
