"""Configuration files as public repositories have them: each is understood, or the reason is said."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from diagnostics.targets.target import Target, endpoint
from tests.diagnostics.probes.configurations import PROBES
from tests.diagnostics.probes.running import ProbeResult, all_text, run_probes

DATA = Path(__file__).parents[3] / "data" / "config" / "public_files.yaml"
MIN_FILES = 60
MIN_UNDERSTOOD = 0.95
"""Share of the files with something to understand of which every role is found."""


@dataclass(frozen=True)
class PublicFile:
    """A file with what a reader finds in it."""

    source: str
    name: str
    held_out: bool
    mapped: tuple[str, ...]
    findings: tuple[str, ...]
    text: str


def _file(entry: Mapping[str, Any]) -> PublicFile:
    return PublicFile(
        source=entry["source"],
        name=entry["name"],
        held_out=entry["held_out"],
        mapped=tuple(entry["mapped"]),
        findings=tuple(entry["findings"]),
        text=entry["text"],
    )


FILES = [_file(entry) for entry in yaml.safe_load(DATA.read_text("utf-8"))]


def results(file: PublicFile, folder: Path) -> dict[str, ProbeResult]:
    """Return the results by role of the probes on the file alone, which no target names."""
    path = folder / file.name
    path.write_text(file.text, "utf-8")
    found = run_probes(Target("bare", (endpoint(str(path)),), bare=True), *PROBES.values())
    return {role: found[probe] for role, probe in PROBES.items()}


@pytest.mark.parametrize("file", FILES, ids=[f"{number}-{file.name}" for number, file in enumerate(FILES)])
def test_a_public_file_has_no_false_finding_and_no_role_that_it_is_not_about(
    file: PublicFile, tmp_path: Path
) -> None:
    found = results(file, tmp_path)

    assert {code for result in found.values() for code in result.codes} == set(file.findings), file.source
    assert all(result.outcome != "error" for result in found.values()), file.source
    mapped = {role for role, result in found.items() if result.outcome in {"pass", "warn", "fail"}}
    assert mapped <= set(file.mapped), file.source
    for role, result in found.items():
        if role not in file.mapped:
            assert result.outcome in {"skipped", "unknown"}, (file.source, role)
            assert "looked for" in result.reason or "not YAML" in result.reason, result.reason


def test_most_files_that_have_something_to_understand_are_understood(tmp_path: Path) -> None:
    with_something = [file for file in FILES if file.mapped]
    missed = []
    for number, file in enumerate(with_something):
        folder = tmp_path / str(number)
        folder.mkdir()
        found = results(file, folder)
        skipped = [role for role in file.mapped if found[role].outcome == "skipped"]
        missed += [f"{file.source}: {', '.join(skipped)}"] if skipped else []

    assert len(FILES) >= MIN_FILES
    assert 1 - len(missed) / len(with_something) >= MIN_UNDERSTOOD, missed


def test_the_reason_of_a_file_that_is_about_nothing_names_what_is_near(tmp_path: Path) -> None:
    path = tmp_path / "settings.py"
    path.write_text("PARTNER_TOKEN = 'x'\nQUEUE_TIMEOUT = 5\n", "utf-8")
    found = run_probes(Target("bare", (endpoint(str(path)),), bare=True), *PROBES.values())

    assert {result.outcome for result in found.values()} == {"skipped"}
    assert "near: PARTNER_TOKEN (settings.py:1)" in found["credentials"].reason
    assert "near: QUEUE_TIMEOUT (settings.py:2)" in found["timeouts"].reason
    assert "config.names" in all_text(list(found.values()))
