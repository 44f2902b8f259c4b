"""A signal ends the program without a traceback at any time, and an abandoned login does not crash it."""

import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.diagnostics.clients.postgres.foreign_servers import fake_server
from tests.support.scram_server import Scram

ROOT = Path(__file__).parents[3]
TIMEOUT_S = 60.0
COMMAND = ["check", "connect", "--target", "postgresql://app@127.0.0.1:1/db"]
CHECK_LOGIN = [sys.executable, "-m", "diagnostics.cli", "check", "login"]
SIGNAL_AT_IMPORT = """\
import os, sys
class Finder:
    left, number = int(sys.argv[1]), int(sys.argv[2])
    @classmethod
    def find_spec(cls, *_):
        cls.left -= 1
        if cls.left == 0:
            os.kill(os.getpid(), cls.number)
from diagnostics.cli.__main__ import start
sys.meta_path.insert(0, Finder)
del sys.argv[1:3]
sys.argv[1:] = {command}
sys.exit(start())
"""


def run_with_signal(number: signal.Signals, imports: int) -> subprocess.CompletedProcess[str]:
    """Run a check that sends itself a signal at one of its imports."""
    program = SIGNAL_AT_IMPORT.format(command=[*COMMAND])
    return subprocess.run(
        [sys.executable, "-c", program, str(imports), str(number.value)],
        cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("imports", [1, 2, 5, 12, 40, 90, 130, 170])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_program_starts_is_silent_or_one_line(
    number: signal.Signals, imports: int
) -> None:
    done = run_with_signal(number, imports)

    assert done.returncode in {-number, 128 + number}
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr
    assert len(done.stderr.splitlines()) <= 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("iterations", [b"1000000", b"2147483647"])
def test_a_signal_ends_a_login_that_computes(number: signal.Signals, iterations: bytes) -> None:
    demanded = threading.Event()
    with fake_server(Scram(iterations, on_demand=demanded.set)) as port:
        url = f"postgresql://app:pw-0123456789@127.0.0.1:{port}/db?sslmode=disable"
        with subprocess.Popen(
            [*CHECK_LOGIN, "--repeat", "9", "--target", url],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        ) as process:  # fmt: skip
            assert demanded.wait(TIMEOUT_S)
            process.send_signal(number)
            _, errors = process.communicate(timeout=TIMEOUT_S)

    assert process.returncode in {-number, 128 + number}
    assert "Traceback" not in errors


def test_a_login_that_still_computes_does_not_crash_the_end_of_the_program() -> None:
    with fake_server(Scram(b"1000000")) as port:
        url = f"postgresql://app:pw-0123456789@127.0.0.1:{port}/db?sslmode=disable"
        codes = {
            subprocess.run(
                [*CHECK_LOGIN, "--deadline", "0.4s", "--target", url],
                cwd=ROOT, capture_output=True, timeout=TIMEOUT_S, check=False,
            ).returncode
            for _ in range(4)
        }  # fmt: skip

    assert codes <= {3, 1}


@pytest.mark.parametrize("format_", ["human", "json"])
def test_a_login_with_an_endless_demand_is_unknown(format_: str) -> None:
    with fake_server(Scram(b"2147483647")) as port:
        url = f"postgresql://app:pw-0123456789@127.0.0.1:{port}/db?sslmode=disable"
        command = [*CHECK_LOGIN, "--target", url, "--format", format_]
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )

    assert done.returncode == 3
    assert "2147483647 iterations of SCRAM" in " ".join(done.stdout.split())
