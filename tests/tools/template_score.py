"""Measure the grouping of error lines, ours beside Drain3, on labelled logs of LogHub.

Usage: python -m tests.tools.template_score GIT_DIR

GIT_DIR is a bare clone of github.com/logpai/loghub. The figure is grouping accuracy: the share of lines whose
group has exactly the lines that have its label.
"""

import csv
import io
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from importlib import import_module
from typing import Any

from kb.scan.clusters import joined_templates
from kb.scan.masking import template_of
from kb.scan.summary import Groups, Tally
from kb.scan.timeline import Occurrence


def main() -> None:
    """Print the figure of each log and their means."""
    folder = sys.argv[1]
    listed = _git(folder, "ls-tree", "-r", "HEAD", "--name-only").splitlines()
    totals = [0.0] * len(METHODS)
    names = [name for name in listed if name.endswith("_2k.log_structured.csv")]
    for name in names:
        rows = list(csv.DictReader(io.StringIO(_git(folder, "show", f"HEAD:{name}"))))
        lines, labels = [row["Content"] for row in rows], [row["EventId"] for row in rows]
        figures = [accuracy(groups(lines), labels) for groups in METHODS]
        totals = [total + figure for total, figure in zip(totals, figures, strict=True)]
        print(f"{name:<46} {_row(figures)}")
    print(f"{'mean':<46} {_row([total / len(names) for total in totals])}")
    for method in METHODS:
        began = time.process_time()
        method(lines)
        print(f"{method.__name__}: {(time.process_time() - began) * 1e6 / len(lines):.0f} us a line")


def accuracy(groups: Sequence[object], labels: Sequence[str]) -> float:
    """Return the share of lines in groups that are exactly those of a label."""
    by_group, by_label = defaultdict(set), defaultdict(set)
    for number, (group, label) in enumerate(zip(groups, labels, strict=True)):
        by_group[group].add(number)
        by_label[label].add(number)
    right = sum(len(lines) for lines in by_group.values() if lines == by_label[labels[min(lines)]])
    return right / len(labels)


def ours(lines: Sequence[str]) -> list[object]:
    """Return the group of each line by the masks and the joining of `kb.scan`."""
    templates = [template_of(line) for line in lines]
    tallies: dict[str, Tally] = {}
    for number, template in enumerate(templates):
        place = Occurrence(0.0, 0, number)
        old = tallies.get(template, Tally(0, place, place))
        tallies[template] = Tally(old.count + 1, old.first, place)
    joined = joined_templates(Groups(0, tallies))
    cluster_of = {template: text for text, templates in joined.items() for template in templates}
    return [cluster_of[template] for template in templates]


def drain(lines: Sequence[str]) -> list[object]:
    """Return the group of each line by Drain3 with its default settings."""
    miner: Any = import_module("drain3").TemplateMiner()
    return [miner.add_log_message(line)["cluster_id"] for line in lines]


def drain_masked(lines: Sequence[str]) -> list[object]:
    """Return the group of each line by Drain3, which gets the lines with our masks."""
    return drain([template_of(line) for line in lines])


def _git(folder: str, *arguments: str) -> str:
    done = subprocess.run(["git", "--git-dir", folder, *arguments], capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")


def _row(figures: Sequence[float]) -> str:
    return "  ".join(
        f"{method.__name__} {figure:.3f}" for method, figure in zip(METHODS, figures, strict=True)
    )


METHODS = (ours, drain, drain_masked)

if __name__ == "__main__":
    main()
