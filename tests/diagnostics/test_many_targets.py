"""A hundred targets at once, ten of them hung: nothing is left out, and nothing grows with their number."""

import json
import resource
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from diagnostics.catalogue import Catalogue
from diagnostics.config import named, read
from diagnostics.engine import AT_ONCE
from diagnostics.events import Event
from diagnostics.examine import Examination, examine
from diagnostics.lab.listener import Listener
from diagnostics.probes import PROBES
from diagnostics.selection import tasks
from kb.loader import load_entries
from tests.diagnostics.clients.strangers import asks, startup
from tests.diagnostics.test_cli import run
from tests.in_time import ends_within

TARGETS, HUNG = 100, 10
DEADLINE_S = 3.0
GREATEST_GROWTH_KB = 60_000


class Healthy(Listener):
    """Asks for a password, as PostgreSQL does."""

    def handle(self, client: socket.socket) -> None:
        """Answer the startup of one connection."""
        startup(client)
        client.sendall(asks(5, b"salt"))


class Hung(Listener):
    """Takes connections and never says a word."""

    def handle(self, client: socket.socket) -> None:
        """Read until the other side has had enough."""
        while not self.ending.is_set() and client.recv(4096):
            pass


@pytest.fixture
def target_file(tmp_path: Path) -> Iterator[Path]:
    """A file of a hundred targets, each with a listener of its own; every tenth is hung."""
    with ExitStack() as stack:
        tables = []
        for number in range(TARGETS):
            hung = number % (TARGETS // HUNG) == 0
            port = stack.enter_context(Hung() if hung else Healthy()).port
            url = f"postgresql://app@127.0.0.1:{port}/db?sslmode=disable"
            tables.append(f'[target.t{number:02}]\nproduction = true\ndatabase = "{url}"\n')
        path = tmp_path / "clearpay-doctor.toml"
        path.write_text("\n".join(tables), "utf-8")
        yield path


def test_the_command_ends_by_its_deadline_with_every_result(target_file: Path) -> None:
    names = [word for number in range(TARGETS) for word in ("--target", f"t{number:02}")]
    began = time.monotonic()

    done = run("check", "connect", "--config", str(target_file), *names, "--deadline", f"{DEADLINE_S:g}s",
               "--format", "json")  # fmt: skip

    took = time.monotonic() - began
    results = json.loads(done.stdout)["results"]
    assert [result["target"] for result in results] == [f"t{number:02}" for number in range(TARGETS)]
    hung = [result for result in results if int(result["target"][1:]) % (TARGETS // HUNG) == 0]
    assert {result["outcome"] for result in hung} <= {"fail", "unknown"}
    assert {result["outcome"] for result in results if result not in hung} == {"pass"}
    assert done.returncode in {1, 3}
    assert took < DEADLINE_S + 3


def test_threads_and_memory_do_not_grow_with_the_targets(target_file: Path) -> None:
    found = read(target_file)
    targets = tuple(named(name, found) for name in found.settings.target)
    catalogue = Catalogue(load_entries(), PROBES)
    planned = tuple(tasks(targets, ["connect"], catalogue, active=False, forced=False))
    most = 0

    def count(_: Event) -> None:
        nonlocal most
        most = max(most, sum(thread.name.startswith("probe ") for thread in threading.enumerate()))

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = examine(Examination(catalogue, targets, planned, deadline_s=DEADLINE_S), [count])

    assert len(report.results) == TARGETS
    assert 0 < most <= AT_ONCE + HUNG
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < GREATEST_GROWTH_KB


def test_what_hangs_does_not_keep_the_process_alive(target_file: Path) -> None:
    with ends_within(1):
        done = run("check", "connect", "--config", str(target_file), "--target", "t00", "--deadline", "1s")

    assert done.returncode in {1, 3}
