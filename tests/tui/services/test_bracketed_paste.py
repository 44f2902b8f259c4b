"""Terminal input: pastes contain no escape character, however the input is split into chunks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.services.bracketed_paste import END, ESCAPE, START, PasteFilter

TYPED = f"j{ESCAPE}[Ak{START}a{ESCAPE}qb{ESCAPE}{ESCAPE}[99qc{END}{ESCAPE}OPq{START}{ESCAPE}[20{END}z"
HARMLESS = f"j{ESCAPE}[Ak{START}aqb\x9b99qc{END}{ESCAPE}OPq{START}\x9b20{END}z"


@given(st.lists(st.integers(1, 12)))
def test_the_result_does_not_depend_on_the_chunks(sizes: list[int]) -> None:
    paste_filter, rest, output = PasteFilter(), TYPED, ""
    for size in sizes:
        output, rest = output + paste_filter.feed(rest[:size]), rest[size:]

    assert output + paste_filter.feed(rest) == HARMLESS


@pytest.mark.parametrize("keys", [ESCAPE, f"{ESCAPE}[A", f"{ESCAPE}[20", "q"])
def test_typed_keys_are_not_held_back(keys: str) -> None:
    assert PasteFilter().feed(keys) == keys
