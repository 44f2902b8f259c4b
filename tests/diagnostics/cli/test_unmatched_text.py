"""`diagnose` of a text that no known error matches: every format says so first, and the code is never 0."""

import io
import json
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

import diagnostics
from diagnostics.cli.main import main
from diagnostics.diagnosis.exit_status import diagnose_code
from diagnostics.exit_codes import ExitCode
from diagnostics.history.listing import list_runs, load_run, summary_line
from diagnostics.lab.lab import Lab
from diagnostics.report.formats import FORMAT_NAMES
from diagnostics.report.model import UNMATCHED, Report
from tests.diagnostics.cli.test_main import NOWHERE, run

TEXT = 'ERROR:  could not extend file "base/5/1259": the cat sat on the mat\n'
IN_FORMAT = pytest.mark.parametrize("name", FORMAT_NAMES)
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def healthy_file(tmp_path: Path) -> str:
    """Provide a target whose probes pass."""
    path = tmp_path / "payments.py"
    path.write_text("TOTAL = 1\n", "utf-8")
    return str(path)


def diagnosed(
    target: str, name: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch, *more: str
) -> tuple[int, str]:
    """Diagnose the text on a target in one format; return exit code and output."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    capsys.readouterr()
    code = main(["diagnose", "-", "--target", target, "--format", name, *more])
    return code, capsys.readouterr().out


def says_so(name: str, output: str) -> bool:
    """Return True if the beginning of a document says that nothing matched."""
    first = output.splitlines()[0]
    match name:
        case "json":
            document = json.loads(output)
            return document["text_matched"] is False and list(document).index("text_matched") < list(
                document
            ).index("results")
        case "ndjson":
            return json.loads(first)["text_matched"] is False
        case "junit":
            case = next(ET.fromstring(output).iter("testcase"))  # noqa: S314  our own text
            return case.get("name") == "match" and case.find("error[@message]") is not None
        case "sarif":
            invocation = json.loads(output)["runs"][0]["invocations"][0]
            note = invocation["toolExecutionNotifications"][0]["message"]["text"]
            return not invocation["executionSuccessful"] and note == UNMATCHED
        case "prometheus":
            return first.startswith("# HELP clearpay_doctor_text_matched") and "text_matched 0\n" in output
        case _:
            return UNMATCHED.rstrip(".").lower() in first.lower()


@pytest.mark.usefixtures("own_place")
@IN_FORMAT
def test_the_first_line_says_so_and_the_code_is_3_though_every_probe_passes(
    name: str, healthy_file: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["check", "--target", healthy_file, "--quiet"]) == ExitCode.OK

    code, output = diagnosed(healthy_file, name, capsys, monkeypatch)

    assert says_so(name, output), output
    assert code == ExitCode.UNDETERMINED


@pytest.mark.usefixtures("own_place")
@IN_FORMAT
def test_what_a_probe_confirms_all_the_same_is_1_and_the_first_line_still_says_so(
    name: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, output = diagnosed(NOWHERE, name, capsys, monkeypatch)

    assert says_so(name, output), output
    assert "db-connection-refused" in output
    assert code == (2 if name == "nagios" else ExitCode.FOUND)


@pytest.mark.usefixtures("own_place")
def test_nagios_says_unknown(healthy_file: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    _, output = diagnosed(healthy_file, "nagios", capsys, monkeypatch)

    assert output.startswith("CLEARPAY UNKNOWN: No known error matches this text; ")


@pytest.mark.lab
def test_a_healthy_system_does_not_answer_for_an_unknown_text(lab: Lab) -> None:
    done = run("diagnose", "-", "--config", str(lab.target_file), "--target", "lab", text=TEXT)

    assert done.returncode == 3, done.stdout
    assert UNMATCHED in done.stdout.splitlines()[0]


def test_without_a_target_it_says_so_too() -> None:
    done = run("diagnose", "-", text=TEXT)

    assert done.returncode == 3
    assert done.stdout.splitlines()[0] == f"? unmatched  {UNMATCHED}"
    assert run("match", "-", text=TEXT).stdout == f"{UNMATCHED}\n"


@pytest.mark.usefixtures("own_place")
def test_the_history_keeps_it(healthy_file: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    diagnosed(healthy_file, "human", capsys, monkeypatch, "--record")

    (recorded,) = list_runs().runs
    assert recorded.text_matched is False
    assert "text unmatched" in summary_line(recorded)
    assert load_run(recorded.id).report.text_matched is False


def test_a_check_has_no_text(healthy_file: str) -> None:
    document = json.loads(run("check", "--target", healthy_file, "--format", "json").stdout)

    assert document["text_matched"] is None
    assert "text_matched" not in run("check", "--target", healthy_file, "--format", "prometheus").stdout


def test_the_api_says_so(healthy_file: str) -> None:
    report = diagnostics.diagnose(TEXT, healthy_file)

    assert (report.text_matched, report.exit_code) == (False, 3)


def test_a_matched_text_is_marked_as_such() -> None:
    done = run("diagnose", "-", "--format", "json", text="FATAL: deadlock detected\n")

    assert json.loads(done.stdout)["text_matched"] is True


def test_the_code_of_an_unmatched_text_is_not_that_of_its_probes() -> None:
    report = Report(tool_version="0", run_id="r", started="now", text_matched=False)

    assert diagnose_code(report) is ExitCode.UNDETERMINED
