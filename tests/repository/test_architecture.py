"""Tests of the modules that commands load, of the tables of probes and commands, and of generated schemas."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from diagnostics.cli.command_table import COMMANDS, VIEW_COMMANDS
from diagnostics.diagnosis.catalogue import probe_of
from diagnostics.probes import PROBES
from kb.records.loader import ENTRIES, load_entries
from kb.records.models import Entry
from kb.records.validate import schema
from kb.runbook_model.model import Runbook

ROOT = Path(__file__).parents[2]
LINES_MAX = 400
VIEWS_AND_LAB = ("textual", "mkdocs", "boto3", "sqlalchemy", "diagnostics.lab", "moto", "cryptography")
PROGRAM = """
import json, sys
from diagnostics.cli.main import main
try:
    code = main({arguments!r})
except SystemExit as end:
    code = end.code
print(json.dumps(sorted(name for name in sys.modules)), file=sys.stderr)
sys.exit(code)
"""


def loaded(*arguments: str, text: str = "") -> set[str]:
    """Run a command in a process of its own and return the modules that it loaded."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(arguments=list(arguments))],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=60,
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


def forbidden(modules: set[str], *names: str) -> set[str]:
    return {module for module in modules if module.startswith(names)}


@pytest.mark.parametrize(
    "command",
    [
        ("match", "-"),
        ("explain", "db-deadlock"),
        ("list", "entries"),
        ("list", "findings"),
        ("list", "runbooks"),
        ("runbook", "show", "payments-failing"),
        ("--version",),
    ],
    ids=" ".join,
)
def test_reading_what_is_known_loads_no_validator_and_no_driver(command: tuple[str, ...]) -> None:
    modules = loaded(*command, text="FATAL: deadlock detected")

    assert forbidden(modules, *VIEWS_AND_LAB, "pydantic", "requests", "psycopg2", "asyncio") == set()


def test_a_warm_start_loads_no_more_than_it_needs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for command in (("match", "-"), ("explain", "db-deadlock")):
        loaded(*command, text="FATAL: deadlock detected")
    matching = loaded("match", "-", text="FATAL: deadlock detected")
    reading = loaded("explain", "db-deadlock")
    checking = loaded("check", "connect", "--quiet", "--target", "postgresql://app@127.0.0.1:9/db")

    assert forbidden(matching, "dataclasses", "shutil", "yaml", "traceback") == set()
    assert forbidden(reading, "kb.text.sanitize", "shutil", "yaml") == set()
    assert (
        forbidden(checking, "ssl", "html", "tomllib", "datetime", "diagnostics.report.formats.junit") == set()
    )


def test_checking_a_bare_url_that_refuses_loads_no_validator_and_no_driver() -> None:
    modules = loaded("check", "connect", "--target", "postgresql://app@127.0.0.1:9/db")

    assert forbidden(modules, *VIEWS_AND_LAB, "pydantic", "requests", "psycopg2") == set()


def test_listing_probes_loads_no_driver() -> None:
    assert forbidden(loaded("list", "probes"), *VIEWS_AND_LAB, "pydantic", "requests", "psycopg2") == set()


def test_every_probe_file_is_in_the_table_and_every_row_has_a_file() -> None:
    files = {path.stem for path in (ROOT / "diagnostics" / "probes").glob("*.py")} - {"__init__"}

    assert files == set(PROBES)


def test_every_verb_has_a_file_and_every_file_is_a_verb() -> None:
    files = {path.stem for path in (ROOT / "diagnostics" / "cli" / "commands").glob("*.py")} - {"__init__"}

    assert files | set(VIEW_COMMANDS) == set(COMMANDS)


def test_the_help_of_the_screen_loads_no_screen() -> None:
    assert forbidden(loaded("tui", "--help"), *VIEWS_AND_LAB, "pydantic", "psycopg2") == set()


def test_starting_the_screen_loads_no_driver_no_validator_and_no_lab() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys, tui.app; print(*sorted(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        timeout=60,
    )
    heavy = (*VIEWS_AND_LAB[1:], "pydantic", "requests", "psycopg2", "yaml", "textual.widgets._markdown")

    assert forbidden(set(done.stdout.split()), *heavy) == set()


def test_a_probe_emits_only_codes_that_begin_with_its_name() -> None:
    for name, probe in PROBES.items():
        assert {probe_of(code) for code in probe.FINDINGS} == {name}


def test_a_probe_needs_and_reads_only_probes_before_it() -> None:
    order = list(PROBES)
    for name, probe in PROBES.items():
        assert set(probe.NEEDS) | set(probe.READS) <= set(order[: order.index(name)])


def test_every_probe_says_what_it_asks_and_what_it_sends() -> None:
    for name, probe in PROBES.items():
        assert probe.QUESTION.endswith("?"), name
        assert probe.SENDS, name


def test_the_schema_for_editors_is_fresh() -> None:
    written = json.loads((ROOT / "kb" / "schema.json").read_text("utf-8"))

    assert written == schema(Entry), "stale: run make schema"


def test_the_schema_of_runbooks_is_fresh() -> None:
    written = json.loads((ROOT / "kb" / "runbook.schema.json").read_text("utf-8"))

    assert written == schema(Runbook), "stale: run make schema"


def test_every_folder_of_an_entry_is_loaded() -> None:
    assert {path.name for path in ENTRIES.glob("*/*") if path.is_dir()} == set(load_entries())


@pytest.mark.parametrize("name", ["kb", "diagnostics", "tui", "site_docs"])
def test_no_file_has_more_than_400_lines(name: str) -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / name).rglob("*.py")
        if (lines := len(path.read_text("utf-8").splitlines())) > LINES_MAX
    }

    assert long == {}, "split the file by its ideas, or raise LINES_MAX and say why on the architecture page"
