"""Share of texts that match their entry: `make match-score` prints it for the parts of the collection.

`tests/data/match/<entry>/` and the folder `texts` beside a record are the part that matching is tuned on.
`held_out/<entry>/`, `fresh/<entry>/` and `strangers/<entry>/` were each written once and are not read while
tuning; `tuned` as the argument
prints the first part alone. `near/<entry>/` is the hard part: threads that a search for the knowledge base's
words found, related or not, of which only messages of libraries went into records. `logs` has the shapes in
which programs print: logs of containers and journald, JSON of logging libraries, stack traces, events of
Sentry and Datadog, healthy logs, proposals and documentation; `logs_held_out` and `shapes_held_out` have
others of these shapes, which are scored and not read while tuning. `shapes` is for tuning too: out of memory
and worker timeouts as each program prints them, SQLSTATEs alone, and more of the shapes of `logs`. `none`
has unrelated texts. A folder may exist before its entry does; its texts are left out and counted.

`unseen` (reports of people and unrelated threads) and `unseen_shapes` (logs, JSON, traces and events) were
collected and labelled by one person before anybody scored them. They are scored once, for a figure that no
tuning has touched: name them as arguments, and only shares are printed. `SCORED_AT` then names the commit.

`released.txt` lists the entries that have been released. The shares are theirs; entries that are newer are
reported one by one, and no floor holds for them.

Usage: python -m tests.tools.match_score [part ...]
"""

import sys
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from kb.matching.matcher import match
from kb.matching.shipped_index import load_index
from kb.records.loader import ENTRIES, load_entries

TESTS = Path(__file__).parents[1]
COLLECTION = TESTS / "data" / "match"
PARTS = {"tuned": COLLECTION} | {
    part: COLLECTION / part
    for part in (
        "held_out",
        "fresh",
        "strangers",
        "near",
        "logs",
        "logs_held_out",
        "shapes",
        "shapes_held_out",
        "unseen",
        "unseen_shapes",
    )
}
SCORED_ONCE = ("unseen", "unseen_shapes")
"""Parts that are scored once, and read by nobody before."""
OPEN_PARTS = tuple(part for part in PARTS if part not in SCORED_ONCE)
"""The other parts; a run without arguments scores these."""
SCORED_AT: dict[str, str] = {"unseen": "7d6a8d33", "unseen_shapes": "7d6a8d33"}
"""Commit at which each of these parts was scored; a part that is not in it has not been scored."""
NOTHING = "none"
"""Folder of the unrelated texts, and the name for a text without a match."""
SOURCE = "# source: "
"""Beginning of the first line of each text."""
RELEASED = frozenset((TESTS / "site" / "released.txt").read_text("utf-8").split())
"""Ids of the released entries."""


@dataclass(frozen=True)
class Text:
    """A text of the collection."""

    expected: str
    """Id of the entry that the text shows, or `none`."""
    name: str
    source: str
    body: str


@dataclass
class Score:
    """Result of one part."""

    right: Counter[str] = field(default_factory=Counter)
    """Texts that match their entry first, by entry; for `none`, texts without a match."""
    total: Counter[str] = field(default_factory=Counter)
    confusions: list[str] = field(default_factory=list)
    left_out: int = 0
    """Texts whose entry does not exist yet."""

    @property
    def first(self) -> float:
        """Share of the texts about released entries that match their entry first."""
        total = sum(self.total[entry] for entry in RELEASED)
        return sum(self.right[entry] for entry in RELEASED) / total if total else 1.0

    @property
    def first_of_all(self) -> float:
        """Share of the texts about any entry that match their entry first."""
        total = self.total.total() - self.total[NOTHING]
        return (self.right.total() - self.right[NOTHING]) / total if total else 1.0

    @property
    def refused(self) -> float:
        """Share of the unrelated texts without a match."""
        return self.right[NOTHING] / self.total[NOTHING] if self.total[NOTHING] else 1.0


@cache
def texts(part: str) -> tuple[Text, ...]:
    """Read the texts of a part. The first line of each file is the source and does not belong to the text."""
    beside = sorted(ENTRIES.glob("*/*/texts/*.txt")) if part == "tuned" else []
    return (
        *(read(path, path.parent.name) for path in sorted(PARTS[part].glob("*/*.txt"))),
        *(read(path, path.parent.parent.name) for path in beside),
    )


def read(path: Path, expected: str) -> Text:
    """Read one text that shows an entry. Raises ValueError if the file does not begin with its source."""
    first, _, body = path.read_text("utf-8").partition("\n")
    if not first.startswith(SOURCE):
        raise ValueError(f"{path}: the first line must be `{SOURCE}...`")
    return Text(expected, f"{expected}/{path.stem}", first.removeprefix(SOURCE), body)


def known(part: str) -> list[Text]:
    """Return the texts of a part whose entry exists."""
    expected = {NOTHING, *load_entries()}
    return [text for text in texts(part) if text.expected in expected]


@cache
def score(part: str) -> Score:
    """Match each text of a part and count the results."""
    result = Score(left_out=len(texts(part)) - len(known(part)))
    index = load_index()
    for text in known(part):
        matches = match(text.body, index)
        entry = matches[0].entry if matches else NOTHING
        result.total[text.expected] += 1
        result.right[text.expected] += entry == text.expected
        if entry != text.expected:
            result.confusions.append(f"{text.expected} -> {entry}  ({text.name})")
    return result


def main(parts: list[str]) -> None:
    """Print a line for each entry of each part, the two shares and the confusions.

    For a part that is scored once only the shares are printed, because lines and confusions lead to tuning.
    """
    for part in parts or OPEN_PARTS:
        result = score(part)
        print(f"{part}: {result.total.total()} texts, {result.left_out} left out: no entry yet")
        if part in OPEN_PARTS:
            for entry in sorted(result.total):
                note = "" if entry in {NOTHING, *RELEASED} else "  not released: no floor"
                print(f"  {entry:<28} {result.right[entry]:>3} of {result.total[entry]}{note}")
        print(
            f"  right first {result.first:.1%}, with entries that are not released {result.first_of_all:.1%},"
            f" unrelated refused {result.refused:.1%}"
        )
        if part in OPEN_PARTS:
            print("".join(f"    {line}\n" for line in result.confusions))


if __name__ == "__main__":
    main(sys.argv[1:])
