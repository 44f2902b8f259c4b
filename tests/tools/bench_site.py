"""Measure the build of the site against plain MkDocs on the same Markdown, for several numbers of entries.

Usage: python -m tests.tools.bench_site [SIZE hook|plain]
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

from kb.records.loader import load_entries
from kb.records.models import Entry
from site_docs import facts as shipped
from site_docs.export import export
from site_docs.facts import ROOT, Facts, load_facts

SIZES = (len(load_entries()), 200, 1000)
"""Numbers of entries: those that are shipped, and more."""
QUIET = {"DISABLE_MKDOCS_2_WARNING": "true", "NO_MKDOCS_2_WARNING": "1"}


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Yield one comparison for each number of entries: subject, comparison, ratio, goal."""
    for size in SIZES:
        ours, plain = seconds(size, "hook"), seconds(size, "plain")
        ratio = f"{ours / plain:.2f}x"
        yield f"site of {size} records ({ours:.1f} s)", "plain MkDocs, same Markdown", ratio, "<= 1.10"


def seconds(size: int, kind: str) -> float:
    """Return the CPU seconds of the fastest of three builds, each in a process; a long build runs once."""
    command = [sys.executable, "-m", "tests.tools.bench_site", str(size), kind]
    return min(float(_last_line(command)) for _ in range(3 if size < SIZES[-1] else 1))


def _last_line(command: list[str]) -> str:
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **QUIET}, stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout.splitlines()[-1]


def many(size: int) -> Facts:
    """Return the first `size` shipped entries, or all of them and copies under other ids.

    Runbooks refer to shipped entries, so they are left out unless all of these are included.
    """
    facts = load_facts()
    entries = dict(islice(facts.entries.items(), size))
    copied = islice(cycle(facts.entries.values()), size - len(entries))
    copies = [replace(entry, id=f"{entry.id}-{number}", not_this=()) for number, entry in enumerate(copied)]
    complete = len(entries) == len(facts.entries)
    linked = {name: _without_missing_links(entry, entries) for name, entry in entries.items()}
    return replace(
        facts,
        entries=linked | {entry.id: entry for entry in copies},
        runbooks=facts.runbooks if complete else {},
    )


def _without_missing_links(entry: Entry, included: Mapping[str, Entry]) -> Entry:
    return replace(entry, not_this=tuple(other for other in entry.not_this if other.entry in included))


def build_seconds(size: int, kind: str) -> float:
    """Return the CPU seconds of one build.

    Reading entries, probes and configuration, which both kinds of build need, is not counted.
    """
    facts = many(size)
    facts.catalogue.probes_of(next(iter(facts.entries.values())))
    assert all(probe.SAFETY for probe in facts.probes.values())  # a probe is imported when it is asked
    with TemporaryDirectory() as folder:
        pages, site = Path(folder, "pages"), Path(folder, "site")
        if kind == "plain":
            export(pages, facts)
            config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(site), docs_dir=str(pages), hooks=[])
        else:
            config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(site))
        shipped.load_facts = lambda folders=(): facts  # noqa: ARG005  the name is that of the function replaced
        began = time.process_time()
        config.plugins.on_startup(command="build", dirty=False)
        build(config)
        return time.process_time() - began


def main(arguments: list[str]) -> None:
    """Print the rows, or the seconds of one build."""
    if arguments:
        print(build_seconds(int(arguments[0]), arguments[1]))
        return
    for row in rows():
        print(*row, sep="  ")


if __name__ == "__main__":
    main(sys.argv[1:])
