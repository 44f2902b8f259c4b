"""Score `check source` on judged places of public repositories.

Usage: python -m tests.tools.source_score FOLDER

FOLDER has checkouts `owner+name` at the commits that `tests/data/source/judged.tsv` names; others
are left out. Printed are precision and recall by rule and by group of repositories. A place is
`true`, `harmless` (the pattern is there and costs nothing), `false`, or `clean` (found by a search,
and right as it is). Precision counts only `true`.
"""

import csv
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from diagnostics.clients.source.files import python_files
from diagnostics.clients.source.ruff import linter_hits
from diagnostics.clients.source.scan import scan_file

JUDGED = Path(__file__).parents[1] / "data" / "source" / "judged.tsv"
NEAR = 1
"""Lines between a judged place and a hit of the same rule that is taken for it."""


class Place(NamedTuple):
    """Judged place: the group is `tuned` or `held_out`."""

    group: str
    repository: str
    commit: str
    path: str
    line: int
    rule: str
    verdict: str


def judged() -> Iterator[Place]:
    """Yield the judged places."""
    with JUDGED.open(encoding="utf-8", newline="") as file:
        for group, repository, commit, path, line, rule, verdict in csv.reader(file, delimiter="\t"):
            yield Place(group, repository, commit, path, int(line), rule, verdict)


def hits_of(root: Path) -> set[tuple[str, int, str]]:
    """Return path, line and rule of each hit in a checkout."""
    root = root.resolve()
    paths = python_files(root).paths
    results = [scan_file(path) for path in paths]
    hits = {(result.path, line, name) for result in results for name, line, *_ in result.hits}
    unparsed = {result.path for result in results if result.is_syntax}
    hits |= {(hit.path, hit.line, hit.rule) for hit in linter_hits(paths, unparsed, 600)}
    return {(path.relative_to(root).as_posix(), line, rule) for path, line, rule in hits}


def is_found(place: Place, hits: set[tuple[str, int, str]]) -> bool:
    """Return True if a hit of the rule is at the place."""
    near = range(place.line - NEAR, place.line + NEAR + 1)
    return any((place.path, line, place.rule) in hits for line in near)


def score(folder: Path) -> Iterator[str]:
    """Yield one line for each group and for each rule."""
    by_repository: dict[str, list[Place]] = defaultdict(list)
    for place in judged():
        by_repository[place.repository].append(place)
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for repository, places in by_repository.items():
        root = folder / repository.replace("/", "+")
        if not root.is_dir():
            yield f"{repository}: not in {folder}"
            continue
        hits = hits_of(root)
        for place in places:
            word = "found" if is_found(place, hits) else "missed"
            for key in ((place.group, "all"), ("all", "all"), ("all", place.rule)):
                counts[key][f"{word} {place.verdict}"] += 1
    for (group, rule), count in sorted(counts.items()):
        found = sum(number for name, number in count.items() if name.startswith("found"))
        true, missed = count["found true"], count["missed true"]
        precision = f"{true / found:.0%}" if found else "-"
        recall = f"{true / (true + missed):.0%}" if true + missed else "-"
        figures = f"hits {found:>4}  true {true:>4}  precision {precision:>4}  recall {recall:>4}"
        yield f"{group:<9} {rule:<30} {figures}"


if __name__ == "__main__":
    for text in score(Path(sys.argv[1])):
        print(text)
