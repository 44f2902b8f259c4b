"""Templates: literal words in order with `<holes>` between them, found with `find` alone, in linear time."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final, NamedTuple

from kb.text.log_prefixes import bare

_HOLE: Final = re.compile(r"<([a-z][a-z_]*)>")
_STRAIGHT: Final = str.maketrans(
    {**dict.fromkeys("“”„«»", '"'), **dict.fromkeys("‘’", "'"), **dict.fromkeys("\u00a0\u202f\t", " ")}  # noqa: RUF001
)
"""What languages and word processors make of quotes and spaces."""
_ESCAPED: Final = (("\\n", " "), ("\\t", " "), ('\\"', '"'), ("\\'", "'"))
"""What a text becomes in a string of Python or JSON."""
_QUOTED: Final = re.compile(r"""(["'])([^"']*)\1""")
_TRIM: Final = " \"'()[]{}<>,;:."
_RAISES: Final = "raise "
HOLE_MAX: Final = 120
"""Characters that one hole may span; it never spans a line's end."""


class Folded(NamedTuple):
    """A text in the form that templates are compared with, and the way back to what it says."""

    shown: str
    """One space for any white space, straight quotes, no escapes, no prefixes of lines."""
    lower: str
    """The same in lower case; every character stands at the same place."""
    starts: tuple[int, ...]
    """Where each line begins."""

    def line_at(self, position: int) -> int:
        """Return the number of the line, counted from 1."""
        return bisect_right(self.starts, position)

    def is_source(self, position: int) -> bool:
        """Return whether a line of code stands there, as tracebacks quote it; what it raised stands below."""
        return self.shown.startswith(_RAISES, self.starts[self.line_at(position) - 1])


class Hit(NamedTuple):
    """Where a template stands in a text."""

    start: int
    end: int
    holes: dict[str, str]


def fold(text: str) -> Folded:
    """Fold a text for matching."""
    straight = text.translate(_STRAIGHT).replace("\u0130", "I")
    for escaped, plain in _ESCAPED:
        straight = straight.replace(escaped, plain)
    lines = [_squeezed(bare(line)) for line in straight.split("\n")]
    starts, at = [], 0
    for line in lines:
        starts.append(at)
        at += len(line) + 1
    shown = " ".join(lines)
    return Folded(shown, shown.lower(), tuple(starts))


def split(template: str) -> tuple[list[str], list[str]]:
    """Split a template into its literal parts, folded, and the names of the holes between them."""
    pieces = _HOLE.split(_squeezed(" ".join(template.translate(_STRAIGHT).split("\n"))))
    return [part.lower() for part in pieces[::2]], pieces[1::2]


def find(parts: list[str], names: list[str], text: Folded) -> Hit | None:
    """Find the first place where the parts stand in order, with something short in each hole.

    A place in code counts only where there is no other: its holes hold the names of variables.
    """
    first = 0 if parts[0].strip() else next((at for at, part in enumerate(parts) if part.strip()), -1)
    if first < 0 or parts[first] not in text.lower:
        return None
    hits = _hits(parts, names, text, first)
    found = next(hits, None)
    if found is None or not text.is_source(found.start):
        return found
    return next((hit for hit in hits if not text.is_source(hit.start)), found)


def _hits(parts: list[str], names: list[str], text: Folded, first: int) -> Iterator[Hit]:
    at = text.lower.find(parts[first])
    while at >= 0:
        ends = _follow(parts, first, at, text)
        if ends is not None:
            yield _hit(parts, names, first, ends, text)
        at = text.lower.find(parts[first], at + 1)


def _follow(parts: list[str], first: int, at: int, text: Folded) -> list[int] | None:
    """Return where each part after the first stands, or None where one is missing."""
    places = [at]
    position = at + len(parts[first])
    if not _is_whole(text.lower, at, position, parts, first):
        return None
    for number in range(first + 1, len(parts)):
        place = _next_place(parts, number, position, text)
        if place < 0:
            return None
        places.append(place)
        position = place + len(parts[number])
    return places


def _next_place(parts: list[str], number: int, position: int, text: Folded) -> int:
    part = parts[number]
    if not part:
        return _word_end(text, position)
    place = text.lower.find(part, position + 1, position + HOLE_MAX + len(part))
    if place < 0 or text.line_at(place - 1) != text.line_at(position):
        return -1
    last = number == len(parts) - 1
    return place if not last or _ends_whole(text.lower, place + len(part), part) else -1


def _is_whole(lower: str, start: int, end: int, parts: list[str], first: int) -> bool:
    """Whether the first part does not begin or end within a word, unless a hole touches it there."""
    begins = first > 0 or start == 0 or not (lower[start - 1].isalnum() and lower[start].isalnum())
    return begins and (first < len(parts) - 1 or _ends_whole(lower, end, parts[first]))


def _ends_whole(lower: str, end: int, part: str) -> bool:
    return end >= len(lower) or not (lower[end].isalnum() and part[-1:].isalnum())


def _word_end(text: Folded, position: int) -> int:
    """Return where the word ends that a last hole holds: behind its quotes, or before the next space."""
    quoted = _QUOTED.match(text.shown, position, position + HOLE_MAX)
    if quoted:
        return quoted.end()
    end = text.shown.find(" ", position + 1, position + HOLE_MAX)
    end = min(len(text.shown), position + HOLE_MAX) if end < 0 else end
    return max(position + 1, position + len(text.shown[position:end].rstrip(_TRIM)))


def _hit(parts: list[str], names: list[str], first: int, places: list[int], text: Folded) -> Hit:
    holes: dict[str, str] = {}
    start = places[0]
    if first > 0:
        start = max(text.lower.rfind(" ", max(0, places[0] - HOLE_MAX), places[0]), 0)
        holes[names[0]] = _captured(text.shown[start : places[0]])
    ends = [place + len(part) for place, part in zip(places, parts[first:], strict=True)]
    for name, begin, end in zip(names[first:], ends, places[1:], strict=False):
        holes.setdefault(name, _captured(text.shown[begin:end]))
    return Hit(start, ends[-1], holes)


def _captured(text: str) -> str:
    """Return what a hole holds: of `"db" (10.0.0.1),` the quoted name."""
    quoted = _QUOTED.match(text.strip())
    return (quoted[2] if quoted else text).strip(_TRIM)


def _squeezed(line: str) -> str:
    return " ".join(part for part in line.split(" ") if part)
