"""The append-only file: one writer at a time, no line lost, no partial line read."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from diagnostics.history.append_log import AppendLog, Damaged, is_locked, open_log, parse_line, read_lines
from tests.diagnostics.cli.test_main import ROOT

WRITER = """
import sys
from pathlib import Path
from diagnostics.history.append_log import AppendLog

log = AppendLog.create(Path(sys.argv[1]))
log.lock()
for number in range(10 ** 9):
    log.append('{"event": "%d"}\\n' % number)
    print(number, flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "x.ndjson"


def lines_of(path: Path) -> tuple[bytes, ...]:
    with open_log(path) as file:
        return read_lines(file, 10_000_000).lines


def test_appended_lines_are_read_back(path: Path) -> None:
    log = AppendLog.create(path, durable=True)
    log.append("first\n")
    log.append("zweite Zeile: ü\n")
    log.close()

    assert lines_of(path) == (b"first", "zweite Zeile: ü".encode())
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_killed_writer_loses_no_line_that_append_returned_for(path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    assert process.stdout
    written = [int(process.stdout.readline()) for _ in range(500)]
    with open_log(path) as file:
        locked_while_it_ran = is_locked(file)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=20)
    written += [int(line) for line in process.stdout if line.endswith("\n")]
    process.stdout.close()

    numbers = [int(parse_line(line)["event"]) for line in lines_of(path)]
    with open_log(path) as file:
        assert (locked_while_it_ran, is_locked(file)) == (True, False)
    assert numbers == list(range(len(numbers)))
    assert len(numbers) >= len(written)


def test_a_second_writer_does_not_get_the_lock_and_a_reader_does_not_hold_it(path: Path) -> None:
    first = AppendLog.create(path)
    with open_log(path) as file:
        assert not is_locked(file)
        first.lock()
        assert is_locked(file)

    second = AppendLog.reopen(path)
    with pytest.raises(BlockingIOError):
        second.lock()
    first.close()
    second.lock()
    second.close()


def test_a_partial_last_line_is_left_out_and_can_be_removed(path: Path) -> None:
    path.write_bytes(b"one\ntwo\nthr")
    with open_log(path) as file:
        content = read_lines(file, 100)

    log = AppendLog.reopen(path)
    log.truncate(content.size)
    log.append("three\n")
    log.close()

    assert content.lines == (b"one", b"two")
    assert path.read_bytes() == b"one\ntwo\nthree\n"


def test_an_existing_file_is_not_replaced(path: Path) -> None:
    path.write_text("mine")

    with pytest.raises(FileExistsError):
        AppendLog.create(path)
    assert path.read_text() == "mine"


def test_a_large_file_a_fifo_and_an_unwanted_link_are_refused(path: Path, tmp_path: Path) -> None:
    path.write_bytes(b"x" * 2_000_001)
    with open_log(path) as file, pytest.raises(Damaged, match="larger than 2 MB"):
        read_lines(file, 2_000_000)
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(Damaged, match="not a regular file"):
        open_log(tmp_path / "fifo")
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(OSError, match="symbolic links"):
        open_log(tmp_path / "link", follow_links=False)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"event": 1}', '{"event": "x", "n": 1e999}', "\udcff"])
def test_a_line_that_is_not_an_event_is_damaged(text: str) -> None:
    with pytest.raises(Damaged):
        parse_line(text.encode("utf-8", "surrogateescape"))


def test_terminal_escapes_are_removed_from_every_text() -> None:
    evil = {"event": "x", "\x1b[31mkey": ["\x9b2Jvalue"]}

    parsed = parse_line(json.dumps(evil).encode())

    assert "\x1b" not in repr(parsed)
    assert "\\x9b" not in repr(parsed)
