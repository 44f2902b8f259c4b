"""Sentences of a story, which all formats for people share."""

from collections.abc import Iterator
from datetime import datetime

from diagnostics.report.story import Act, Story, Try

ACTS = {
    "shown": "the fix was shown",
    "copied": "copied",
    "run": "run",
    "undone": "undone",
    "lab": "the lab was changed",
}


def headline(story: Story) -> str:
    """Return what became of the entry, in a few words."""
    place = f" on {story.target}" if story.target else ""
    if not story.verified_at:
        return f"Not fixed yet: {story.entry}{place}"
    return f"{'Fixed' if story.confirmed_at else 'Verified'}: {story.entry}{place}"


def times(story: Story) -> Iterator[str]:
    """Yield when the error was confirmed and when it was verified, and how long that took."""
    if story.confirmed_at:
        yield f"Confirmed at {clock(story.confirmed_at)}{f' ({story.finding})' if story.finding else ''}."
    tries = f"{len(story.tries)} tr{'y' if len(story.tries) == 1 else 'ies'} in {story.seconds:.0f} s"
    if not story.verified_at:
        yield f"Not verified: {tries}, the last one ended {last_state(story)}."
        return
    since = f", {_between(story)} after it was confirmed" if story.confirmed_at else ""
    yield f"Verified at {clock(story.verified_at)} after {tries}{since}."


def act_text(act: Act) -> str:
    """Return time and kind of an act; the text of a command stands below it."""
    detail = f": {act.text}" if act.text and act.kind not in {"copied", "run", "undone"} else ""
    return f"{clock(act.at)}: {ACTS[act.kind]}{detail}"


def try_text(try_: Try) -> str:
    """Return the outcomes of the probes in one try."""
    probes = ", ".join(f"{probe.probe} {probe.outcome}" for probe in try_.probes)
    return f"{try_.state.replace('_', ' ')}{f' ({probes})' if probes else ''}"


def last_state(story: Story) -> str:
    """Return the state of the last try."""
    return story.tries[-1].state.replace("_", " ") if story.tries else "not verified"


def clock(time: str) -> str:
    """Return a time as people read it, with its zone."""
    return f"{time[:19].replace('T', ' ')} UTC"


def _between(story: Story) -> str:
    """Return the time from the confirmation to the end of the last try."""
    confirmed = datetime.fromisoformat(story.confirmed_at)
    verified = datetime.fromisoformat(story.verified_at)
    minutes, seconds = divmod(round((verified - confirmed).total_seconds()), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
