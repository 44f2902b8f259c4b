"""`make matrix`: every fault on every PostgreSQL and Python found; writes `site_docs/proof/`.

`make matrix FINDINGS="tls.expired"` measures some anew and leaves the other rows as they are.

A row is a fault, a column an entry. The matrix must be the diagonal: each fault confirms its own entry and no
other. Each pair of a PostgreSQL and a Python runs in a process of its own.
"""

import json
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from diagnostics.lab.errors import LabError
from diagnostics.lab.faults import FAULTS
from diagnostics.lab.lab import Lab
from diagnostics.lab.postgres.binaries import Binaries, examine, find_all
from diagnostics.report.formats import human
from diagnostics.report.model import Report
from diagnostics.terminal import Terminal
from kb.text.sanitize import clean
from tests.support.proof import CATALOGUE, Proof, confirmed, prove

ROOT = Path(__file__).parents[2]
PROOF = ROOT / "site_docs" / "proof"
OFF = ROOT / ".matrix"
"""Where a matrix goes that is not the diagonal: half an hour of measuring is not thrown away."""
FILE = "matrix.json"
CHILD = "--in"
"""How the process of one environment is called: its PostgreSQL and its findings follow."""
PYTHONS = tuple(f"python3.{minor}" for minor in range(11, 20))
NOISE = (
    (re.compile(r'File "[^"]*/'), 'File "'),
    (re.compile(r"(port |localhost:|127\.0\.0\.1:)\d{4,5}"), r"\g<1>5432"),
    (re.compile(r"\.s\.PGSQL\.\d+"), ".s.PGSQL.5432"),
    (re.compile(r'(on socket )"[^"]*/(\.s\.PGSQL)'), r'\1"/var/run/postgresql/\2'),
    (re.compile(r"\b(Process|process|transaction|pid) \d+"), r"\1 1234"),
    (re.compile(r"(?m)^(  \w+ +. \w+) +[\d.]+ m?s"), r"\1"),
    (re.compile(r"fp-[0-9a-f]+"), "fp-..."),
    (re.compile(r"(?<![\w.])/(?:tmp|var/tmp)/\S*/"), ""),
)
"""What differs from run to run without meaning anything."""


@dataclass(frozen=True)
class Row:
    """What one fault came to in one environment."""

    finding: str
    entry: str
    confirmed: list[str]
    first: str
    relief: float
    green: bool
    applied: list[str]
    printed: str
    warning: bool = False
    """Whether the fault only warns, there: a newer Python may fail by what an older one warns of."""
    healthy: str = ""
    """What `check` of the entry says before the fault; kept of the first environment only."""
    broken: str = ""
    """The same while the fault is on."""
    tries: int = 1
    """How often it was measured: a row off the diagonal gets a second chance, and the proof says so."""

    @property
    def diagonal(self) -> bool:
        """Whether this fault named its own entry, and only it, before and after."""
        own = [] if self.warning else [self.entry]
        shown = self.first == self.entry or self.warning
        if ratio := FAULTS[self.finding].cost_ratio:
            shown = self.relief >= ratio
        return self.green and self.confirmed == own and shown


def main(arguments: Sequence[str]) -> int:
    """Run all environments, for all findings or for those named; exit code 1 where it is not the diagonal."""
    if arguments[:1] == [CHILD]:
        print(json.dumps([asdict(row) for row in rows(examine(Path(arguments[1])), arguments[2:])]))
        return 0
    only = list(arguments) or list(CATALOGUE.claims)
    if unknown := set(only) - CATALOGUE.claims.keys():
        print(f"no findings: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    todo = list(pairs())
    # Two at a time: most of a row waits for a window of some probe to end.
    with ThreadPoolExecutor(2) as side_by_side:
        measurements = list(side_by_side.map(lambda pair: measured(pair[0], pair[1], only), todo))
    environments = [
        {**named(*pair), "rows": [asdict(row) for row in lightened(found, first=place == 0)]}
        for place, (pair, found) in enumerate(zip(todo, measurements, strict=True))
    ]
    for environment, found in zip(environments, measurements, strict=True):
        tell(str(environment["name"]), found)
    ok = all(row.diagonal for found in measurements for row in found)
    document = {"proven": datetime.now(UTC).date().isoformat(), "environments": environments}
    write(merged(document) if arguments else document, PROOF if ok else OFF)
    return 0 if ok else 1


def lightened(found: Sequence[Row], *, first: bool) -> list[Row]:
    """Rows as they are kept: one environment is enough for what pages show."""
    return list(found) if first else [replace(row, healthy="", broken="") for row in found]


def tell(name: str, found: Sequence[Row]) -> None:
    """Say how one environment fared, and name what is off the diagonal."""
    off = [row for row in found if not row.diagonal]
    twice = sum(row.tries > 1 for row in found)
    again = f", {twice} of them measured twice" if twice else ""
    print(f"{name}: {len(found) - len(off)} of {len(found)} on the diagonal{again}")
    for row in off:
        print(f"  {row.finding}: confirmed {row.confirmed}, text first {row.first}, green {row.green}")


def merged(document: dict[str, Any]) -> dict[str, Any]:
    """The proof with some rows measured anew; its day stays that of the others."""
    proof: dict[str, Any] = json.loads((PROOF / FILE).read_text("utf-8"))
    anew = {environment["name"]: environment["rows"] for environment in document["environments"]}
    for environment in proof["environments"]:
        kept = {row["finding"]: row for row in (*environment["rows"], *anew.get(environment["name"], ()))}
        environment["rows"] = [kept[finding] for finding in CATALOGUE.claims if finding in kept]
    return proof


def pairs() -> Iterator[tuple[str, Binaries]]:
    """The running Python with every PostgreSQL, and the newest other Python with the default one."""
    found = find_all()
    yield from ((sys.executable, binaries) for binaries in found)
    newest = next((path for name in reversed(PYTHONS) if (path := usable(name))), None)
    if newest:
        yield newest, found[0]


def usable(name: str) -> str | None:
    """A virtual environment of another Python, made where it is missing; None without such a Python."""
    path = shutil.which(name)
    if not path or name == f"python3.{sys.version_info.minor}" or not works(path):
        return None
    folder = ROOT / f".venv-{name}"
    if not (folder / "ready").exists():
        subprocess.run([path, "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "--editable", f"{ROOT}[lab]"], check=True)
        (folder / "ready").touch()
    return str(folder / "bin" / "python")


def works(path: str) -> bool:
    """Whether it is an interpreter: a version manager's stand-in may name one that is not selected."""
    return subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0


def measured(python: str, binaries: Binaries, only: Sequence[str]) -> list[Row]:
    """The rows of one environment, from a process of its own."""
    command = [python, "-m", "tests.tools.matrix", CHILD, str(binaries.folder), *only]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, check=True)
    return [Row(**row) for row in json.loads(done.stdout)]


def rows(binaries: Binaries | None, only: Sequence[str]) -> Iterator[Row]:
    """Prove these findings on one lab."""
    with Lab(binaries) as lab:
        for finding in only:
            print(f"{platform.python_version()} {lab.binaries.version} {finding}", file=sys.stderr)
            entry = CATALOGUE.claims[finding].entry.id
            found = tried(lab, finding, entry)
            yield found if found.diagonal else replace(tried(lab, finding, entry), tries=2)


def tried(lab: Lab, finding: str, entry: str) -> Row:
    """One measurement of one fault."""
    try:
        return row(finding, entry, prove(lab, finding, whole=True))
    except (LabError, AssertionError) as error:
        return Row(finding, entry, [], "", 0.0, green=False, applied=[], printed=str(error))


def row(finding: str, entry: str, proof: Proof) -> Row:
    """What a proof says, in a form that does not differ from run to run."""
    green = (
        all(result.outcome in {"pass", "skipped"} for result in proof.repaired.results) and not proof.after
    )
    named = [diagnosis.entry for diagnosis in confirmed(proof.broken)]
    relief = round(proof.relief, 1)
    return Row(
        finding=finding,
        entry=entry,
        confirmed=named,
        first=proof.first,
        relief=relief,
        green=green,
        applied=list(proof.applied),
        printed=normalised(proof.printed),
        warning=bool(FAULTS[finding].warning),
        healthy=normalised(checked(proof.healthy, entry)),
        broken=normalised(checked(proof.broken, entry)),
    )


def checked(report: Report, entry: str) -> str:
    """What `check` of one entry prints of a report that has everything, but for the fix: the page has it."""
    probes = CATALOGUE.with_needs(CATALOGUE.probes_of(CATALOGUE.entries[entry]))
    results = tuple(result for result in report.results if result.key.probe in probes)
    diagnoses = tuple(replace(one, fix=()) for one in report.diagnoses if one.entry == entry)
    return human.render(replace(report, results=results, diagnoses=diagnoses, notes=()), Terminal(width=88))


def normalised(text: str) -> str:
    """A captured output without paths, ports and process numbers."""
    text = clean(text).text
    for pattern, put in NOISE:
        text = pattern.sub(put, text)
    return text.strip()


def named(python: str, binaries: Binaries) -> dict[str, str]:
    """The versions of an environment."""
    said = subprocess.run([python, "--version"], capture_output=True, text=True, check=True).stdout
    parts = {
        "python": said.split()[1],
        "postgresql": binaries.version,
        "psycopg2": version("psycopg2-binary"),
    }
    return {"name": f"Python {parts['python']}, PostgreSQL {parts['postgresql']}", **parts}


def write(document: Mapping[str, Any], folder: Path) -> None:
    """Write what was seen: the proof, or beside it what is no proof yet."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
