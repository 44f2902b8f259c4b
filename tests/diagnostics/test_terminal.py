"""Standard streams that are closed, full, or abandoned by their reader: exit code and messages."""

import subprocess
from shlex import quote

import pytest

from tests.diagnostics.cli.test_main import CLI, NOWHERE, ROOT
from tests.diagnostics.runbooks.team_runbook import RUN

CHECK = f"check connect --target {NOWHERE}"


def shell(line: str) -> "subprocess.CompletedProcess[str]":
    """Run `clearpay-doctor` in a shell, with the redirections and pipes of `line`."""
    words = " ".join(map(quote, CLI))
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{words} {line}"], capture_output=True, text=True, check=False,
        cwd=ROOT, timeout=120, stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "code", "complaint"),
    [
        (f"{CHECK} >&-", 1, ""),
        (f"{CHECK} <&- >&- 2>&-", 1, ""),
        (f"{CHECK} --format json | head -n 1 >/dev/null", 1, ""),
        ("explain db-deadlock | head -n 1 >/dev/null", 0, ""),
        (f"{CHECK} >/dev/full", 2, "clearpay-doctor: output is incomplete: No space left on device\n"),
        ("list entries >/dev/full", 2, "clearpay-doctor: output is incomplete: No space left on device\n"),
        ("match - <&-", 2, "clearpay-doctor: standard input: is closed; name a file instead\n"),
        ("chekc 2>&-", 2, ""),
    ],
)
def test_whatever_became_of_a_stream_the_code_tells_the_result(line: str, code: int, complaint: str) -> None:
    done = shell(line)

    assert (done.returncode, done.stdout, done.stderr) == (code, "", complaint)


def test_a_stream_of_events_without_its_reader_is_never_green() -> None:
    done = shell(f"{CHECK} --fail-on warn --repeat 200 --format ndjson | head -n 1 >/dev/null")

    assert (done.returncode, done.stderr) == (3, "")


def test_a_question_without_any_stdin_is_answered_by_nobody() -> None:
    done = shell(f"{' '.join(RUN[:2])} webhooks-not-arriving --target . <&-")

    assert done.returncode == 2
    assert "step sent asks" in done.stderr
