"""The head of a chain of locks is the session that blocks and does not wait."""

from collections.abc import Mapping, Sequence

import pytest

from diagnostics.clients.postgres.views.locks import head_pids


@pytest.mark.parametrize(
    ("blockers", "heads"),
    [
        ({}, []),
        ({2: (1,), 3: (2,), 4: (2,)}, [1]),
        ({2: (1,), 4: (3,)}, [1, 3]),
        ({1: (2,), 2: (1,)}, [1, 2]),
        ({2: (0,)}, [0]),
    ],
)
def test_heads_block_and_do_not_wait(blockers: Mapping[int, Sequence[int]], heads: list[int]) -> None:
    assert head_pids(blockers) == heads
