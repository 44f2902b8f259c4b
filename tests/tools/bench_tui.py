"""Measure the terminal interface: first paint against other programs, keys, bytes, pauses under load.

Usage: python -m tests.tools.bench_tui
"""

import asyncio
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from textual.widgets import Input

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.probes import PROBES
from diagnostics.targets.target_file import Config
from kb.matching.index_compiler import compile_index
from kb.records.loader import load_entries
from tests.support.peers import peer
from tests.support.team_entries import write_entries
from tests.tui.function_probe import FunctionProbe
from tests.tui.shared.test_probe_runner import Inbox, examination, seconds_to_quit, talks
from tests.tui.terminal import Terminal
from tui.app import DoctorApp
from tui.browse.screen import Browse
from tui.shared.messages import RunEnded
from tui.shared.probe_runner import ProbeRunner
from tui.shared.state import State

ROUNDS = 7
OURS = [shutil.which("clearpay-doctor", path=str(Path(sys.executable).parent)) or "clearpay-doctor", "tui"]
OUR_TEXT = "known errors"
MANY = 1000
MATCHED = "ledger worker 7 stopped after 3 jobs"
PEERS = {
    "harlequin": (["harlequin"], "Data Catalog"),
    "posting": (["posting"], "Collection"),
    "toolong": (["tl", "pyproject.toml"], "allow_indirect_imports"),
}
"""Programs with their command line and a text of their first screen."""
GOALS = {"toolong": "<= 0.8"}
Row = tuple[str, str, str, str]


def rows() -> Iterator[Row]:
    """Yield the comparisons: subject, comparison, value, goal."""
    for name, (words, text) in PEERS.items():
        yield "screen, first paint", name, against(words, text), GOALS.get(name, "< 1")
    with TemporaryDirectory() as folder:
        yield from with_team_entries(write_entries(Path(folder), MANY))
    yield f"screen, a key in the filter, {MANY} entries", "60 ms", milliseconds(filter_key()), "< 60 ms"
    yield "screen, gap between keys while 50 probes talk", "50 ms", milliseconds(gap()), "< 50 ms"
    yield "screen, quitting with ten hung probes", "100 ms", milliseconds(quitting()), "< 100 ms"
    with Terminal("tui") as terminal:
        terminal.wait_for("Quit")
        yield (
            "screen, j with the preview that it changes",
            "6000 bytes",
            f"{terminal.bytes_of(b'j')} B",
            "< 6000",
        )


def with_team_entries(folder: Path) -> Iterator[Row]:
    """Yield the starts of the screen and of `match` with a team's entries against those without any."""
    team = ["--kb", str(folder)]
    plain, added = in_turn(lambda: first_paint(OURS, OUR_TEXT), lambda: first_paint([*OURS, *team], OUR_TEXT))
    yield f"screen, first paint, {MANY} entries of a team", "none", f"{added / plain:.2f}x", "<= 1.3"
    plain, added = in_turn(lambda: matched([]), lambda: matched(team))
    yield f"match, whole process, {MANY} entries of a team", "none", f"{added / plain:.2f}x", "<= 1.3"


def matched(options: Sequence[str]) -> float:
    """Return the seconds of a process that matches a line."""
    began = time.perf_counter()
    subprocess.run(
        [OURS[0], "match", "-", *options],
        input=MATCHED,
        text=True,
        capture_output=True,
        check=False,
        timeout=60,
    )
    return time.perf_counter() - began


def in_turn(one: Callable[[], float], other: Callable[[], float]) -> tuple[float, float]:
    """Return the median seconds of two measurements in turn, after one of each that fills the caches."""
    one(), other()
    pairs = [(one(), other()) for _ in range(ROUNDS)]
    first, second = (statistics.median(times) for times in zip(*pairs, strict=True))
    return first, second


def against(words: Sequence[str], text: str) -> str:
    """Return the ratio to another program, each started in turn, or the reason why there is none."""
    program = peer(words[0])
    if not program:
        return "absent"
    theirs = [program, *words[1:]]
    try:
        ours_s, theirs_s = in_turn(lambda: first_paint(OURS, OUR_TEXT), lambda: first_paint(theirs, text))
    except ChildProcessError:
        return "does not start"
    return f"{ours_s / theirs_s:.2f}x"


def first_paint(words: Sequence[str], text: str) -> float:
    """Return the seconds from the start of a process until a text of its first screen is written."""
    began = time.perf_counter()
    with Terminal(program=words) as terminal:
        terminal.wait_for(text)
        return time.perf_counter() - began


def milliseconds(seconds: float) -> str:
    """Return a duration as text."""
    return f"{seconds * 1000:.1f} ms"


def many() -> State:
    """Return a state with a thousand entries."""
    shipped = list(load_entries().values())
    copies = [
        replace(shipped[n % len(shipped)], id=f"{shipped[n % len(shipped)].id}-{n}") for n in range(MANY)
    ]
    entries = {entry.id: entry for entry in copies}
    return State(Catalogue(entries, PROBES), compile_index(shipped), Config())


def filter_key() -> float:
    """Return the median seconds from a key in the filter to the lines on the screen."""

    async def typed() -> float:
        app = DoctorApp(many())
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            assert isinstance(app.screen, Browse)
            durations = []
            for text in ("p", "po", "poo", "pool", "pool !"):
                began = time.perf_counter()
                app.screen.apply_filter(Input.Changed(app.screen.query_one("#filter", Input), text))
                app.screen._compositor.render_strips()
                durations.append(time.perf_counter() - began)
            return statistics.median(durations)

    return asyncio.run(typed())


def quitting() -> float:
    """Return the median seconds from the request to quit to the end of the application; ten probes hang."""
    return statistics.median(seconds_to_quit(many()) for _ in range(ROUNDS))


def gap() -> float:
    """Return the longest pause of the event loop in seconds while fifty probes send events."""

    async def longest() -> float:
        app = DoctorApp(many())
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            inbox, worst, last = Inbox(), 0.0, time.perf_counter()
            ProbeRunner(inbox.post).start(examination({f"p{n}": FunctionProbe(talks) for n in range(50)}))
            while not any(isinstance(message, RunEnded) for message in inbox.messages):
                await asyncio.sleep(0.001)
                worst, last = max(worst, time.perf_counter() - last), time.perf_counter()
            return worst

    return asyncio.run(longest())


if __name__ == "__main__":
    for row in rows():
        print("  ".join(row))
