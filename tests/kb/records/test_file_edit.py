"""Programs that change a configuration file: what they write, what they refuse, and their undo."""

import ast
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from diagnostics.targets.settings import TargetSettings, Thresholds
from diagnostics.targets.target import Target, endpoint
from kb.records.fixes.file_edit import program
from kb.records.loader import load_entries
from kb.records.models import FixStep
from kb.records.placeholders import fill
from tests.diagnostics.probes.running import run_probes

PAGE = """\
CLEARPAY_NETWORK_CONFIG = {
    "connection_timeout": 30,
    "read_timeout": 120,
    "max_retries": 3,
    "retry_delay": 2,
    "backoff_factor": 1.5,
}
"""
"""Example of the page of config-timeouts: 609.5 s."""
LIMITS = {"connection_timeout|connect_timeout": 3.05, "read_timeout": 10}


def run(path: Path, edit: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    code = program({"file": "network_file", **edit}, "test").replace("<network_file>", repr(str(path)))
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def edited(path: Path, text: str, **edit: Any) -> str:
    path.write_bytes(text.encode())
    done = run(path, edit)
    assert done.returncode == 0, done.stderr
    return path.read_bytes().decode()


def refused(path: Path, text: str, **edit: Any) -> str:
    """Return the message of a program that changes nothing."""
    path.write_bytes(text.encode())
    done = run(path, edit)
    assert done.returncode == 1
    assert path.read_bytes() == text.encode()
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    return done.stderr


@pytest.fixture
def file(tmp_path: Path) -> Path:
    folder = tmp_path / "it's a folder"
    folder.mkdir()
    return folder / "network.py"


def steps(entry: str) -> list[tuple[str, FixStep]]:
    causes = load_entries()[entry].causes
    return [(cause.finding, step) for cause in causes for step in cause.fix if step.edit]


@pytest.mark.parametrize(
    ("finding", "step"),
    [item for id_ in load_entries() for item in steps(id_)],
    ids=lambda item: str(item)[:40],
)
def test_the_program_of_each_record_is_python_and_its_undo_names_the_patch(
    finding: str, step: FixStep
) -> None:
    assert step.edit
    filled = fill(step, {step.edit.file: "/srv/pay ments/network.py"})

    ast.parse(filled.code)
    assert "<" not in filled.undo
    assert f"network.py.{finding.replace('.', '-').replace('_', '-')}.patch" in filled.undo.replace("'", "")


def test_the_fix_of_the_worst_case_ends_the_example_of_the_page_within_its_limit(file: Path) -> None:
    (step,) = [step for finding, step in steps("config-timeouts") if finding == "timeouts.worst_case"]
    file.write_text(PAGE, "utf-8")

    filled = fill(step, {"network_file": str(file)})
    done = subprocess.run([sys.executable, "-c", filled.code], capture_output=True, text=True, check=True)

    target = Target("test", (endpoint(str(file)),), TargetSettings(production=False))
    result = run_probes(target, "timeouts")["timeouts"]
    worst = result.evidence["worst case"].value
    assert worst == 41.65 < Thresholds().call_budget_s
    assert (result.outcome, result.codes) == ("pass", [])
    assert '-    "max_retries": 3,' in done.stdout
    assert '+    "max_retries": 2,' in done.stdout


def test_smaller_values_stay(file: Path) -> None:
    text = "CONFIG = {'connect_timeout': 2, 'read_timeout': 30, 'max_retries': 0}\n"

    after = edited(file, text, values=LIMITS, values_if_present={"max_retries": 2}, rule="at_most")

    assert after == "CONFIG = {'connect_timeout': 2, 'read_timeout': 10, 'max_retries': 0}\n"


@pytest.mark.parametrize("value", ["None", "0", "-1", "'10s'", "''", "True"])
def test_a_value_that_is_not_a_number_above_zero_is_replaced(file: Path, value: str) -> None:
    after = edited(
        file, f"connect_timeout = 1.5\nread_timeout: float = {value}  # é\n", values=LIMITS, rule="positive"
    )

    assert after == "connect_timeout = 1.5\nread_timeout: float = 10  # é\n"


def test_only_the_key_itself_is_changed(file: Path) -> None:
    text = (
        '"""read_timeout: 30 was too short"""\n'
        "CONFIG = {'thread_timeout': 7, 'é': 'ü', 'read_timeout': 99, 'read_timeout_ms': 5}  # read_timeout\n"
        "note = 'read_timeout = 4'\n"
    )

    after = edited(file, text, values={"read_timeout": 10})

    assert after == text.replace("'read_timeout': 99", "'read_timeout': 10")


@pytest.mark.parametrize(
    "expression",
    ['int(os.environ.get("CT", "30"))', "30 if SLOW else 5", "DEFAULT", "30 * FACTOR", "os.environ['T']"],
)
def test_a_computed_value_is_named_with_its_line_and_not_changed(file: Path, expression: str) -> None:
    right = f'import os\nCONFIG = {{\n    "connection_timeout": {expression},\n    "read_timeout": 10,\n}}\n'
    told = "line 3: connection_timeout is computed; change its source so that it gives 3.05"

    message = refused(file, right, values=LIMITS)

    assert "nothing was changed" in message
    assert told in message
    file.write_text(right.replace("10", "99"), "utf-8")
    done = run(file, {"values": LIMITS})
    assert file.read_text("utf-8") == right
    assert told in done.stdout


def test_a_missing_key_two_places_another_format_and_a_broken_file_are_told(file: Path) -> None:
    twice = "A = {'read_timeout': 30}\nB = {'read_timeout': 40}\n"

    assert 'add "connection_timeout": 3.05' in refused(file, "read_timeout = 99\n", values=LIMITS)
    message = refused(file, twice, values={"read_timeout": 10})
    assert "line 1: read_timeout is one of several" in message
    assert "line 2: read_timeout is one of several" in message
    assert "SyntaxError" in refused(file, "CONFIG = {'read_timeout': 30,\n", values={"read_timeout": 10})
    assert "nothing was changed" in refused(file, "read_timeout = 10\n", values={"read_timeout": 10})
    other = file.with_suffix(".json")
    file.unlink()
    assert "not Python" in refused(other, '{"read_timeout": 30}', values={"read_timeout": 10})


@pytest.mark.parametrize(
    "text", [PAGE, PAGE.rstrip("\n"), PAGE.replace("\n", "\r\n")], ids=["lf", "no end", "crlf"]
)
def test_the_undo_takes_back_this_change_and_keeps_later_ones(file: Path, text: str) -> None:
    after = edited(file, "# é\n" * 9 + text, values={"read_timeout": 10})
    file.write_bytes(("# a later edit\n" + after).encode())
    patch = f"{file}.test.patch"

    subprocess.run(["patch", "-R", str(file), patch], check=True, capture_output=True)

    assert file.read_bytes().decode() == "# a later edit\n" + "# é\n" * 9 + text
    copy = file.with_name("network.py.before-test")
    assert copy.read_bytes().decode() == "# é\n" * 9 + text
    assert {path.stat().st_mode & 0o777 for path in (copy, Path(patch))} == {0o600}


def test_a_missing_key_is_inserted_beside_another_and_an_import_before_its_package(file: Path) -> None:
    inserted = edited(
        file, 'C = {\n    "version": 1,\n}\n', values={"disable_existing_loggers": False}, beside="version"
    )
    assert inserted == 'C = {\n    "disable_existing_loggers": False, "version": 1,\n}\n'
    assert ast.literal_eval(inserted.removeprefix("C = ")) == {
        "disable_existing_loggers": False,
        "version": 1,
    }

    assert edited(file, "import os\nimport logging\n", module="logging.config") == (
        "import os\nimport logging.config\nimport logging\n"
    )


def test_an_import_that_is_there_is_not_inserted_again(file: Path) -> None:
    assert "nothing was changed" in refused(
        file, "import logging\nimport logging.config\n", module="logging.config"
    )


def test_the_undo_of_a_hostile_path_is_one_word() -> None:
    (step,) = [step for finding, step in steps("config-timeouts") if finding == "timeouts.unit"]

    undo = fill(step, {"network_file": "/srv/$(touch x)/n.py"}).undo

    assert shlex.split(undo.split("`")[1])[2] == "/srv/$(touch x)/n.py"
