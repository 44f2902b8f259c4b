"""Probes parse Python in several threads; CPython cannot parse in two threads at once."""

import gc
import sys
import threading
from collections.abc import Iterator

import pytest

from diagnostics.clients.source.syntax import parse

DEEP = "x = {" + ", ".join(f"'k{i}': [{i}, ({i} + 1) * 2, {{'a': f(b={i})}}]" for i in range(100)) + "}\n"


class Garbage:
    """Object with a finalizer that lets another thread run."""

    def __init__(self) -> None:
        self.itself = self

    def __del__(self) -> None:
        for _ in range(50):
            pass


@pytest.fixture
def frequent_switches() -> Iterator[None]:
    """Switch threads and collect garbage as often as possible."""
    interval, threshold = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.set_threshold(50)
    yield
    sys.setswitchinterval(interval)
    gc.set_threshold(*threshold)


@pytest.mark.usefixtures("frequent_switches")
def test_many_threads_parse_without_error() -> None:
    failed: list[SystemError] = []

    def read() -> None:
        for _ in range(30):
            for _ in range(10):
                Garbage()
            try:
                parse(DEEP)
            except SystemError as error:
                failed.append(error)

    threads = [threading.Thread(target=read) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failed == []
