"""A hundred targets at once, ten of them hung: every probe has a result, threads and memory stay bounded."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from diagnostics.engine.scheduler import MAX_PARALLEL
from diagnostics.lab.servers.listener import Listener
from diagnostics.probes import PROBES
from tests.diagnostics.cli.test_main import ROOT, run
from tests.diagnostics.clients.postgres.foreign_servers import auth_request, startup
from tests.support.deadlines import ends_within

pytestmark = pytest.mark.slow

TARGETS, HUNG = 100, 10
DEADLINE_S = 3.0
MAX_THREADS = 2 * MAX_PARALLEL
"""A probe that has put its result makes room for the next one before its thread has ended."""
MAX_GROWTH_KB = 8_000
"""Growth of the peak memory from a fifth of the targets to all of them: a result is a few KB."""
MEASURE = """
import json, re, sys, threading
from pathlib import Path
from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.targets.target_file import target_named, read
from diagnostics.run.examination import Examination, examine
from diagnostics.probes import PROBES
from diagnostics.run.selection import tasks
from kb.records.loader import load_entries

config = read(Path(sys.argv[1]))
targets = tuple(target_named(name, config) for name in list(config.settings.target)[: int(sys.argv[2])])
catalogue = Catalogue(load_entries(), PROBES)
planned = tuple(tasks(targets, ["connect"], catalogue, active=False, forced=False))
peak_threads = 0

def count(_):
    global peak_threads
    peak_threads = max(peak_threads, threading.active_count() - 1)

report = examine(Examination(catalogue, targets, planned, deadline_s=float(sys.argv[3])), [count])
peak_kb = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
print(json.dumps({"results": len(report.results), "threads": peak_threads, "peak_kb": peak_kb}))
"""


class Healthy(Listener):
    """Server that asks for a password, as PostgreSQL does."""

    def handle(self, client: socket.socket) -> None:
        """Answer the startup of one connection."""
        startup(client)
        client.sendall(auth_request(5, b"salt"))


class Hung(Listener):
    """Server that accepts connections and never answers."""

    def handle(self, client: socket.socket) -> None:
        """Read until the client closes the connection."""
        while not self.ending.is_set() and client.recv(4096):
            pass


@pytest.fixture(scope="module")
def target_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Write a target file with a hundred targets, each with its own listener; every tenth is hung."""
    with ExitStack() as stack:
        tables = []
        for number in range(TARGETS):
            hung = number % (TARGETS // HUNG) == 0
            port = stack.enter_context(Hung() if hung else Healthy()).port
            url = f"postgresql://app@127.0.0.1:{port}/db?sslmode=disable"
            tables.append(f'[target.t{number:02}]\nproduction = true\ndatabase = "{url}"\n')
        path = tmp_path_factory.mktemp("many") / "clearpay-doctor.toml"
        path.write_text("\n".join(tables), "utf-8")
        yield path


def test_the_command_ends_by_its_deadline_with_every_result(target_file: Path) -> None:
    names = [word for number in range(TARGETS) for word in ("--target", f"t{number:02}")]

    done = run("check", "connect", "--config", str(target_file), *names, "--deadline", f"{DEADLINE_S:g}s",
               "--format", "json")  # fmt: skip

    results = json.loads(done.stdout)["results"]
    assert [result["target"] for result in results] == [f"t{number:02}" for number in range(TARGETS)]
    hung = [result for result in results if int(result["target"][1:]) % (TARGETS // HUNG) == 0]
    assert {result["outcome"] for result in hung} <= {"fail", "unknown"}
    assert max(result["ms"] for result in results) < PROBES["connect"].BUDGET * 1000
    assert {result["outcome"] for result in results if result not in hung} <= {"pass", "unknown"}
    assert done.returncode in {1, 3}


@dataclass(frozen=True)
class Measured:
    """Peak use of resources of a process."""

    results: int
    threads: int
    peak_kb: int


def measure(target_file: Path, targets: int) -> Measured:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, target_file, str(targets), str(DEADLINE_S)],
        capture_output=True, text=True, check=True, cwd=ROOT, timeout=120,
    )  # fmt: skip
    return Measured(**json.loads(done.stdout))


def test_threads_and_memory_do_not_grow_with_the_targets(target_file: Path) -> None:
    few, many = measure(target_file, TARGETS // 5), measure(target_file, TARGETS)

    assert (few.results, many.results) == (TARGETS // 5, TARGETS)
    assert 0 < few.threads <= MAX_THREADS
    assert 0 < many.threads <= MAX_THREADS
    assert many.peak_kb - few.peak_kb < MAX_GROWTH_KB


def test_what_hangs_does_not_keep_the_process_alive(target_file: Path) -> None:
    with ends_within(1):
        done = run("check", "connect", "--config", str(target_file), "--target", "t00", "--deadline", "1s")

    assert done.returncode in {1, 3}
