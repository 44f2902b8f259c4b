"""Prove every fault on every PostgreSQL and Python found, and write `site_docs/proof/`.

A row is a fault, a column an entry. The matrix must be diagonal: each fault confirms its own entry and no
other. Each pair of a PostgreSQL and a Python runs in a process of its own. With findings as arguments, only
their rows are measured and replaced.

Usage: python -m tests.tools.matrix [FINDING ...]
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

from diagnostics.diagnosis.catalogue import MANUAL, probe_of
from diagnostics.lab.errors import LabError
from diagnostics.lab.faults import FAULTS
from diagnostics.lab.lab import Lab
from diagnostics.lab.postgres.binaries import Binaries, examine, find_all
from kb.text.sanitize import clean
from tests.support.proof import CATALOGUE, Proof, confirmed, prove

ROOT = Path(__file__).parents[2]
PROOF = ROOT / "site_docs" / "proof"
NOT_DIAGONAL = ROOT / ".matrix"
"""Folder for a matrix that is not diagonal, so that half an hour of measuring is not lost."""
FILE = "matrix.json"
CHILD = "--in"
"""First argument of the process of one environment; its PostgreSQL and its findings follow."""
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
"""Parts of an output that differ from run to run, with their replacements."""


@dataclass(frozen=True)
class Row:
    """Result of one fault in one environment."""

    finding: str
    entry: str
    confirmed: list[str]
    first: str
    relief: float
    green: bool
    applied: list[str]
    printed: str
    warning: bool = False
    """The fault only warns in this environment: a newer Python may fail where an older one warns."""
    tries: int = 1
    """Number of measurements: a row off the diagonal is measured once more."""

    @property
    def diagonal(self) -> bool:
        """True if the fault confirmed its own entry only, and its text matched the intended entry first."""
        own = [] if self.warning else [self.entry]
        visible = self.first == (FAULTS[self.finding].text_of or self.entry) or self.warning
        if ratio := FAULTS[self.finding].cost_ratio:
            visible = self.relief >= ratio
        return self.green and self.confirmed == own and visible


def main(arguments: Sequence[str]) -> int:
    """Run all environments for all findings or those given; return 1 if the matrix is not diagonal."""
    if arguments[:1] == [CHILD]:
        print(json.dumps([asdict(row) for row in rows(examine(Path(arguments[1])), arguments[2:])]))
        return 0
    only = list(arguments) or list(CATALOGUE.claims)
    if unknown := set(only) - CATALOGUE.claims.keys():
        print(f"no findings: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    environments_to_run = list(pairs())
    # Two at a time: a row mostly waits for sampling probes.
    with ThreadPoolExecutor(2) as side_by_side:
        measurements = list(
            side_by_side.map(lambda pair: run_environment(pair[0], pair[1], only), environments_to_run)
        )
    environments = [
        {**describe(*pair), "rows": [asdict(row) for row in results]}
        for pair, results in zip(environments_to_run, measurements, strict=True)
    ]
    for environment, results in zip(environments, measurements, strict=True):
        print_result(str(environment["name"]), results)
    ok = all(row.diagonal for results in measurements for row in results)
    document = {"proven": datetime.now(UTC).date().isoformat(), "environments": environments}
    write(merge(document) if arguments else document, PROOF if ok else NOT_DIAGONAL)
    return 0 if ok else 1


def print_result(name: str, results: Sequence[Row]) -> None:
    """Print the result of one environment, with the rows off the diagonal."""
    off = [row for row in results if not row.diagonal]
    twice = sum(row.tries > 1 for row in results)
    again = f", {twice} of them measured twice" if twice else ""
    print(f"{name}: {len(results) - len(off)} of {len(results)} on the diagonal{again}")
    for row in off:
        print(f"  {row.finding}: confirmed {row.confirmed}, text first {row.first}, green {row.green}")


def merge(document: dict[str, Any]) -> dict[str, Any]:
    """Return the stored proof with the rows that were measured again; its date stays."""
    proof: dict[str, Any] = json.loads((PROOF / FILE).read_text("utf-8"))
    new_rows = {environment["name"]: environment["rows"] for environment in document["environments"]}
    for environment in proof["environments"]:
        by_finding = {
            row["finding"]: row for row in (*environment["rows"], *new_rows.get(environment["name"], ()))
        }
        environment["rows"] = [by_finding[finding] for finding in CATALOGUE.claims if finding in by_finding]
    return proof


def pairs() -> Iterator[tuple[str, Binaries]]:
    """Yield the running Python with every PostgreSQL, and the newest other Python with the default one."""
    all_binaries = find_all()
    yield from ((sys.executable, binaries) for binaries in all_binaries)
    newest = next((path for name in reversed(PYTHONS) if (path := interpreter(name))), None)
    if newest:
        yield newest, all_binaries[0]


def interpreter(name: str) -> str | None:
    """Return the interpreter of a virtual environment of another Python, created if needed, or None."""
    path = shutil.which(name)
    if not path or name == f"python3.{sys.version_info.minor}" or not is_interpreter(path):
        return None
    folder = ROOT / f".venv-{name}"
    if not (folder / "ready").exists():
        subprocess.run([path, "-m", "venv", str(folder)], check=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "--editable", f"{ROOT}[lab]"], check=True)
        (folder / "ready").touch()
    return str(folder / "bin" / "python")


def is_interpreter(path: str) -> bool:
    """Return True if the program is an interpreter: the shim of a version manager may lack the version."""
    return subprocess.run([path, "-c", ""], capture_output=True, check=False).returncode == 0


def run_environment(python: str, binaries: Binaries, only: Sequence[str]) -> list[Row]:
    """Return the rows of one environment, from a process of its own."""
    command = [python, "-m", "tests.tools.matrix", CHILD, str(binaries.folder), *only]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, check=True)
    return [Row(**row) for row in json.loads(done.stdout)]


def rows(binaries: Binaries | None, only: Sequence[str]) -> Iterator[Row]:
    """Prove these findings on one lab."""
    with Lab(binaries) as lab:
        for finding in only:
            print(f"{platform.python_version()} {lab.binaries.version} {finding}", file=sys.stderr)
            entry = CATALOGUE.claims[finding].entry.id
            result = measure(lab, finding, entry)
            yield result if result.diagonal else replace(measure(lab, finding, entry), tries=2)


def measure(lab: Lab, finding: str, entry: str) -> Row:
    """Measure one fault once."""
    try:
        return row(finding, entry, prove(lab, finding, whole=True))
    except (LabError, AssertionError) as error:
        return Row(finding, entry, [], "", 0.0, green=False, applied=[], printed=str(error))


def row(finding: str, entry: str, proof: Proof) -> Row:
    """Return the row of a proof, without what differs from run to run."""
    green = (
        all(result.outcome in {"pass", "skipped"} for result in proof.repaired.results) and not proof.after
    )
    describe = [diagnosis.entry for diagnosis in confirmed(proof.broken)]
    return Row(
        finding=finding,
        entry=entry,
        confirmed=describe,
        first=proof.first_match,
        relief=round(proof.cost_ratio, 1),
        green=green,
        applied=list(proof.applied),
        printed=normalise(proof.printed),
        warning=bool(FAULTS[finding].warning) or probe_of(finding) == MANUAL,
    )


def normalise(text: str) -> str:
    """Return an output without paths, ports and process numbers."""
    text = clean(text).text
    for pattern, put in NOISE:
        text = pattern.sub(put, text)
    return text.strip()


def describe(python: str, binaries: Binaries) -> dict[str, str]:
    """Return the name and the versions of an environment."""
    output = subprocess.run([python, "--version"], capture_output=True, text=True, check=True).stdout
    parts = {
        "python": output.split()[1],
        "postgresql": binaries.version,
        "psycopg2": version("psycopg2-binary"),
    }
    return {"name": f"Python {parts['python']}, PostgreSQL {parts['postgresql']}", **parts}


def write(document: Mapping[str, Any], folder: Path) -> None:
    """Write the matrix to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
