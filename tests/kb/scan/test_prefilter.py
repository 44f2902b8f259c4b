"""Search for literals: each engine finds the same."""

import builtins
from typing import Any

import pytest

from kb.scan.prefilter import ENGINES, Prefilter

LITERALS = {"one": ["deadlock detected", "40p01"], "two": ["пользователь", "detected"]}
TEXT = (
    b"ERROR: Deadlock Detected\nquiet line\nSQLSTATE 40P01\n" + "Пользователь\n".encode() + b"an error\n" * 3
)


def found(engine: str) -> list[tuple[int, bytes]]:
    prefilter = Prefilter(LITERALS, engine)
    assert prefilter.engine == engine
    return [(hit.end, prefilter.patterns[hit.literal]) for hit in prefilter.hits(TEXT)]


@pytest.mark.parametrize("engine", ENGINES)
def test_each_engine_finds_the_same(engine: str) -> None:
    pytest.importorskip({"ahocorasick": "ahocorasick_rs"}.get(engine, engine))
    assert found(engine) == found("re")


def test_case_and_overlap_hide_nothing() -> None:
    patterns = {pattern for _, pattern in found("re")}
    assert {b"deadlock detected", b"detected", b"40p01", b"error"} < patterns
    assert "Пользователь".encode() in patterns


def test_without_its_libraries_the_standard_one_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def absent(name: str, *arguments: Any, **options: Any) -> Any:
        if name in ("hyperscan", "ahocorasick_rs"):
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", absent)
    assert Prefilter(LITERALS).engine == "re"


@pytest.mark.parametrize(
    "line",
    [
        '{"PRIORITY":"3","MESSAGE":"upstream answered 500"}',
        '{"__REALTIME_TIMESTAMP": "1795954339966716", "PRIORITY": "0", "MESSAGE": "upstream answered 500"}',
        '{ "PRIORITY" : "1", "MESSAGE" : "upstream answered 500" }',
        '{"level": 50, "time": 1795954339966, "msg": "upstream answered 500"}',
    ],
)
def test_an_error_that_only_a_number_marks_is_read_however_the_json_is_spaced(line: str) -> None:
    prefilter = Prefilter({})
    assert list(prefilter.hits(line.encode()))
