"""Canaries never appear on a terminal, which shows progress that is not in any report."""

from pathlib import Path

import pytest

from tests.diagnostics.clients.postgres.foreign_servers import answers, auth_request, error, fake_server
from tests.diagnostics.probes.api_doubles import Page, playing
from tests.support.canaries import EVERYTHING, KEY, LINE, PASSWORD, QUOTED, TOKEN, leaks
from tests.tui.terminal import Terminal

REFUSES = auth_request(3) + error("28P01", f"no: {LINE} {PASSWORD}", detail=EVERYTHING)
COMMANDS = {
    "check": (["check"], "latency: "),
    "a round": (["check", "connect", "login", "--repeat", "2", "--every", "1ms"], "round 2 ended"),
    "verify": (["verify", "db-password-rejected", "--wait", "4s"], "not yet; "),
    "fix": (["fix", "db-password-rejected"], "login: "),
    "runbook": (["runbook", "run", "database-unreachable"], "connect: "),
    "debug": (["check", "--debug"], "debug: "),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_no_canary_comes_out_on_a_terminal(name: str, tmp_path: Path) -> None:
    words, progress = COMMANDS[name]
    page = Page(401, {"error": {"type": LINE, "message": LINE}}, {"Server": LINE, "Via": f"1.1 {LINE}"})
    config = tmp_path / "clearpay-doctor.toml"
    with fake_server(answers(REFUSES)) as port, playing({"/v1/me": page}) as api:
        config.write_text(
            f'[target.a]\nproduction = false\napi = "{api.url}"\n'
            f'database = "postgresql://app_user:{QUOTED}@127.0.0.1:{port}/db?sslmode=disable"\n'
            f'[target.a.secrets]\ndatabase = "{PASSWORD}"\napi_key = "{KEY}"\ntoken = "{TOKEN}"\n'
        )
        with Terminal(*words, "--config", str(config), environment={"HOME": str(tmp_path)}) as terminal:
            terminal.ended()

    assert progress in terminal.text
    assert leaks(terminal.text) == []
    assert leaks(terminal.output.decode("utf-8", "replace")) == []
