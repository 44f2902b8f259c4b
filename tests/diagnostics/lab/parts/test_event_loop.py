"""The service with an event loop is ready when it starts, and ends with its owner, however that ends."""

import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from diagnostics.lab.errors import LabError
from diagnostics.lab.parts.event_loop import LoopPart
from diagnostics.lab.process.environment import clean

ROOT = Path(__file__).parents[4]
TIMEOUT_S = 60.0
PROGRAM = """
import sys
from diagnostics.lab.parts.event_loop import LoopPart
with LoopPart() as part:
    print(part.pid, flush=True)
    sys.stdin.read()
"""


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


@contextmanager
def all_ending(pids: list[int]) -> Iterator[None]:
    """Watch processes during the block, and assert that each of them ends soon afterwards."""
    handles = [os.pidfd_open(pid) for pid in pids]
    try:
        yield
        for handle in handles:
            assert select.select([handle], [], [], TIMEOUT_S)[0] == [handle]
    finally:
        for handle in handles:
            os.close(handle)


def test_it_leaves_no_process_when_it_ends() -> None:
    with ExitStack() as stack, LoopPart() as part:
        pids = [part.pid, *children(part.pid)]
        stack.enter_context(all_ending(pids))

        assert len(pids) == 2


def test_it_ends_with_the_process_that_started_it_though_that_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=clean({"PYTHONPATH": str(ROOT)}),
    ) as owner:
        assert owner.stdout
        pid = int(owner.stdout.readline())
        with all_ending([pid, *children(pid)]):
            owner.kill()


def test_a_mode_cannot_be_switched_when_it_has_ended() -> None:
    with LoopPart() as part:
        pass

    with pytest.raises(LabError, match="has ended"):
        part.switch("process")
