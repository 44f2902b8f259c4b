"""Texts over a megabyte: `match` and `diagnose` answer them by a scan."""

import os
import sys
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final, NamedTuple

from diagnostics.errors import UnreadableInput
from diagnostics.run.knowledge import Folders, entries_of, index_of
from diagnostics.targets.command_line.shell_words import shell_word

if TYPE_CHECKING:
    from diagnostics.scan.runner import ScanResult
    from kb.matching.matcher import Match

LARGE: Final = 1_000_000
"""Bytes above which a text is scanned as a log instead of matched as a whole."""
MAX_MATCHES: Final = 5
_TOP_SCORE, _STEP = 0.95, 0.05
"""Score of the first entry, and what each further one has less: scores order candidates."""


class LargeText(NamedTuple):
    """Entries that a large text proves, and notes for the user."""

    matches: "tuple[Match, ...]"
    notes: tuple[str, ...]


def scan_large_text(
    name: str, folders: Folders, *, seconds: float | None = None, recent_first: bool = False
) -> LargeText | None:
    """Return the entries that a file or a pipe over a megabyte proves; None for others.

    The scan ends after `seconds`. The entries are in the order of their first records or, with
    `recent_first`, those of the last incident first, by their number of records. The notes name `scan`,
    which tells more, and what was not read. Raises UnreadableInput if nothing is found in a part of the text,
    TimeoutError if a pipe of up to a megabyte does not end.
    """
    until = monotonic() + (seconds or float("inf"))
    size = _size(name)
    is_pipe = not size and name == "-" and (size := _piped(until)) > LARGE
    if size <= LARGE:
        return None
    result = _scanned(name, folders, until - monotonic())
    word = "-" if name == "-" else shell_word(name, "file")
    length = "more than 1 MB" if is_pipe else f"{size / 1e6:.1f} MB"
    notes = [f"{length}: answered by a scan; for times, counts and sources: clearpay-doctor scan {word}"]
    notes += [f"not read: {part.name}: {part.reason}" for part in result.not_read]
    matches = _matches(result, folders, recent_first=recent_first)
    if result.not_read and not matches:
        raise UnreadableInput(
            f"{word}: no known error in what was read, and not all was read: {result.not_read[0].reason}"
        )
    return LargeText(matches, tuple(notes))


def _size(name: str) -> int:
    """Return the size of a regular file, also of one that stdin is redirected from; 0 for others."""
    try:
        if name == "-":
            return os.fstat(sys.stdin.fileno()).st_size if sys.stdin is not None else 0
        return Path(name).stat().st_size if Path(name).is_file() else 0
    except (OSError, ValueError):
        return 0


def _piped(until: float) -> int:
    """Return the bytes of the pipe on standard input, up to one more than `LARGE`; 0 without a pipe."""
    from diagnostics.scan.pipes import is_piped, peek_pipe  # noqa: PLC0415  for standard input only

    return peek_pipe(LARGE + 1, until) if is_piped() else 0


def _scanned(name: str, folders: Folders, seconds: float) -> "ScanResult":
    from datetime import UTC, datetime  # noqa: PLC0415  for large texts only

    from diagnostics.scan.inputs import inputs_of  # noqa: PLC0415
    from diagnostics.scan.runner import run_scan  # noqa: PLC0415
    from kb.scan.chunk import Scanner  # noqa: PLC0415
    from kb.scan.reading import ScanSettings  # noqa: PLC0415

    inputs, _ = inputs_of([name])
    result = run_scan(inputs, Scanner(ScanSettings(index_of(folders), datetime.now(UTC))), seconds=seconds)
    if result.interrupted:
        raise result.interrupted
    return result


def _matches(result: "ScanResult", folders: Folders, *, recent_first: bool) -> "tuple[Match, ...]":
    from kb.matching.matcher import Match  # noqa: PLC0415  for large texts only

    entries = entries_of(folders)
    matches = []
    for place, name in enumerate(_ordered(result, recent_first=recent_first)[:MAX_MATCHES]):
        tally = result.summary.entries[name]
        matches.append(
            Match(
                entry=name,
                title=entries[name].title,
                score=round(_TOP_SCORE - _STEP * place, 3),
                why=(f"{tally.count:,} records, the first: {tally.first.text}",),
                signs=(tally.first.text,),
                proves=True,
            )
        )
    return tuple(matches)


def _ordered(result: "ScanResult", *, recent_first: bool) -> list[str]:
    from kb.scan.incidents import incidents_of  # noqa: PLC0415  for large texts only

    entries = result.summary.entries
    by_time = sorted(entries, key=lambda name: (entries[name].first, name))
    if not recent_first:
        return by_time
    incidents = incidents_of(result.summary, {})
    last = {burst.name: burst.count for burst in incidents[-1].bursts if burst.is_known} if incidents else {}
    recent = sorted(last, key=lambda name: (-last[name], name))
    return [*recent, *(name for name in reversed(by_time) if name not in last)]
