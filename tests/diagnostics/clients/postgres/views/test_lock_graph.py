"""The session at the end of a chain of locks is the one to talk to."""

from collections.abc import Mapping, Sequence

import pytest

from diagnostics.clients.postgres.views.locks import root_pids


@pytest.mark.parametrize(
    ("blockers", "roots"),
    [
        ({}, []),
        ({2: (1,), 3: (2,), 4: (2,)}, [1]),
        ({2: (1,), 4: (3,)}, [1, 3]),
        ({1: (2,), 2: (1,)}, [1, 2]),
        ({2: (0,)}, [0]),
    ],
)
def test_roots_block_and_do_not_wait(blockers: Mapping[int, Sequence[int]], roots: list[int]) -> None:
    assert root_pids(blockers) == roots
