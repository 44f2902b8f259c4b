"""Inputs of the command line that never end or cannot be read: one line, in time, the right exit code."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.diagnostics.cli.test_main import ROOT

NOWHERE = "http://127.0.0.1:9/"
MARGIN_S = 4.0
"""Seconds for a start of the program on a busy machine, above the deadline."""


def started(
    *words: str, folder: Path | None = None, standard_input: int = subprocess.DEVNULL
) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "diagnostics.cli", *words],
        stdin=standard_input, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=folder or ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def test_standard_input_that_does_not_end_ends_the_command_at_its_deadline() -> None:
    reader, writer = os.pipe()
    began = time.monotonic()
    process = started("diagnose", "-", "--target", NOWHERE, "--deadline", "2s", standard_input=reader)
    try:
        out, err = process.communicate(timeout=60)
    finally:
        os.close(reader)
        os.close(writer)

    assert 2 <= time.monotonic() - began < 2 + MARGIN_S
    assert (process.returncode, out) == (2, "")
    assert err == (
        "clearpay-doctor: standard input: has not ended within 2 s (--deadline); "
        "end the input, or give more time\n"
    )


def test_a_pipe_without_a_writer_ends_the_command_at_its_deadline(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "log")
    process = started("diagnose", str(tmp_path / "log"), "--target", NOWHERE, "--deadline", "1s")
    _, err = process.communicate(timeout=60)

    assert process.returncode == 2
    assert err.count("\n") == 1
    assert "has not ended within 1 s (--deadline)" in err


def test_a_device_that_never_ends_is_read_in_part() -> None:
    process = started("match", "/dev/zero")
    _, err = process.communicate(timeout=60)

    assert (process.returncode, err.count("\n")) == (2, 1)


@pytest.mark.parametrize("words", [("check",), ("explain", "db-deadlock"), ("list", "targets")])
def test_a_working_directory_that_is_gone_is_one_line(words: tuple[str, ...], tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    program = "import os, sys; os.rmdir(os.getcwd()); from diagnostics.cli.main import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        capture_output=True, text=True, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False,
    )  # fmt: skip

    assert done.returncode == 2
    assert done.stderr == (
        "clearpay-doctor: the working directory does not exist any more; change to another folder: cd\n"
    )


def test_a_message_about_a_target_file_is_safe_for_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b]0;owned\x07\nb.toml"
    path.write_text("a = [\n")
    process = started("check", "--config", str(path))
    _, err = process.communicate(timeout=60)

    assert process.returncode == 4
    assert err.endswith("\n")
    assert err[:-1].isprintable()


@pytest.mark.parametrize("text", ["9" * 400 + "h", "9999999h", "0s"])
def test_a_duration_without_sense_is_refused(text: str) -> None:
    process = started("check", "--target", NOWHERE, "--deadline", text)
    _, err = process.communicate(timeout=60)

    assert process.returncode == 2
    assert "is not a duration" in err


@pytest.mark.parametrize("command", ["match", "diagnose"])
def test_a_text_is_matched_within_the_deadline(command: str, tmp_path: Path) -> None:
    (tmp_path / "numbers.log").write_text("401 4111 " * 100_000)

    out, err = started(command, str(tmp_path / "numbers.log"), "--deadline", "200ms").communicate(timeout=60)

    assert out == ""
    assert err.endswith("is not matched within 0.2 s (--deadline); give more time or less text\n")


@pytest.mark.parametrize("command", ["match", "diagnose"])
def test_a_large_text_that_was_not_read_to_its_end_is_not_called_unknown(
    command: str, tmp_path: Path
) -> None:
    line = "2026-11-29T12:00:00Z ERROR FATAL: connection slot {} of the pool was refused by peer\n"
    (tmp_path / "large.log").write_text("".join(line.format(number) for number in range(400_000)))

    process = started(command, str(tmp_path / "large.log"), "--deadline", "300ms")
    out, err = process.communicate(timeout=60)

    assert (process.returncode, out) == (2, "")
    assert "not all was read" in err


def test_reading_the_text_of_match_ends_at_its_deadline() -> None:
    reader, writer = os.pipe()
    process = started("match", "-", "--deadline", "500ms", standard_input=reader)
    try:
        _, err = process.communicate(timeout=60)
    finally:
        os.close(reader)
        os.close(writer)

    assert process.returncode == 2
    assert "has not ended within 0.5 s (--deadline)" in err
