"""`--debug` traces events on stderr and changes no other output."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from diagnostics.cli.main import main
from tests.support.canaries import HOOK, KEY, NOTATIONS, PASSWORD, QUOTED, leaks

ROOT = Path(__file__).parents[3]
NOWHERE = "postgresql://app_user@127.0.0.1:9/db"
LINE = re.compile(r"debug: +\d+\.\d{4} s  (\w+) +(.*)  \[" + re.escape(NOWHERE) + r"\]")
FALLS = """
import sys
from diagnostics.cli import main as cli
from diagnostics.redaction import Redactor

def fall(options):
    Redactor().learn(sys.argv.pop(), "password")
    try:
        raise KeyError(sys.argv[-1])
    except KeyError as error:
        raise RuntimeError(f"\\x1b[31mno {sys.argv.pop()}") from error

cli.load("check").run = fall
sys.exit(cli.main(sys.argv[1:-1]))
"""
"""A mistake in a verb; behind its arguments stand a text that it repeats and a secret that it learnt."""


pytestmark = pytest.mark.usefixtures("own_place")


def falling(*arguments: str, says: str, secret: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", FALLS, *arguments, "end", says, secret],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=60,
    )


def test_every_event_is_a_line_and_stdout_stays_what_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    quiet = main(["check", "connect", "--target", NOWHERE])
    before = capsys.readouterr()
    code = main(["check", "--debug", "connect", "--target", NOWHERE])
    after = capsys.readouterr()

    head, *lines = after.err.splitlines()
    told = [found.groups() for found in map(LINE.fullmatch, lines) if found]
    assert (code, _steady(after.out), before.err) == (quiet, _steady(before.out), "")
    assert head.startswith("debug: clearpay-doctor ")
    assert NOWHERE in head
    assert len(told) == len(lines)
    assert {probe for probe, _ in told} == {"connect"}
    words = [what.partition(" ")[0] for _, what in told]
    assert (words[0], words[-1]) == ("started", "finished")
    assert {"step", "evidence", "finding"} < set(words)
    assert re.fullmatch(r"finished fail after \d+\.\d{3} ms", told[-1][1])


@pytest.mark.parametrize("place", [0, 1, 2, 5])
def test_the_option_is_accepted_anywhere_before_the_separator(
    place: int, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["verify", "db-connection-refused", "--target", NOWHERE, "--quiet"]
    words.insert(place, "--debug")

    assert main(words) == 5
    assert "finding connect.refused, fail" in capsys.readouterr().err


def test_a_runbook_run_is_traced_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "incident.ndjson"
    main(
        ["runbook", "run", "database-unreachable", "--target", NOWHERE, f"--log={log}", "--quiet", "--debug"]
    )

    assert "finding connect.refused, fail" in capsys.readouterr().err


def test_an_internal_error_shows_its_frames_and_causes_and_no_secret() -> None:
    done = falling("check", "--debug", says=" ".join(NOTATIONS.values()), secret=PASSWORD)

    assert (done.returncode, done.stdout) == (70, "")
    assert "internal error: RuntimeError at " in done.stderr
    assert "Traceback (most recent call last):" in done.stderr
    assert "KeyError" in done.stderr
    assert "direct cause" in done.stderr
    assert re.search(r'File ".*diagnostics/cli/main.py", line \d+, in dispatch', done.stderr)
    assert leaks(done.stderr) == []
    assert "\x1b" not in done.stderr


def test_a_known_secret_without_any_mark_is_masked_in_a_traceback() -> None:
    done = falling("check", "--debug", says=f"{PASSWORD} and {QUOTED}", secret=PASSWORD)

    assert "no <secret:1> and <secret:1>" in done.stderr
    assert leaks(done.stderr) == []


def test_without_the_option_only_the_place_is_printed_and_the_option_is_named() -> None:
    done = falling("check", says=f"{KEY} {HOOK}", secret=PASSWORD)

    assert done.returncode == 70
    assert len(done.stderr.splitlines()) == 2
    assert "--debug" in done.stderr
    assert leaks(done.stderr) == []


def test_an_ascii_stream_gets_ascii_lines() -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "diagnostics.cli.main",
            "check",
            "--debug",
            "--target",
            "postgresql://é@127.0.0.1:9/ü",
        ],
        capture_output=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        timeout=60,
    )

    assert done.returncode == 1
    assert b"finished fail" in done.stderr
    assert done.stderr.isascii()


def _steady(text: str) -> str:
    return re.sub(r"[\d.]+ m?s\b", "0 ms", re.sub(r" +\d+ ms", " 0 ms", text))
