"""Probes read Python side by side; CPython cannot make two syntax trees at once."""

import gc
import sys
import threading
from collections.abc import Iterator

import pytest

from diagnostics.clients.source.syntax import parsed

DEEP = "x = {" + ", ".join(f"'k{i}': [{i}, ({i} + 1) * 2, {{'a': f(b={i})}}]" for i in range(100)) + "}\n"


class Garbage:
    """Is collected in the middle of what another thread does, and takes its turn then."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        for _ in range(50):
            pass


@pytest.fixture
def restless() -> Iterator[None]:
    """Threads take turns at each chance, and garbage is collected all the time."""
    interval, threshold = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.set_threshold(50)
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*threshold)


@pytest.mark.usefixtures("restless")
def test_many_threads_get_their_trees() -> None:
    failed: list[SystemError] = []

    def read() -> None:
        for _ in range(30):
            for _ in range(10):
                Garbage()
            try:
                parsed(DEEP)
            except SystemError as error:
                failed.append(error)

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
