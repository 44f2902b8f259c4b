"""Templates: literal text with `<holes>` in it, found in linear time by `str.find` alone."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final, NamedTuple

from kb.text.logs.log_prefixes import strip_prefix

_HOLE: Final = re.compile(r"<([a-z][a-z_]*)>")
_PLAIN_CHARACTERS: Final = str.maketrans(
    {**dict.fromkeys("“”„«»", '"'), **dict.fromkeys("‘’", "'"), **dict.fromkeys("\u00a0\u202f\t", " ")}  # noqa: RUF001
)
"""ASCII quote or space for each quote and space of other languages and word processors."""
_ESCAPED: Final = (("\\n", " "), ("\\t", " "), ('\\"', '"'), ("\\'", "'"))
"""Escape sequences in string literals of Python and JSON."""
_QUOTED: Final = re.compile(r"""(["'])([^"']*)\1""")
_HOLE_PADDING: Final = " \"'()[]{}<>,;:."
_RAISE: Final = "raise "
MAX_HOLE: Final = 120
"""Limit of the text in a hole, in characters; it never spans lines."""


class Folded(NamedTuple):
    """A text in the form that templates are compared with, and its original case and lines."""

    text: str
    """The text on one line, with single spaces and ASCII quotes, without escapes and prefixes of lines."""
    lower: str
    """The same text in lower case, with each character at the same position."""
    starts: tuple[int, ...]
    """The position where each line begins."""

    def line_at(self, position: int) -> int:
        """Return the number, from 1, of the line at a position."""
        return bisect_right(self.starts, position)

    def is_source(self, position: int) -> bool:
        """Return True for a `raise` statement quoted by a traceback: the message that it raised is below."""
        return self.text.startswith(_RAISE, self.starts[self.line_at(position) - 1])


class Hit(NamedTuple):
    """Occurrence of a template in a text: its start and end, and the texts in its holes by name."""

    start: int
    end: int
    holes: dict[str, str]


def fold(text: str) -> Folded:
    """Fold a text for the comparison with templates."""
    plain = text.translate(_PLAIN_CHARACTERS).replace("\u0130", "I")
    for sequence, character in _ESCAPED:
        plain = plain.replace(sequence, character)
    lines = [_single_spaced(strip_prefix(line)) for line in plain.split("\n")]
    starts, at = [], 0
    for line in lines:
        starts.append(at)
        at += len(line) + 1
    joined = " ".join(lines)
    return Folded(joined, joined.lower(), tuple(starts))


def split(template: str) -> tuple[list[str], list[str]]:
    """Split a template into its folded literal parts and the names of the holes between them."""
    pieces = _HOLE.split(_single_spaced(" ".join(template.translate(_PLAIN_CHARACTERS).split("\n"))))
    return [part.lower() for part in pieces[::2]], pieces[1::2]


def find(parts: list[str], names: list[str], folded: Folded) -> Hit | None:
    """Find the first occurrence of a template: its parts in order, at most `MAX_HOLE` characters apart.

    An occurrence in quoted code counts only if there is no other: its holes hold names of variables.
    """
    first = 0 if parts[0].strip() else next((at for at, part in enumerate(parts) if part.strip()), -1)
    if first < 0 or parts[first] not in folded.lower:
        return None
    hits = _hits(parts, names, folded, first)
    first_hit = next(hits, None)
    if first_hit is None or not folded.is_source(first_hit.start):
        return first_hit
    return next((hit for hit in hits if not folded.is_source(hit.start)), first_hit)


def _hits(parts: list[str], names: list[str], folded: Folded, first: int) -> Iterator[Hit]:
    at = folded.lower.find(parts[first])
    while at >= 0:
        places = _places(parts, first, at, folded)
        if places is not None:
            yield _hit(parts, names, first, places, folded)
        at = folded.lower.find(parts[first], at + 1)


def _places(parts: list[str], first: int, at: int, folded: Folded) -> list[int] | None:
    """Return the position of each part from the first non-empty one on, or None if one is missing."""
    places = [at]
    position = at + len(parts[first])
    if not _is_whole(folded.lower, at, position, parts, first):
        return None
    for number in range(first + 1, len(parts)):
        place = _next_place(parts, number, position, folded)
        if place < 0:
            return None
        places.append(place)
        position = place + len(parts[number])
    return places


def _next_place(parts: list[str], number: int, position: int, folded: Folded) -> int:
    part = parts[number]
    if not part:
        return _word_end(folded, position)
    place = folded.lower.find(part, position + 1, position + MAX_HOLE + len(part))
    if place < 0 or folded.line_at(place - 1) != folded.line_at(position):
        return -1
    last = number == len(parts) - 1
    return place if not last or _ends_whole(folded.lower, place + len(part), part) else -1


def _is_whole(lower: str, start: int, end: int, parts: list[str], first: int) -> bool:
    """Return True if the first part begins and ends at word boundaries, or at a hole."""
    begins = first > 0 or start == 0 or not (lower[start - 1].isalnum() and lower[start].isalnum())
    return begins and (first < len(parts) - 1 or _ends_whole(lower, end, parts[first]))


def _ends_whole(lower: str, end: int, part: str) -> bool:
    return end >= len(lower) or not (lower[end].isalnum() and part[-1:].isalnum())


def _word_end(folded: Folded, position: int) -> int:
    """Return the end of the word in a final hole: after its closing quote, or before the next space."""
    quoted = _QUOTED.match(folded.text, position, position + MAX_HOLE)
    if quoted:
        return quoted.end()
    end = folded.text.find(" ", position + 1, position + MAX_HOLE)
    end = min(len(folded.text), position + MAX_HOLE) if end < 0 else end
    return max(position + 1, position + len(folded.text[position:end].rstrip(_HOLE_PADDING)))


def _hit(parts: list[str], names: list[str], first: int, places: list[int], folded: Folded) -> Hit:
    holes: dict[str, str] = {}
    start = places[0]
    if first > 0:
        start = max(folded.lower.rfind(" ", max(0, places[0] - MAX_HOLE), places[0]), 0)
        holes[names[0]] = _hole_text(folded.text[start : places[0]])
    ends = [place + len(part) for place, part in zip(places, parts[first:], strict=True)]
    for name, begin, end in zip(names[first:], ends, places[1:], strict=False):
        holes.setdefault(name, _hole_text(folded.text[begin:end]))
    return Hit(start, ends[-1], holes)


def _hole_text(text: str) -> str:
    """Return the text of a hole without quotes and punctuation: of `"db" (10.0.0.1),` the quoted name."""
    quoted = _QUOTED.match(text.strip())
    return (quoted[2] if quoted else text).strip(_HOLE_PADDING)


def _single_spaced(line: str) -> str:
    return " ".join(part for part in line.split(" ") if part)
