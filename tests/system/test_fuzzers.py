"""A short run of each fuzzer: inputs of one seed, none of which hangs, crashes or prints a traceback.

`python -m tests.tools.fuzz_http --seconds 600 --seed 7` runs one for longer.
"""

import random
import sys
from importlib import import_module

import pytest

from tests.support.fuzzing import fuzz

INPUTS = {
    "fuzz_toml": 300,
    "fuzz_records": 60,
    "fuzz_config": 400,
    "fuzz_der": 150,
    "fuzz_jwt": 200,
    "fuzz_urls": 200,
    "fuzz_http": 80,
}
LIMIT_S = 15.0
"""Seconds of one input on a busy machine."""


@pytest.mark.parametrize("name", INPUTS)
def test_no_input_of_a_short_run_fails(name: str) -> None:
    attempt = import_module(f"tests.tools.{name}").attempt

    tally = fuzz(name, attempt, seed=13, count=INPUTS[name], limit_s=LIMIT_S)

    assert tally.inputs == INPUTS[name]
    assert not tally.failures, str(tally)


def test_the_runner_reports_a_crash_a_traceback_and_a_slow_input() -> None:
    def crash(_: object) -> None:
        raise KeyError("x")

    def draw(source: random.Random) -> None:
        source.random()

    def trace(_: object) -> None:
        sys.stderr.write("Traceback (most recent call last):")

    assert "KeyError" in str(fuzz("crash", crash, seed=1, count=1))
    assert len(fuzz("crash", crash, seed=1, count=3).failures) == 3
    assert "traceback on stderr" in str(fuzz("trace", trace, seed=1, count=1))
    assert "took" in str(fuzz("slow", draw, seed=1, count=1, limit_s=-1))
