"""The table of exit codes in every format; nagios alone has the return codes of its guidelines."""

import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from diagnostics.cli.main import main
from diagnostics.exit_codes import ExitCode
from diagnostics.lab.fault_injection import inject
from diagnostics.lab.lab import Lab
from diagnostics.report.formats import FORMAT_NAMES
from tests.diagnostics.cli.test_main import INTERRUPTIBLE, NOWHERE, ROOT, run
from tests.diagnostics.clients.postgres.foreign_servers import answers, auth_request, fake_server

REFUSED = 'connection to server at "127.0.0.1", port 5432 failed: Connection refused\n'
SENTENCE = "somebody dropped the database, it does not exist any more\n"
IN_FORMAT = pytest.mark.parametrize("name", FORMAT_NAMES)
OWN_PROCESS = {"human", "nagios"}
"""Formats in which a row is a process of its own. In the others it is a call: their codes go the same way."""
Capture = pytest.CaptureFixture[str]


@dataclass(frozen=True)
class Row:
    """Arguments of a command, its exit code, and the return code for Nagios."""

    says: str
    call: tuple[str, ...]
    code: ExitCode
    plugin: int
    text: str = ""


CURRENCY = """
default_currency = "EUR"
supported_currencies = ["EUR"]
min_amount = {EUR = "0.50"}
max_amount = {EUR = "1000.00"}
"""
OK, FOUND, USAGE, UNDETERMINED = ExitCode.OK, ExitCode.FOUND, ExitCode.USAGE, ExitCode.UNDETERMINED
UP = ("--target", "postgresql://app@127.0.0.1:{port}/db?sslmode=disable")
DOWN = ("--target", NOWHERE)
ROWS = (
    Row("check: nothing found", ("check", "connect", *UP), OK, 0),
    Row("verify: ended green", ("verify", "config-currency", "--target", "{currency}"), OK, 0),
    Row("verify: a login that cannot be made", ("verify", "db-connection-refused", *UP), UNDETERMINED, 3),
    Row("check: a finding", ("check", "connect", *DOWN), FOUND, 2),
    Row("diagnose: confirmed", ("diagnose", "-", *DOWN), FOUND, 2, REFUSED),
    Row("check: the worst of two rounds", ("check", "connect", *DOWN, "--repeat=2", "--every=1ms"), FOUND, 2),
    Row("unknown option", ("check", "--nonsense", *DOWN), USAGE, 3),
    Row("unknown id", ("verify", "db-nonsense", *DOWN), USAGE, 3),
    Row("unknown target", ("check", "--target", "nonsense"), USAGE, 3),
    Row("unreadable input", ("diagnose", "/nonexistent", *DOWN), USAGE, 3),
    Row("a file that cannot be written", ("check", *DOWN, "--output", "/nonexistent/x:json"), USAGE, 3),
    Row("the lab is not running", ("check", "--target", "lab"), USAGE, 3),
    Row("check: no answer to a question", ("check", "login", "--config", "{config}"), UNDETERMINED, 3),
    Row("check: nothing ran", ("check", "connect", "--target", "{config}"), UNDETERMINED, 3),
    Row("diagnose: only suspected", ("diagnose", "-"), UNDETERMINED, 3, REFUSED),
    Row("diagnose: nothing matched, no target", ("diagnose", "-"), UNDETERMINED, 3, "the cat sat\n"),
    Row("an invalid target file", ("check", "--config", "{broken}"), ExitCode.INVALID, 3),
    Row("an invalid record", ("check", *DOWN, "--kb", "{kb}"), ExitCode.INVALID, 3),
    Row("verify: still failing", ("verify", "db-connection-refused", *DOWN), ExitCode.STILL_FAILING, 2),
)  # fmt: skip


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Provide servers and files of the rows: a server that asks for a password, good and bad files."""
    folder = tmp_path_factory.mktemp("rows")
    record = folder / "kb" / "database" / "db-own" / "entry.yaml"
    record.parent.mkdir(parents=True)
    record.write_text("title: 1\n")
    (folder / "broken.toml").write_text("[target.a\n")
    (folder / "currency.toml").write_text(CURRENCY)
    with fake_server(answers(auth_request(5, b"salt"))) as port:
        (folder / "good.toml").write_text(
            f'[target.a]\ndatabase = "postgresql://app@127.0.0.1:{port}/db?sslmode=disable"\n'
            '[target.a.secrets]\ndatabase = { env = "NOT_SET_ANYWHERE" }\n'
        )
        yield {
            "port": str(port),
            "config": str(folder / "good.toml"),
            "broken": str(folder / "broken.toml"),
            "currency": str(folder / "currency.toml"),
            "kb": str(folder / "kb"),
        }


def ended(
    name: str, call: Sequence[str], text: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> "subprocess.CompletedProcess[str]":
    """Run a command in one format, in the folder of the test."""
    call = [*call, "--format", name]
    if name in OWN_PROCESS:
        return run(*call, text=text, cwd=Path.cwd())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    capsys.readouterr()
    code = main(call)
    return subprocess.CompletedProcess(call, code, *capsys.readouterr())


@pytest.mark.usefixtures("own_place")
@IN_FORMAT
@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row.says))
def test_a_row_of_the_table(
    row: Row, name: str, places: dict[str, str], capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = [word.format(**places) for word in row.call]

    done = ended(name, call, row.text, capsys, monkeypatch)

    assert done.returncode == (row.plugin if name == "nagios" else row.code), done.stderr
    assert "Traceback" not in done.stderr
    no_report = row.code in {ExitCode.USAGE, ExitCode.INVALID}
    assert bool(done.stderr) == no_report
    assert bool(done.stdout) == (not no_report or name == "nagios")


@pytest.mark.lab
@pytest.mark.usefixtures("own_place")
@IN_FORMAT
def test_a_diagnosis_that_rules_out_every_candidate_ends_with_0(
    lab: Lab, name: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = ("diagnose", "-", "--config", str(lab.target_file), "--target", "lab")

    done = ended(name, call, SENTENCE, capsys, monkeypatch)

    assert done.returncode == 0, done.stdout


@pytest.mark.lab
@pytest.mark.parametrize(
    ("fail_on", "name", "code"),
    [("fail", "json", 0), ("fail", "nagios", 1), ("warn", "json", 1), ("warn", "nagios", 2)],
)
def test_a_warning_counts_from_the_level_that_was_asked_for(
    lab: Lab, fail_on: str, name: str, code: int
) -> None:
    inject(lab, "login.not_current")
    try:
        done = run(
            "check", "login", "--config", str(lab.target_file), "--target", "lab",
            "--fail-on", fail_on, "--format", name,
        )  # fmt: skip
    finally:
        lab.repair()

    assert done.returncode == code, done.stdout


@pytest.mark.parametrize("name", ["human", "json"])
@pytest.mark.parametrize(("text", "code"), [(REFUSED, 0), ("the cat sat on the mat\n", 1), ("", 2)])
def test_match_has_a_code_for_each_end(name: str, text: str, code: int) -> None:
    assert run("match", "-", "--format", name, text=text).returncode == code


@IN_FORMAT
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_has_its_code_and_the_partial_report(name: str, number: int, code: int) -> None:
    asked, ended = threading.Event(), threading.Event()

    def keep_waiting(client: socket.socket) -> None:
        client.recv(1)
        asked.set()
        ended.wait(30)

    with fake_server(keep_waiting) as port:
        url = f"postgresql://app@127.0.0.1:{port}/db?sslmode=disable"
        process = subprocess.Popen(
            [*INTERRUPTIBLE, "check", "connect", "--target", url, "--format", name],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, text=True,
        )  # fmt: skip
        assert asked.wait(20)
        process.send_signal(number)
        out, complaint = process.communicate(timeout=20)
        ended.set()

    assert process.returncode == (3 if name == "nagios" else code)
    assert "connect" in out
    assert complaint == ""


@pytest.fixture(scope="module")
def damaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Provide a copy of the program in which one probe raises KeyError."""
    folder = tmp_path_factory.mktemp("damaged")
    for package in ("kb", "diagnostics"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    with (folder / "diagnostics" / "probes" / "connect.py").open("a") as file:
        file.write("\nSECRET = 'hunter2-canary'\nraise KeyError(SECRET)\n")
    return folder


@IN_FORMAT
def test_an_internal_error_is_70_and_shows_no_value(name: str, damaged: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "diagnostics.cli", "check", "connect", *DOWN, "--format", name],
        capture_output=True,
        text=True,
        check=False,
        cwd=damaged,
        env={**os.environ, "PYTHONPATH": str(damaged)},
    )

    assert done.returncode == (3 if name == "nagios" else 70)
    assert "internal error: KeyError at diagnostics/probes/connect.py:" in done.stderr
    assert "report this line" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr
