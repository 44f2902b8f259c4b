"""A test that exceeds a time limit is called again, as the machine may be busy."""

import time

import pytest

from tests.support import deadlines
from tests.support.deadlines import TooSlow, ends_within

ATTEMPTS: list[float] = []


def test_a_test_that_is_too_slow_twice_passes_the_third_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "MARGIN_S", 0.0)
    ATTEMPTS.append(0.0 if len(ATTEMPTS) == 2 else 0.05)

    with ends_within(0.05 if ATTEMPTS[-1] else 60):
        time.sleep(ATTEMPTS[-1])

    assert len(ATTEMPTS) == 3


def test_a_block_within_its_limit_and_the_margin_passes() -> None:
    with ends_within(60):
        pass


def test_a_block_above_its_limit_is_too_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadlines, "MARGIN_S", 0.0)

    with pytest.raises(TooSlow, match=r"more than 0\.0 s"), ends_within(0):
        time.sleep(0.01)
