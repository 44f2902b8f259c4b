"""How long the site takes: with its generator, beside plain MkDocs on the same Markdown, for many records.

`python -m tests.tools.bench_site` prints rows for `make bench`; with a number and a kind it builds once.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from mkdocs.commands.build import build
from mkdocs.config import load_config

from kb.records.models import Entry
from site_docs import facts as shipped
from site_docs.export import export
from site_docs.facts import ROOT, Facts, load_facts

SIZES = (19, 200, 1000)
QUIET = {"DISABLE_MKDOCS_2_WARNING": "true", "NO_MKDOCS_2_WARNING": "1"}


def rows() -> Iterator[tuple[str, str, str, str]]:
    """One comparison for each number of records: what, against what, ratio, goal."""
    for size in SIZES:
        ours, plain = seconds(size, "hook"), seconds(size, "plain")
        ratio = f"{ours / plain:.2f}x"
        yield f"site of {size} records ({ours:.1f} s)", "plain MkDocs, same Markdown", ratio, "<= 1.15"


def seconds(size: int, kind: str) -> float:
    """Seconds of CPU: the best of two builds, each in a process of its own; of a long one, a single build."""
    command = [sys.executable, "-m", "tests.tools.bench_site", str(size), kind]
    return min(float(_printed(command)) for _ in range(2 if size < SIZES[-1] else 1))


def _printed(command: list[str]) -> str:
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **QUIET}, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout.splitlines()[-1]


def many(size: int) -> Facts:
    """The first shipped records, or all of them and then copies under other ids.

    Runbooks name shipped records, so they are there where all of these are.
    """
    facts = load_facts()
    entries = dict(islice(facts.entries.items(), size))
    copied = islice(cycle(facts.entries.values()), size - len(entries))
    copies = [replace(entry, id=f"{entry.id}-{number}", not_this=()) for number, entry in enumerate(copied)]
    whole = len(entries) == len(facts.entries)
    known = {name: _without_strangers(entry, entries) for name, entry in entries.items()}
    return replace(
        facts,
        entries=known | {entry.id: entry for entry in copies},
        runbooks=facts.runbooks if whole else {},
    )


def _without_strangers(entry: Entry, known: Mapping[str, Entry]) -> Entry:
    return replace(entry, not_this=tuple(other for other in entry.not_this if other.entry in known))


def built(size: int, kind: str) -> float:
    """Seconds of CPU of one build: what else the machine does would count as ours.

    What both have to do, reading records and configuration, is not counted.
    """
    facts = many(size)
    with TemporaryDirectory() as folder:
        pages, site = Path(folder, "pages"), Path(folder, "site")
        if kind == "plain":
            export(pages, facts)
            config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(site), docs_dir=str(pages), hooks=[])
        else:
            config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(site))
        shipped.load_facts = lambda: facts
        began = time.process_time()
        config.plugins.on_startup(command="build", dirty=False)
        build(config)
        return time.process_time() - began


def main(arguments: list[str]) -> None:
    """Print the rows, or the seconds of one build."""
    if arguments:
        print(built(int(arguments[0]), arguments[1]))
        return
    for row in rows():
        print(*row, sep="  ")


if __name__ == "__main__":
    main(sys.argv[1:])
