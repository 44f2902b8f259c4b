"""Probes parse Python in several threads; CPython cannot parse in two threads at once."""

import ast
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


NEWER = """\
type Rows[T] = list[tuple[str, T]]
type Name = str


class Box[
    T: (int, str),
    *Rest,
](Base):
    async def get[K: dict[str, int]](self, key: K) -> T:
        try:
            type = self.find[0]
        except KeyError, ValueError:
            raise
"""


def test_syntax_of_newer_versions_is_read_and_every_line_keeps_its_number() -> None:
    tree = parse(NEWER)
    lines = {
        getattr(node, "name", None) or ast.unparse(node): node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef | ast.AsyncFunctionDef | ast.Raise | ast.Assign)
    }

    assert lines == {
        "Rows = list[tuple[str, T]]": 1,
        "Name = str": 2,
        "Box": 5,
        "get": 9,
        "type = self.find[0]": 11,
        "raise": 13,
    }
    assert ast.dump(parse(NEWER.encode())) == ast.dump(tree)


def test_two_classes_of_errors_are_caught_and_no_name_is_bound() -> None:
    handler = next(
        node
        for node in ast.walk(parse("try:\n    pay()\nexcept OSError, ValueError:\n    pass\n"))
        if isinstance(node, ast.ExceptHandler)
    )

    assert handler.type is not None
    assert ast.unparse(handler.type) == "(OSError, ValueError)"
    assert handler.name is None


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    pay()\nexcept OSError, error:\n    pass\n",
        "def f[T(x):\n    pass\n",
        "type X[ = 1\n",
        "x = (\n",
    ],
)
def test_what_no_version_reads_and_python_2_stay_errors_of_their_own_lines(source: str) -> None:
    with pytest.raises(SyntaxError) as error:
        parse(source)

    assert error.value.lineno is not None
