"""Terminal input: a paste presses no key, however the input is split into reads and whatever is in it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.events import Key, Paste

from tui.services.bracketed_paste import END, ESCAPE, ESCAPE_WITHIN_S, QUIET_S, START, Parser, PasteFilter
from tui.shared.messages import PasteProgressed

MAX_SECONDS_OF_PASTE = 1.0
"""For 5 MB; measured: 0.1 s."""

PASTED = f"a{ESCAPE}qb{ESCAPE}{ESCAPE}[99qc{ESCAPE}OPq{ESCAPE}[20"
HARMLESS = "aqb\x9b99qc\x8fPq\x9b20"


def output_of(reads: list[str], pause_s: float = 0.0) -> str:
    """Return the output of the filter for reads with a pause between them, and for the quiet after them."""
    paste_filter, now, output = PasteFilter(), 0.0, ""
    for read in reads:
        output += paste_filter.feed(read, now)
        now += pause_s
    return output + paste_filter.tick(now + QUIET_S)


def in_pieces(text: str, sizes: list[int]) -> list[str]:
    """Return a text in pieces of these sizes, and the rest."""
    pieces: list[str] = []
    for size in sizes:
        pieces, text = [*pieces, text[:size]], text[size:]
    return [*pieces, text]


@given(st.lists(st.integers(1, 12)))
def test_the_result_does_not_depend_on_the_reads(sizes: list[int]) -> None:
    reads = in_pieces(f"{PASTED}{END}", sizes)

    assert output_of([START, *reads]) == f"{START}{HARMLESS}{END}"


@given(st.lists(st.integers(1, 12)))
def test_an_end_mark_within_a_paste_presses_no_key(sizes: list[int]) -> None:
    text = f"x{END}q{START}e{END}L{ESCAPE}[Az{END}"

    assert output_of([START, *in_pieces(text, sizes)]) == f"{START}xqeL\x9bAz{END}"


@pytest.mark.parametrize(
    "pasted",
    [
        "FATAL: too many clients\nq",
        "FATAL: too many clients already, says the server; " * 2,
        f"{ESCAPE}[31mERROR{ESCAPE}[0m:  deadlock detected\nDETAIL:  q",
        "x" * 30 + "yz, and no mark at all, " + "q" * 30,
    ],
)
def test_a_read_that_nobody_typed_is_a_paste(pasted: str) -> None:
    output = output_of([pasted])

    assert output.startswith(START)
    assert output.endswith(END)
    assert output.count(ESCAPE) == 2


def test_a_paste_without_marks_ends_with_its_last_read() -> None:
    reads = ["one two three four\n" * 200, "the rest", "q"]

    assert output_of(reads) == f"{START}{''.join(reads)}{END}"
    assert output_of(reads, pause_s=1.0) == f"{START}{reads[0]}{END}the restq"


def test_the_end_mark_is_passed_on_when_the_input_is_quiet() -> None:
    paste_filter = PasteFilter()

    assert paste_filter.feed(f"{START}x{END}", 0.0) == f"{START}x"
    assert paste_filter.tick(QUIET_S / 2) == ""
    assert paste_filter.tick(QUIET_S) == END
    assert paste_filter.feed("q", 2 * QUIET_S) == "q"


@pytest.mark.parametrize(
    "keys",
    [
        ESCAPE, f"{ESCAPE}[A", f"{ESCAPE}[20", f"{ESCAPE}OP", "q", "Ltoken_storm\r", "/pool\rj",
        f"{ESCAPE}[B" * 200, f"{ESCAPE}[<35;10;10M" * 30, "j" * 200, "jk" * 60,
    ],
)  # fmt: skip
def test_typed_keys_are_neither_held_back_nor_taken_for_a_paste(keys: str) -> None:
    assert PasteFilter().feed(keys, 0.0) == keys


def test_a_long_paste_reports_its_progress_and_arrives_whole() -> None:
    text = "2026-11-29 12:00:00 ERROR deadlock detected \x1b[1m in q\n" * 90_000
    reads = in_pieces(f"{START}{text}{END}", [65_536] * (len(text) // 65_536))
    parser = Parser()

    before = time.process_time()
    messages = [message for read in reads for message in parser.feed(read)]
    seconds = time.process_time() - before
    time.sleep(2 * QUIET_S)
    messages += parser.tick()

    *progress, paste = messages
    assert len(progress) > 20
    assert all(isinstance(message, PasteProgressed) for message in progress)
    assert isinstance(paste, Paste)
    assert paste.text == text.replace("\x1b[", "\x9b")
    assert seconds < MAX_SECONDS_OF_PASTE
    assert [message.key for message in parser.feed("q") if isinstance(message, Key)] == ["q"]


@pytest.mark.parametrize(
    ("reads", "keys"),
    [
        ([f"{ESCAPE}y"], ["escape", "y"]),
        ([f"{ESCAPE}f{ESCAPE}vL\r"], ["escape", "f", "escape", "v", "L", "enter"]),
        ([ESCAPE, "y"], ["escape", "y"]),
        ([ESCAPE, "[A"], ["up"]),
        ([f"j{ESCAPE}[Bk"], ["j", "down", "k"]),
        ([f"{ESCAPE}{ESCAPE}[B"], ["escape", "down"]),
        ([f"{ESCAPE}OP"], ["f1"]),
    ],
)
def test_the_escape_key_and_the_key_after_it_are_two_keys(reads: list[str], keys: list[str]) -> None:
    parser = Parser()

    events = [event for read in reads for event in parser.feed(read)]

    assert [event.key for event in events if isinstance(event, Key)] == keys


def test_an_escape_character_alone_is_the_escape_key_after_a_moment() -> None:
    parser = Parser()

    assert list(parser.feed(ESCAPE)) == []
    assert list(parser.tick()) == []
    time.sleep(1.2 * ESCAPE_WITHIN_S)
    assert [event.key for event in parser.tick() if isinstance(event, Key)] == ["escape"]
    assert [event.key for event in parser.feed("q") if isinstance(event, Key)] == ["q"]


def test_the_mark_of_a_paste_may_be_split_after_its_first_character() -> None:
    parser = Parser()

    events = [event for read in (ESCAPE, "[200~a\nb", END) for event in parser.feed(read)]
    time.sleep(2 * QUIET_S)
    events += parser.tick()

    assert [event.text for event in events if isinstance(event, Paste)] == ["a\nb"]
