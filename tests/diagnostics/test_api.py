"""The Python API, and that importing the package does not load it."""

import subprocess
import sys
from pathlib import Path

import pytest

import diagnostics
from diagnostics import check, diagnose
from diagnostics.errors import UsageError
from diagnostics.lab.lab import Lab
from kb.records.errors import InvalidRecord
from tests.diagnostics.cli.test_main import NOWHERE, ROOT

REFUSED = 'connection to server at "127.0.0.1", port 5432 failed: Connection refused\n'


def test_a_check_gives_the_report_of_the_command() -> None:
    report = check(NOWHERE, "connect")

    assert report.exit_code == 1
    assert [finding.code for finding in report.results[0].findings] == ["connect.refused"]
    assert [(one.entry, one.verdict) for one in report.diagnoses if one.fix] == [
        ("db-connection-refused", "confirmed")
    ]


def test_a_diagnosis_of_a_text_and_a_target_confirms() -> None:
    report = diagnose(REFUSED, NOWHERE)

    assert (report.diagnoses[0].entry, report.diagnoses[0].verdict) == ("db-connection-refused", "confirmed")
    assert report.exit_code == 1


def test_a_diagnosis_of_a_text_alone_suspects() -> None:
    report = diagnose(REFUSED)

    assert (report.diagnoses[0].verdict, report.results, report.exit_code) == ("suspected", (), 3)


@pytest.mark.lab
def test_a_named_target_is_checked_from_its_file(lab: Lab) -> None:
    report = check("lab", "login", config_file=lab.target_file)

    assert [result.outcome for result in report.results] == ["pass", "pass"]
    assert report.exit_code == 0


def test_what_cannot_be_understood_raises_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"did you mean connect\?"):
        check(NOWHERE, "conect")
    (tmp_path / "broken.toml").write_text("[target.a\n")
    with pytest.raises(InvalidRecord, match="not TOML"):
        check("a", config_file=tmp_path / "broken.toml")


def test_an_unknown_name_raises_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        diagnostics.nonsense  # noqa: B018  the access is the test


def test_importing_the_package_loads_none_of_it() -> None:
    program = (
        "import sys, diagnostics; print([name for name in sys.modules if name.startswith('diagnostics.')])"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )

    assert done.stdout.strip() == "[]"
