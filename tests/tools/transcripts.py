"""Capture the output of `check` on the lab, healthy and broken, in `site_docs/proof/transcripts.json`.

One finding is captured for each entry, and one for each group of causes that has a page of its own: its first
cause that fails in the lab. With ids of entries as arguments, only theirs are captured and replaced.

Usage: python -m tests.tools.transcripts [ENTRY ...]
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from diagnostics.diagnosis.catalogue import MANUAL, probe_of
from diagnostics.lab.fault_injection import inject
from diagnostics.lab.faults import FAULTS
from diagnostics.lab.lab import Lab
from diagnostics.targets import runtime_folder, target_file
from kb.records.models import Cause, Entry
from kb.text.sanitize import clean
from site_docs.page_types.evidence import command_of
from site_docs.proof import TRANSCRIPTS, Transcript
from tests.support.proof import CATALOGUE

WIDTH = 88
"""Columns of the captured output."""
PORTS = {
    "database": 5432,
    "monitor": 5432,
    "admin": 6432,
    "api": 8443,
    "url": 8080,
    "health": 8000,
    "work": 8000,
}
"""Ports that pages show in place of the lab's random ones, by the key of the target file with the URL."""
BY_SCHEME = {"https": 8443, "http": 8080}
"""Ports of other servers of the lab, by the scheme of their URL."""
NOISE = (
    (re.compile(r'File "[^"]*/'), 'File "'),
    (re.compile(r"\.s\.PGSQL\.\d+"), ".s.PGSQL.5432"),
    (re.compile(r'(on socket )"[^"]*/(\.s\.PGSQL)'), r'\1"/var/run/postgresql/\2'),
    (re.compile(r"(?<![\w.])/(?:tmp|var/tmp)/\S*/"), ""),
)
"""Paths of this machine, with their replacements."""
_URL = re.compile(r'^(\w+) = "(\w+://[^"]+)"', re.MULTILINE)
_WITH_SCHEME = re.compile(r"\b(https?)(://[\w.-]+:)\d{4,5}\b")
_PORT = re.compile(r"(port |localhost:|127\.0\.0\.1:)\d{5}\b")


def main(arguments: Sequence[str]) -> int:
    """Capture all entries or those given, and write the file."""
    entries = CATALOGUE.entries
    if unknown := set(arguments) - entries.keys():
        print(f"no entries: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    chosen = [entries[name] for name in arguments] or [
        entry for entry in entries.values() if not entry.retired
    ]
    captured: dict[str, object] = json.loads(TRANSCRIPTS.read_text("utf-8")) if arguments else {}
    with Lab() as lab, running(lab) as environment:
        for entry in chosen:
            for cause in shown_causes(entry):
                print(cause.finding, file=sys.stderr)
                captured[cause.finding] = asdict(capture(lab, entry, cause.finding, environment))
            TRANSCRIPTS.write_text(json.dumps(captured, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return 0


@contextmanager
def running(lab: Lab) -> Iterator[dict[str, str]]:
    """Yield the environment in which commands find this lab as the one that runs."""
    with TemporaryDirectory() as folder:
        link = Path(folder, runtime_folder.NAME, target_file.FILE_NAME)
        link.parent.mkdir(mode=0o700)
        link.symlink_to(lab.target_file)
        yield {**os.environ, "XDG_RUNTIME_DIR": folder, "COLUMNS": str(WIDTH)}


def shown_causes(entry: Entry) -> Iterator[Cause]:
    """Yield the cause whose output the page of an entry shows, and that of each of its groups."""
    groups = [group.id for group in entry.groups] or [""]
    for group in groups:
        causes = [cause for cause in entry.causes if cause.group == group]
        failing = (
            cause
            for cause in causes
            if not FAULTS[cause.finding].warning and probe_of(cause.finding) != MANUAL
        )
        if cause := next(failing, next(iter(causes), None)):
            yield cause


def capture(lab: Lab, entry: Entry, finding: str, environment: Mapping[str, str]) -> Transcript:
    """Return the output of `check` for an entry before and during a fault; repair the lab afterwards."""
    lab.repair()
    healthy = _check(lab, entry, environment)
    inject(lab, finding)
    try:
        if FAULTS[finding].prints:
            lab.fail()
        return Transcript(healthy, _check(lab, entry, environment))
    finally:
        lab.repair()


def _check(lab: Lab, entry: Entry, environment: Mapping[str, str]) -> str:
    command = command_of(entry, CATALOGUE, " --target lab").split()[1:]
    done = subprocess.run(
        [sys.executable, "-m", "diagnostics.cli", *command],
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in {0, 1, 3}, done.stderr
    return normalise(done.stdout, ports_of(lab))


def ports_of(lab: Lab) -> dict[int, int]:
    """Return the port that a page shows for each port of the lab's target."""
    urls = _URL.findall(lab.target_file.read_text("utf-8"))
    shown = {urlsplit(url).port: PORTS[key] for key, url in urls if key in PORTS}
    return {port: place for port, place in shown.items() if port} | {lab.server.port: PORTS["database"]}


def normalise(text: str, ports: Mapping[int, int]) -> str:
    """Return an output without secrets and paths, with the usual port of each kind of server."""
    text = clean(text).text
    for pattern, put in NOISE:
        text = pattern.sub(put, text)
    for port, shown in ports.items():
        text = re.sub(rf"\b{port}\b", str(shown), text)
    text = _WITH_SCHEME.sub(lambda match: f"{match[1]}{match[2]}{BY_SCHEME[match[1]]}", text)
    return _PORT.sub(rf"\g<1>{PORTS['database']}", text).strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
