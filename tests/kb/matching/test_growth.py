"""Work of matching grows as the text does: counted, not timed, on one long line with many signs."""

import sys
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any

import pytest

from kb.matching.features import mentions
from kb.matching.matcher import match
from kb.matching.parsed_text import ParsedText
from kb.matching.shipped_index import load_index
from kb.text.code_spans import spans
from kb.text.sanitize import Cleaned
from kb.text.shell_syntax import plain_positions
from kb.text.signs import find_signs
from tests.tools.bench_matching import shapes

pytestmark = pytest.mark.slow

SMALL, FACTOR = 2_000, 4
MAX_GROWTH = 1.15 * FACTOR


class CountedLine(str):  # noqa: SLOT000  it counts in the class
    """A line that counts how often all of it is searched."""

    searches = 0

    def __contains__(self, part: object) -> bool:
        """Search the line."""
        CountedLine.searches += 1
        return super().__contains__(part)  # type: ignore[operator]


def steps(call: Callable[[], object]) -> int:
    """Return the number of lines of Python that a call executes."""
    count = 0

    def trace(_: FrameType, event: str, __: Any) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


def calls_of(code: CodeType, call: Callable[[], object]) -> int:
    """Return how often a function is called during a call."""
    count = 0

    def profile(frame: FrameType, event: str, _: object) -> None:
        nonlocal count
        count += event == "call" and frame.f_code is code

    sys.setprofile(profile)
    try:
        call()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("word", ["12345 ", "401 ", "a.TimeoutError ", "E12 "])
def test_a_line_is_searched_as_often_whatever_its_length(word: str) -> None:
    searches = []
    for count in (10, 1000):
        CountedLine.searches = 0
        find_signs([CountedLine(word * count)])
        searches.append(CountedLine.searches)

    assert searches[0] == searches[1]


@pytest.mark.parametrize("separator", [" ", "\n"])
def test_the_context_of_a_line_is_searched_once_for_all_of_its_signs(separator: str) -> None:
    index = load_index()
    names = len(index["layers"]) * 4
    few, many = (separator.join(f"m{n}.TimeoutError" for n in range(count)) for count in (25, 500))

    def searches(text: str) -> int:
        return calls_of(mentions.__code__, lambda: match(Cleaned(text), index))

    lines = ParsedText(many).filled
    assert searches(many) - searches(few) <= (lines if separator == "\n" else 0) * names


@pytest.mark.parametrize("shape", shapes())
def test_steps_grow_as_the_text_does(shape: str) -> None:
    index = load_index()
    make = shapes()[shape]
    short, long = make(SMALL), make(SMALL * FACTOR)
    functions: tuple[Callable[[str], object], ...] = (
        lambda text: match(Cleaned(text), index),
        lambda text: list(spans(text)),
        plain_positions,
    )
    for function in functions:
        function(short)  # caches of words are filled
        assert steps(lambda: function(long)) <= MAX_GROWTH * steps(lambda: function(short)) + 500  # noqa: B023
