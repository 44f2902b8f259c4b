"""How well texts find their entry: `make match-score` prints it for each part of the collection.

`tests/data/match/<entry>/` is the part that matching is tuned on. `held_out/<entry>/`, `fresh/<entry>/`
and `strangers/<entry>/` below it were each written once and are not looked at while tuning; `tuned` as the
argument prints the first part alone. `near/<entry>/` is the hard part: threads that a search for our own
words found, on either side of the line, of which only messages of libraries went into records. `none` holds
texts about something else. A folder may be there before its entry is; its texts are left out and counted.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kb.matching.matcher import match
from kb.matching.shipped_index import load_index
from kb.records.loader import load_entries

COLLECTION = Path(__file__).parents[2] / "tests" / "data" / "match"
PARTS = {"tuned": COLLECTION} | {
    part: COLLECTION / part for part in ("held_out", "fresh", "strangers", "near")
}
NOTHING = "none"
"""The folder of texts that no entry may claim, and what is written for a text without a match."""


@dataclass(frozen=True)
class Text:
    """One text of the collection."""

    expected: str
    """The entry that it shows, or `none`."""
    name: str
    body: str


@dataclass
class Score:
    """What came out for one part."""

    right: Counter[str] = field(default_factory=Counter)
    total: Counter[str] = field(default_factory=Counter)
    confusions: list[str] = field(default_factory=list)
    left_out: int = 0
    """Texts whose entry does not exist yet."""

    @property
    def first(self) -> float:
        """The share of texts about an entry that name it first."""
        ours = self.total.total() - self.total[NOTHING]
        return (self.right.total() - self.right[NOTHING]) / ours if ours else 1.0

    @property
    def refused(self) -> float:
        """The share of unrelated texts without a match."""
        return self.right[NOTHING] / self.total[NOTHING] if self.total[NOTHING] else 1.0


def texts(part: str) -> Iterator[Text]:
    """The texts of a part. A first line says where each comes from and is no part of it."""
    for path in sorted(PARTS[part].glob("*/*.txt")):
        source, _, body = path.read_text("utf-8").partition("\n")
        if not source.startswith("# source: "):
            raise ValueError(f"{path}: the first line must say `# source: ...`")
        yield Text(path.parent.name, f"{path.parent.name}/{path.stem}", body)


def known(part: str) -> list[Text]:
    """The texts of a part whose entry exists."""
    return [text for text in texts(part) if text.expected in {NOTHING, *load_entries()}]


def score(part: str) -> Score:
    """Match each text of a part and count."""
    result = Score(left_out=len(list(texts(part))) - len(known(part)))
    index = load_index()
    for text in known(part):
        matches = match(text.body, index)
        got = matches[0].entry if matches else NOTHING
        result.total[text.expected] += 1
        result.right[text.expected] += got == text.expected
        if got != text.expected:
            result.confusions.append(f"{text.expected} -> {got}  ({text.name})")
    return result


def main(parts: list[str]) -> None:
    """Print each part: a line per entry, the two shares, the confusions."""
    for part in parts or PARTS:
        result = score(part)
        print(f"{part}: {result.total.total()} texts, {result.left_out} left out: no entry yet")
        for entry in sorted(result.total):
            print(f"  {entry:<28} {result.right[entry]:>3} of {result.total[entry]}")
        print(f"  right first {result.first:.1%}, unrelated refused {result.refused:.1%}")
        print("".join(f"    {line}\n" for line in result.confusions))


if __name__ == "__main__":
    main(sys.argv[1:])
