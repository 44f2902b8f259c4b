"""The panel of a verification: tries, elapsed time, and each probe before and after. Pure functions."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from diagnostics.report.story import ProbeChange, Story
from tui.shared.local_time import time_of_day, zone_name
from tui.style.theme import Symbols
from tui.triage.session import TriageSession
from tui.widgets.pane import Line

if TYPE_CHECKING:
    from diagnostics.terminal import Role

MAX_MARKS = 24
"""Tries whose outcome is shown in the line of a probe, the last ones."""


def story_lines(session: TriageSession) -> Iterator[Line]:
    """Yield the lines of the last verification; nothing without one."""
    story, symbols = session.story, session.state.symbols
    if story is None:
        return
    yield _headline(session, story)
    if story.confirmed_at:
        yield Line(f"confirmed {time_of_day(story.confirmed_at)} {zone_name()}: {story.finding}", "dim")
    for change in story.changes:
        yield _change_line(story, change, symbols)
    for note in story.acts:
        detail = f": {note.text.splitlines()[0]}" if note.text else ""
        yield Line(f"{time_of_day(note.at)} {note.kind}{detail}", "dim", hang=9)
    if story.verified_at:
        yield Line("E writes the report of it: evidence, fix, before and after, tries.", "dim")


def _headline(session: TriageSession, story: Story) -> Line:
    done = len(story.tries)
    if story.verified_at:
        word, _ = session.state.symbols.state("fixed" if story.confirmed_at else "green")
        tries = f"{done} tr{'y' if done == 1 else 'ies'}"
        return Line(
            f"{word}: verified at {time_of_day(story.verified_at)} {zone_name()}, "
            f"{tries} in {story.seconds:.0f} s",
            "good",
        )
    if not session.verifying:
        return Line(f"not verified: stopped after {done} tries, {story.seconds:.0f} s", "warn")
    number = done + 1 if session.running else done
    rest = "running" if session.running else f"again in {session.state.pause_s:g} s"
    return Line(f"verifying: try {number}, {rest}, {story.seconds:.0f} s so far; x stops", "strong")


def _change_line(story: Story, change: ProbeChange, symbols: Symbols) -> Line:
    outcomes = [tried.outcome for try_ in story.tries for tried in try_.probes if tried.probe == change.probe]
    marks = "".join(symbols.glyph(outcome) for outcome in outcomes[-MAX_MARKS:])
    after = change.after or "not yet"
    role: Role | None = "good" if change.after == "pass" else None
    arrow = symbols.arrow
    return Line(
        f"{change.probe.ljust(12)} {change.before or 'not run'} {arrow} {after}   {marks}", role, hang=13
    )
