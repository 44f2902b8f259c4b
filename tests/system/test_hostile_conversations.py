"""A short run of the fuzzer of conversations: in time, and without a bug of a probe.

A long one: python -m tests.tools.fuzz_conversations --seconds 3600 --seed 1
"""

import pytest

from tests.support.deadlines import TooSlow
from tests.tools.fuzz_conversations import fuzz

COUNT = 60


# If the peer resets between TCP and TLS, the garbage collector closes the socket.
@pytest.mark.filterwarnings("ignore:.*ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning")
def test_no_seeded_conversation_breaks_or_outlives_a_run() -> None:
    outcome = fuzz(seed=13, count=COUNT, seconds=120, threads=4)

    if outcome.late:
        raise TooSlow(outcome.text())
    assert outcome.clean, outcome.text()
    assert len(outcome.runs) == 4
