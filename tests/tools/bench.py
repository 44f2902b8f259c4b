"""Measure speed as ratios to other programs, side by side in one run.

Usage: python -m tests.tools.bench
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psycopg2

from diagnostics.lab.lab import Lab
from diagnostics.report.model import Report
from diagnostics.run.examination import Examination, examine
from diagnostics.run.selection import tasks
from kb.matching.index_compiler import compile_index
from kb.matching.matcher import match
from kb.records.loader import load_entries
from kb.records.models import Entry
from tests.support.peers import peer
from tests.support.proof import CATALOGUE
from tests.tools import bench_checks, bench_exporter, bench_matching, bench_scan, bench_site, bench_tui

ROUNDS = 15
QUIET_ROUNDS = 5
IGNORED = {
    "PYTHONDONTWRITEBYTECODE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
}
INSTALLED = {name: value for name, value in os.environ.items() if name not in IGNORED}
"""Environment of both sides: bytecode is written, as after an installation; the lab's CA bundle applies."""
CLI = shutil.which("clearpay-doctor", path=str(Path(sys.executable).parent)) or "clearpay-doctor"
FLOOR = [sys.executable, "-c", "import json, argparse, yaml"]
TEXT = "\n".join(
    [f"2026-11-22 02:00:{n % 60:02d} INFO payment {n} stored" for n in range(99)] + ["deadlock detected"]
)


def main() -> None:
    """Print a table: subject, comparison, ratio, goal."""
    print(f"{'what':<44} {'against':<44} {'ratio':>7}  goal")
    for subject, comparison, ratio, goal in rows():
        print(f"{subject:<44} {comparison:<44} {ratio:>7}  {goal}")


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Yield the comparisons."""
    floor = process(FLOOR)
    for verb in (["explain", "db-deadlock"], ["match", "-"]):
        cold = process([CLI, *verb], TEXT)
        yield (
            f"{' '.join(verb)}, whole process",
            'python -c "import json, argparse, yaml"',
            times(cold, floor),
            "<= 2",
        )
    shipped, copied = entries(1), entries(33)
    few, many = matching(shipped), matching(copied)
    yield f"match in process, {len(copied)} entries", f"{len(shipped)} entries", times(many, few), "<= 33"
    yield "match in process, 100 lines", "5 ms", f"{few * 1000:.2f} ms", "< 5 ms"
    yield from bench_matching.rows()
    yield from bench_scan.rows()
    yield from bench_tui.rows()
    with Lab() as lab:
        yield from live(lab)
        yield from bench_checks.rows(lab)
    yield from bench_site.rows()
    yield from bench_exporter.rows()


def live(lab: Lab) -> Iterator[tuple[str, str, str, str]]:
    """Yield the comparisons that need servers."""
    url = lab.target.settings.database
    ours = process([CLI, "check", "connect", "--quiet", "--target", url])
    yield (
        "connect probe, whole process",
        "check_postgres --action=connection",
        against_peer(lab, ours),
        "<= 1",
    )
    bare = clock(lambda: psycopg2.connect(lab.application_dsn()).close())
    yield (
        "connect probe, in process",
        "psycopg2.connect",
        times(clock(lambda: check(lab, ["connect"])), bare),
        "<= 1.3",
    )
    yield "tls probe, whole process", "sslyze --certinfo", against_sslyze(lab), ">= 4 times faster"
    yield "check of everything quiet", "its slowest probe", f"{quiet(lab):.2f}x", "<= 1.3"


def quiet(lab: Lab) -> float:
    """Return the duration of a check of all quiet probes divided by its slowest probe, the median of runs."""
    ratios = []
    for _ in range(QUIET_ROUNDS):
        began = time.perf_counter()
        report = check(lab, list(CATALOGUE.probes))
        seconds = time.perf_counter() - began
        ratios.append(seconds * 1000 / max(result.ms for result in report.results))
    return statistics.median(ratios)


def against_peer(lab: Lab, ours: float) -> str:
    """Return the ratio to check_postgres, or "absent"."""
    program = peer("check_postgres")
    if not program:
        return "absent"
    address = [f"--host={lab.address.host}", f"--port={lab.address.port}"]
    command = [program, "--action=connection", *address, "--dbuser=app_user", "--dbname=transactions"]
    environment = {**INSTALLED, "PGPASSWORD": lab.passwords.application}
    return times(ours, process(command, environment=environment))


def against_sslyze(lab: Lab) -> str:
    """Return the duration of sslyze divided by ours, or "absent"."""
    program = peer("sslyze")
    if not program:
        return "absent"
    trust = f"tls.ca_file={lab.api.ca_file}"
    ours = process([CLI, "check", "tls", "--quiet", "--target", lab.api.url, "--set", trust])
    address = f"{lab.api.host}:{lab.api.port}"
    theirs = process([program, f"--certinfo_ca_file={lab.api.ca_file}", "--certinfo", address])
    return times(theirs, ours)


def check(lab: Lab, probes: list[str]) -> Report:
    """Run probes in this process."""
    planned = tasks([lab.target], probes, CATALOGUE, active=False, forced=False)
    return examine(Examination(catalogue=CATALOGUE, targets=(lab.target,), tasks=tuple(planned)))


def entries(copies: int) -> list[Entry]:
    """Return the shipped entries, several times under other ids."""
    return [
        replace(entry, id=f"{entry.id}-{copy}") for copy in range(copies) for entry in load_entries().values()
    ]


def matching(records: list[Entry]) -> float:
    """Return the seconds to match a text of a hundred lines."""
    index = compile_index(records)
    return clock(lambda: match(TEXT, index))


def process(command: list[str], text: str = "", environment: dict[str, str] | None = None) -> float:
    """Return the median seconds of a process."""

    def run() -> None:
        subprocess.run(
            command,
            input=text,
            env=environment or INSTALLED,
            text=True,
            capture_output=True,
            check=False,
            timeout=60,
        )

    return clock(run)


def clock(work: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the median seconds of a function, after one round that does not count."""
    work()
    durations = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        durations.append(time.perf_counter() - began)
    return statistics.median(durations)


def times(ours: float, theirs: float) -> str:
    """Return a ratio as text."""
    return f"{ours / theirs:.2f}x"


if __name__ == "__main__":
    print(json.dumps({"python": sys.version.split()[0]}), file=sys.stderr)
    main()
