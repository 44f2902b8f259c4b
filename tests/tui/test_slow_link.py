"""Six faults of the lab, found, fixed and verified over a slow link by somebody who types ahead.

Each group of keys arrives in one read, 300 ms late, and nothing of the screen is seen earlier than that.
"""

import os
import sys
import time
from pathlib import Path

import pytest

from tests.tui.terminal import Terminal

pytestmark = [pytest.mark.lab, pytest.mark.slow]

DELAY_S = 0.3
FAULTS = {
    "pool.exhausted": "db-pool-exhausted",
    "connect.refused": "db-connection-refused",
    "login.stale_credential": "db-credential-rotation",
    "statements.lock_queue": "db-lock-queue",
    "quota.token_storm": "api-rate-limit",
    "webhook.redirects": "config-webhook",
}
"""Findings, and the entries that they confirm."""
ASKED = b"ry"
"""Runs the probes of the candidate, and consents to an active one."""


IN_FOLDER = """
import os, sys
from diagnostics.cli.main import main
os.chdir(sys.argv.pop(1))
raise SystemExit(main())
"""
"""Run the program in a folder: reports are written to the working directory."""


class SlowTerminal(Terminal):
    """A terminal at the end of a slow link."""

    def send(self, keys: bytes) -> None:
        """Let keys arrive in one read, late."""
        time.sleep(DELAY_S)
        super().send(keys)

    def wait_for(self, wanted: str) -> None:
        """Wait until a text has arrived here."""
        super().wait_for(wanted)
        time.sleep(DELAY_S)


def repaired(terminal: SlowTerminal, finding: str, entry: str, run: bytes) -> None:
    """Break the lab, find the fault, look at its fix, repair the lab, and write the report."""
    terminal.send(b"2L%s\r" % finding.encode())  # typed ahead into a dialog that is not there yet
    terminal.wait_for(f"the lab is broken: {finding}")
    terminal.send(run)
    terminal.wait_for(f"confirmed  {entry}")
    terminal.send(b"f\x1byf")  # the fix, back, and a copy of it
    terminal.wait_for("copied" if "TMUX" in os.environ else "clipboard")
    terminal.send(b"v" + (b"y" if run == ASKED else b"") + b"L\r")
    terminal.wait_for(f"verified: {entry} is green")
    terminal.send(b"Em")
    terminal.wait_for("written: ")


def test_six_faults_are_fixed_without_one_key_lost(tmp_path: Path) -> None:
    environment = {"XDG_RUNTIME_DIR": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data")}
    program = (sys.executable, "-c", IN_FOLDER, str(tmp_path))
    with SlowTerminal("tui", "--lab", environment=environment, program=program) as terminal:
        terminal.wait_for("the lab is up, healthy")
        for finding, entry in FAULTS.items():
            terminal.output = b""
            repaired(terminal, finding, entry, ASKED if finding.startswith("webhook") else b"R")
        terminal.send(b"q")
        assert terminal.ended() == 0

    reports = [path.read_text("utf-8") for path in tmp_path.glob("*.md")]
    for finding, entry in FAULTS.items():
        (page,) = (page for page in reports if f"## Fixed: {entry} on lab" in page)
        assert finding in page.replace("\\", "")
        assert "**Confirmed by**" in page
        assert "**Before and after**" in page
        assert "UTC: copied" in page
        assert "the lab was changed: repaired" in page
        assert "Verified at " in page
