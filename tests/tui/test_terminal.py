"""The program in a real terminal: its start, input, and exit, after which the terminal is as before."""

import fcntl
import re
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from diagnostics.probes import connect
from tests.tui.terminal import ALTERNATE_SCREEN_LEFT, Terminal, command

pytestmark = pytest.mark.slow

PASTE = b"\x1b[200~%s\x1b[201~"
EVIL = b"\x1b]52;c;ZXZpbA==\x07\x1b[2J\x1b]0;owned\x07"
EIGHT_BIT = "\x9b2J\x9d52;c;ZXZpbA==\x07\x9d0;owned\x07".encode()
"""The same as 8-bit controls: terminals remove the escape character from pastes, but not these."""
SECRET = "hunter22hunter"
CRASH = f"""
from tests.tui.conftest import new_state
from tui.app import DoctorApp

def on_start(app):
    password = "{SECRET[:7]}" + "{SECRET[7:]}"
    raise ValueError("broken")

app = DoctorApp(new_state(), on_start)
app.run()
print("ended:", type(app.failure).__name__)
"""
MAX_BYTES_PER_PANE = 2000
"""Limit of the output when the focus moves; measured: 0.8 KB at 80 x 24."""
MAX_BYTES_PER_KEY = 6000
"""Limit of the output after one key, for use over ssh; measured: about half of it."""


@pytest.fixture
def silent() -> Iterator[str]:
    """Provide the URL of a server that accepts connections and sends nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"postgresql://app@127.0.0.1:{server.getsockname()[1]}/db"


def test_it_paints_and_q_leaves_the_terminal_as_it_was() -> None:
    with Terminal("tui") as terminal:
        terminal.wait_for("known errors")
        terminal.wait_for("Quit")
        terminal.send(b"q")

        assert terminal.ended() == 0
        assert ALTERNATE_SCREEN_LEFT in terminal.output


def test_text_of_a_pipe_is_diagnosed_and_the_keys_still_work() -> None:
    with Terminal("tui", "-", piped=b"ERROR:  deadlock detected\n") as terminal:
        terminal.wait_for("db-deadlock")
        terminal.wait_for("Candidates")
        terminal.send(b"q")

        assert terminal.ended() == 0


def test_no_escape_of_a_log_or_a_paste_reaches_the_terminal(tmp_path: Path) -> None:
    log = tmp_path / "err.log"
    log.write_bytes(b"ERROR:  deadlock " + EVIL + b"detected\n")

    with Terminal("tui", str(log)) as terminal:
        terminal.wait_for("Candidates")
        terminal.send(PASTE % (b"FATAL:  the database system is starting up\n" + EIGHT_BIT + b"\nand so on"))
        terminal.wait_for("db-starting-up")
        terminal.send(b"q")
        terminal.ended()

        assert b"ZXZpbA" not in terminal.output
        assert b"owned" not in terminal.output


def test_an_escape_within_a_paste_presses_no_key() -> None:
    pasted = b"ERROR:  deadlock \x1bq " + EVIL + b"\x1b[99qdetected\n\x1b[1;2Qand so on"

    with Terminal("tui") as terminal:
        terminal.wait_for("Quit")
        terminal.send(PASTE % pasted)
        terminal.wait_for("Candidates")
        terminal.send(b"q")

        assert terminal.ended() == 0
        assert b"owned" not in terminal.output


def test_sigterm_restores_the_terminal_and_sets_the_exit_code() -> None:
    with Terminal("tui") as terminal:
        terminal.wait_for("Quit")
        terminal.signal(signal.SIGTERM)

        assert terminal.ended() == 143
        assert ALTERNATE_SCREEN_LEFT in terminal.output


def test_sighup_ends_the_program() -> None:
    with Terminal("tui") as terminal:
        terminal.wait_for("Quit")
        terminal.signal(signal.SIGHUP)

        assert terminal.ended() == 129
        assert ALTERNATE_SCREEN_LEFT in terminal.output


def test_a_bug_shows_no_value_of_a_variable() -> None:
    with Terminal(program=(sys.executable, "-c", CRASH)) as terminal:
        terminal.wait_for("ended: ValueError")
        terminal.ended()

        assert ALTERNATE_SCREEN_LEFT in terminal.output
        assert SECRET not in terminal.text


def test_the_text_is_edited_in_the_editor_and_diagnosed_again(tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\necho 'FATAL:  the database system is starting up' > \"$1\"\n", "utf-8")
    editor.chmod(0o755)
    log = tmp_path / "err.log"
    log.write_text("ERROR:  deadlock detected\n", "utf-8")

    with Terminal("tui", str(log), environment={"VISUAL": str(editor)}) as terminal:
        terminal.wait_for("db-deadlock")
        terminal.wait_for("Candidates")
        terminal.send(b"e")
        terminal.wait_for("db-starting-up")
        terminal.send(b"q")

        assert terminal.ended() == 0


def test_ctrl_c_says_what_it_does_and_quits_the_second_time() -> None:
    with Terminal("tui") as terminal:
        terminal.wait_for("Quit")
        terminal.send(b"\x03")
        terminal.wait_for("ctrl+c again quits")
        terminal.send(b"\x03")

        assert terminal.ended() == 0


def test_a_probe_that_hangs_does_not_delay_the_end(silent: str) -> None:
    with Terminal("tui", "db-connection-refused", "--target", silent) as idle:
        idle.wait_for("esc back")
        undisturbed = idle.seconds_to_end(b"q")
    with Terminal("tui", "db-connection-refused", "--target", silent) as terminal:
        terminal.wait_for("esc back")
        terminal.send(b"r")
        terminal.wait_for("running")

        assert terminal.seconds_to_end(b"q") < undisturbed + connect.BUDGET / 2
        assert terminal.process.returncode == 0


def test_a_key_costs_few_bytes() -> None:
    with Terminal("tui") as terminal:
        terminal.wait_for("Quit")

        assert 0 < terminal.bytes_of(b"j") < MAX_BYTES_PER_KEY


def test_a_move_to_the_next_pane_costs_few_bytes() -> None:
    with Terminal("tui") as terminal:
        terminal.wait_for("Quit")

        assert max(terminal.bytes_of(b"\t") for _ in range(3)) < MAX_BYTES_PER_PANE


def test_a_terminal_without_a_cursor_gets_plain_text(tmp_path: Path) -> None:
    text = tmp_path / "error.txt"
    text.write_text("ERROR:  deadlock detected\n", "utf-8")
    for words, wanted in (
        (("db-deadlock",), "deadlock detected: "),
        ((str(text),), "suspected"),
        ((), "db-deadlock"),
    ):
        with Terminal("tui", *words, environment={"TERM": "dumb"}) as terminal:
            terminal.ended()

            assert wanted in terminal.text
            assert b"\x1b[?1049h" not in terminal.output
    assert "db-deadlock" in command(["tui", str(text)]).stdout


def test_a_large_pipe_is_read_whole_and_opens_as_a_timeline() -> None:
    lines = [f"2026-11-29T12:{n // 60 % 60:02}:{n % 60:02}Z INFO payment {n} stored" for n in range(40_000)]
    lines[20_000] = "2026-11-29T12:20:00Z ERROR deadlock detected"
    with Terminal("tui", "-", piped="\n".join(lines).encode()) as terminal:
        terminal.wait_for("TIMELINE")
        terminal.wait_for("db-deadlock")
        terminal.wait_for("40,000 lines")
        terminal.send(b"q")

        assert terminal.ended() == 0


def test_a_paste_of_megabytes_shows_its_progress_and_is_read_whole() -> None:
    lines = [f"2026-11-29T12:{n // 60 % 60:02}:{n % 60:02}Z INFO payment {n} stored" for n in range(100_000)]
    lines[50_000] = "2026-11-29T12:20:00Z ERROR deadlock detected"
    with Terminal("tui") as terminal:
        terminal.wait_for("Quit")
        terminal.send_while_reading(PASTE % "\n".join(lines).encode())
        terminal.wait_for("reading the paste: ")
        terminal.wait_for("100,000 lines")
        terminal.wait_for("db-deadlock")
        terminal.send(b"q")

        assert terminal.ended() == 0


def test_several_targets_are_a_grid() -> None:
    closed = ("127.0.0.1:9", "localhost:9")
    words = [word for place in closed for word in ("-t", f"postgresql://app@{place}/db")]
    with Terminal("tui", *words) as terminal:
        terminal.wait_for("2 targets")
        terminal.wait_for("connect: connect.refused, since ")
        terminal.send(b"q")

        assert terminal.ended() == 0


def test_a_signal_also_ends_the_editor(tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\necho editing\nexec sleep 60\n", "utf-8")
    editor.chmod(0o755)
    log = tmp_path / "err.log"
    log.write_text("ERROR:  deadlock detected\n", "utf-8")

    with Terminal("tui", str(log), environment={"VISUAL": str(editor)}) as terminal:
        terminal.wait_for("Candidates")
        terminal.send(b"e")
        terminal.wait_for("editing")
        terminal.signal(signal.SIGTERM)

        assert terminal.ended() == 143


def test_ctrl_z_stops_the_program_until_it_is_continued() -> None:
    with Terminal("tui") as terminal:
        terminal.wait_for("Quit")
        terminal.send(b"\x1a")
        terminal.wait_until_stopped()
        assert ALTERNATE_SCREEN_LEFT in terminal.output
        terminal.signal(signal.SIGCONT)
        terminal.wait_for_again("Quit")
        terminal.send(b"q")

        assert terminal.ended() == 0


def test_ascii_alone_is_written_where_it_is_asked_for() -> None:
    with Terminal("tui", "--ascii", "db-deadlock") as terminal:
        terminal.wait_for("esc back")
        terminal.send(b"q")
        terminal.ended()

        assert terminal.text.isascii()


def test_no_colour_is_written_where_none_is_wanted() -> None:
    with Terminal("tui", environment={"NO_COLOR": "1"}) as terminal:
        terminal.wait_for("Quit")

        colours = set(re.findall(rb"[34]8;2;(\d+);(\d+);(\d+)", terminal.output))
        assert all(red == green == blue for red, green, blue in colours)


def test_a_small_terminal_says_what_it_needs() -> None:
    with Terminal("tui", size=(59, 15)) as terminal:
        terminal.wait_for("60 x 16 are needed")
        terminal.send(b"q")

        assert terminal.ended() == 0


def test_without_a_terminal_it_says_so_in_one_line() -> None:
    done = command(["tui"])

    assert done.returncode == 2
    assert done.stderr == (
        "clearpay-doctor: tui: needs a terminal; in a script or a pipe use diagnose or check\n"
    )


def test_an_unknown_name_is_an_error_that_suggests_the_nearest() -> None:
    with Terminal("tui", "db-deadlok") as terminal:
        assert terminal.ended() == 2
        assert "did you mean db-deadlock?" in terminal.text


@pytest.mark.lab
def test_the_lab_starts_and_ends_with_the_screen_and_is_broken_from_it(tmp_path: Path) -> None:
    with Terminal("tui", "--lab", environment={"XDG_RUNTIME_DIR": str(tmp_path)}) as terminal:
        terminal.wait_for("the lab is starting")
        terminal.wait_for("the lab is up, healthy")
        folder = tmp_path / "clearpay-doctor"
        assert (folder / "lab.sock").exists()
        terminal.send(b"L")
        terminal.wait_for("The lab is healthy")
        terminal.send(b"login.stale_credential")
        terminal.wait_for("1 of ")
        terminal.send(b"\r")
        terminal.wait_for("Candidates")
        terminal.wait_for("lab is broken")
        terminal.send(b"q")

        assert terminal.ended() == 0
        with (folder / "lab.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # held by the lab until it is gone
        assert not (folder / "lab.sock").exists()
