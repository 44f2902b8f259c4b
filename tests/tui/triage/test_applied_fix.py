"""`F` on a real terminal: the fix is asked for, run and verified below the screen, and the screen knows."""

import json
import os
import socket
from pathlib import Path

import pytest

from diagnostics.history.listing import list_runs, load_run
from diagnostics.lab.fault_injection import inject
from diagnostics.lab.lab import Lab
from tests.diagnostics.cli.test_fix import target_file
from tests.tui.terminal import Terminal

ERROR = b'\x1b[200~connection to server at "127.0.0.1", port 5432 failed: Connection refused\x1b[201~'


@pytest.fixture(autouse=True)
def own_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Set a history of the test."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def screen(config: str, target: str) -> Terminal:
    """Open the screen on a target."""
    return Terminal(
        "tui", "--config", config, "--target", target, size=(100, 30),
        environment={"XDG_DATA_HOME": os.environ["XDG_DATA_HOME"]},
    )  # fmt: skip


def begin_fix(terminal: Terminal) -> None:
    """Paste the error, run the probes, and open the fix up to its question."""
    terminal.wait_for("Quit")
    terminal.send(ERROR)
    terminal.wait_for("score")
    terminal.send(b"R")
    terminal.wait_for("confirmed")
    terminal.wait_for_match(r"(\d+) of \1 done")
    terminal.send(b"F")
    terminal.wait_for("[y]es, [s]kip, [q]uit: ")


def leave_fix(terminal: Terminal, shown: str) -> None:
    """Return to the screen, which then shows a text, and quit."""
    terminal.wait_for("Enter returns to the screen: ")
    seen = len(terminal.output)
    terminal.send(b"\n")
    terminal.wait_for_match(shown, seen)
    terminal.send(b"q")
    assert terminal.ended() == 0


def test_f_shows_the_command_and_runs_nothing_without_consent(tmp_path: Path) -> None:
    config = target_file(tmp_path, f"touch {tmp_path}/ran")

    with screen(config, "shop") as terminal:
        begin_fix(terminal)
        asked = " ".join(terminal.text.split())
        terminal.send(b"q\n")
        leave_fix(terminal, "Candidates")

    assert f"touch {tmp_path}/ran" in asked
    assert "as user " in asked
    assert not (tmp_path / "ran").exists()


def test_ctrl_c_in_a_fix_returns_to_the_screen(tmp_path: Path) -> None:
    config = target_file(tmp_path, "echo begun; exec sleep 60")

    with screen(config, "shop") as terminal:
        begin_fix(terminal)
        terminal.send(b"y\n")
        terminal.wait_for("| begun")
        terminal.send(b"\x03")
        leave_fix(terminal, "Candidates")

    assert "its effect is not known" in " ".join(terminal.text.split())


@pytest.mark.lab
def test_what_is_fixed_from_the_screen_is_verified_and_recorded(healthy: Lab) -> None:
    inject(healthy, "connect.refused")

    with screen(str(healthy.target_file), "lab") as terminal:
        begin_fix(terminal)
        terminal.send(b"y\n")
        leave_fix(terminal, "fixed")

    fixes = [run.report.fix for run in (load_run(item.id) for item in list_runs().runs) if run.report.fix]
    with socket.create_connection(("127.0.0.1", healthy.server.port), 5):
        pass
    assert [fix.state for fix in fixes] == ["verified"]
    assert json.dumps([step.state for step in fixes[0].steps if step.changes]).count("done") == 1
