"""Speed as ratios, each measured side by side in one run. `make bench` prints them; no test needs them."""

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
from tests.support.proof import CATALOGUE
from tests.tools import bench_site, bench_tui
from tests.tools.bench_peers import peer

ROUNDS = 15
QUIET_ROUNDS = 5
OF_THE_SHELL = {
    "PYTHONDONTWRITEBYTECODE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
}
INSTALLED = {name: value for name, value in os.environ.items() if name not in OF_THE_SHELL}
"""An installed program has its bytecode, and the lab's own bundle is meant: so it is for both sides here."""
CLI = shutil.which("clearpay-doctor", path=str(Path(sys.executable).parent)) or "clearpay-doctor"
FLOOR = [sys.executable, "-c", "import json, argparse, yaml"]
TEXT = "\n".join(
    [f"2026-11-22 02:00:{n % 60:02d} INFO payment {n} stored" for n in range(99)] + ["deadlock detected"]
)


def main() -> None:
    """Print a table: what, against what, the ratio, the goal."""
    print(f"{'what':<44} {'against':<44} {'ratio':>7}  goal")
    for what, against, ratio, goal in rows():
        print(f"{what:<44} {against:<44} {ratio:>7}  {goal}")


def rows() -> Iterator[tuple[str, str, str, str]]:
    """The comparisons of the design that apply so far."""
    floor = process(FLOOR)
    for verb in (["explain", "db-deadlock"], ["match", "-"]):
        cold = process([CLI, *verb], TEXT)
        yield (
            f"{' '.join(verb)}, whole process",
            'python -c "import json, argparse, yaml"',
            times(cold, floor),
            "<= 2",
        )
    known, more = entries(1), entries(33)
    few, many = matching(known), matching(more)
    yield f"match in process, {len(more)} entries", f"{len(known)} entries", times(many, few), "<= 33"
    yield "match in process, 100 lines", "5 ms", f"{few * 1000:.2f} ms", "< 5 ms"
    yield from bench_tui.rows()
    with Lab() as lab:
        yield from live(lab)
    yield from bench_site.rows()


def live(lab: Lab) -> Iterator[tuple[str, str, str, str]]:
    """The comparisons that need servers."""
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
    """How many times as long as its slowest probe the check of everything takes, each ratio of one run."""
    ratios = []
    for _ in range(QUIET_ROUNDS):
        began = time.perf_counter()
        report = check(lab, list(CATALOGUE.probes))
        seconds = time.perf_counter() - began
        ratios.append(seconds * 1000 / max(result.ms for result in report.results))
    return statistics.median(ratios)


def against_peer(lab: Lab, ours: float) -> str:
    """The ratio to check_postgres, or what to install."""
    program = peer("check_postgres")
    if not program:
        return "absent"
    place = [f"--host={lab.address.host}", f"--port={lab.address.port}"]
    command = [program, "--action=connection", *place, "--dbuser=app_user", "--dbname=transactions"]
    environment = {**INSTALLED, "PGPASSWORD": lab.passwords.application}
    return times(ours, process(command, environment=environment))


def against_sslyze(lab: Lab) -> str:
    """How many times as long sslyze takes, or what to install."""
    program = peer("sslyze")
    if not program:
        return "absent"
    trust = f"tls.ca_file={lab.api.ca_file}"
    ours = process([CLI, "check", "tls", "--quiet", "--target", lab.api.url, "--set", trust])
    place = f"{lab.api.host}:{lab.api.port}"
    theirs = process([program, f"--certinfo_ca_file={lab.api.ca_file}", "--certinfo", place])
    return times(theirs, ours)


def check(lab: Lab, probes: list[str]) -> Report:
    """Run probes in this process."""
    planned = tasks([lab.target], probes, CATALOGUE, active=False, forced=False)
    return examine(Examination(catalogue=CATALOGUE, targets=(lab.target,), tasks=tuple(planned)))


def entries(copies: int) -> list[Entry]:
    """The shipped entries, several times under other names."""
    return [
        replace(entry, id=f"{entry.id}-{copy}") for copy in range(copies) for entry in load_entries().values()
    ]


def matching(known: list[Entry]) -> float:
    """Seconds to match a text of a hundred lines."""
    index = compile_index(known)
    return clock(lambda: match(TEXT, index))


def process(command: list[str], text: str = "", environment: dict[str, str] | None = None) -> float:
    """Median seconds of a whole process."""

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
    """Median seconds of some work, after one round that does not count."""
    work()
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def times(ours: float, theirs: float) -> str:
    """A ratio as text."""
    return f"{ours / theirs:.2f}x"


if __name__ == "__main__":
    print(json.dumps({"python": sys.version.split()[0]}), file=sys.stderr)
    main()
