"""JUnit, Prometheus and Nagios, each read by an independent reader or by its guidelines."""

import re
import subprocess
import sys
from dataclasses import replace
from typing import get_args
from xml.etree import ElementTree as ET

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped
from prometheus_client.parser import text_string_to_metric_families

from diagnostics.cli.command_table import load
from diagnostics.cli.parser import parser_for
from diagnostics.engine.events import Evidence, Finding, Key, Outcome
from diagnostics.exit_codes import ExitCode
from diagnostics.report.formats import FORMATS
from diagnostics.report.formats.nagios import MAX_BYTES, Status, status_of
from diagnostics.report.model import Diagnosis, Report, Result, Verdict
from diagnostics.terminal import Terminal
from tests.support.requirements import needs_promtool

URL = "https://kb.example/errors/db-connection-refused/"
HOSTILE = 'a | b "c" \\ <d> & {e="f"} \'g\' ]]>\x00\x1b[31m\ufffe\ud800\nnext=1'
PERFDATA = re.compile(r"(?:'[^'=]+'|[^\s'=]+)=-?[\d.]+(?:s|%|B|KB|MB|TB|c|us|ms)?(?:;[\d.:~@-]*){0,4}")
"""`'label'=value[UOM];[warn];[crit];[min];[max]`, Monitoring Plugins Development Guidelines."""


def result(
    probe: str, outcome: Outcome, *, target: str = "prod", reason: str = "", ms: float = 12.5
) -> Result:
    return Result(Key(target, f"postgresql://app@{target}/db", probe), outcome, reason, ms=ms)


CONNECT = replace(
    result("connect", "fail"),
    findings=(Finding(code="connect.refused"),),
    evidence=(Evidence(name="said", value="refused", expected="an answer", ok=False),),
)
REPORT = Report(
    tool_version="0.1.0",
    run_id="20260101T000000Z-abc",
    started="2026-01-01T00:00:00+00:00",
    targets=("prod", "other"),
    results=(
        CONNECT,
        replace(result("login", "blocked", ms=0), blocked_by="connect"),
        result("rotation", "skipped", reason="active", ms=0),
        result("kills", "unknown", reason="no privilege"),
        result("pool", "error", reason="bug in the probe: KeyError"),
        replace(result("login", "warn", target="other"), findings=(Finding(code="login.old", level="warn"),)),
        result("connect", "pass", target="other"),
    ),
    diagnoses=(
        Diagnosis(
            entry="db-connection-refused",
            title="Refused",
            verdict="confirmed",
            target="prod",
            finding="connect.refused",
            sentence="Nothing listens.",
            url=URL,
        ),
    ),
    exit_code=1,
)
EMPTY = replace(REPORT, targets=(), results=(), diagnoses=(), exit_code=3)


def hostile() -> Report:
    """Return a report with hostile text in every field that comes from outside."""
    key = Key(HOSTILE, HOSTILE, "connect")
    evidence = (Evidence(name=HOSTILE, value=HOSTILE, expected=HOSTILE, ok=False),)
    seen = Result(key, "fail", HOSTILE, findings=CONNECT.findings, evidence=evidence, ms=1)
    told = replace(REPORT.diagnoses[0], target=HOSTILE, sentence=HOSTILE, url=HOSTILE)
    return replace(REPORT, targets=(HOSTILE,), results=(seen,), diagnoses=(told,))


def verdict(word: Verdict) -> Report:
    """Return the report of a text without a target."""
    return replace(EMPTY, diagnoses=(replace(REPORT.diagnoses[0], verdict=word, target=""),))


def written(name: str, report: Report) -> str:
    return FORMATS[name](report, Terminal())


def parsed(report: Report) -> ET.Element:
    return ET.fromstring(written("junit", report).encode("utf-8"))  # noqa: S314  our own text


def junit(report: Report) -> JUnitXml:
    return JUnitXml.fromstring(written("junit", report).encode("utf-8"))


def test_junit_has_a_suite_for_each_target_and_a_case_for_each_probe() -> None:
    suites = list(junit(REPORT))

    assert [suite.name for suite in suites] == ["prod", "other"]
    assert [case.name for case in suites[0]] == ["connect", "login", "rotation", "kills", "pool"]
    assert {"name": "exit_code", "value": "1"} in [one.attrib for one in parsed(REPORT).iter("property")]


def test_junit_says_each_outcome_in_its_own_words() -> None:
    said = {case.name: case.result for case in next(iter(junit(REPORT)))}

    (failure,) = said["connect"]
    (broken,) = said["pool"]
    (unknown,) = said["kills"]
    assert isinstance(failure, Failure)
    assert (failure.type, failure.message) == ("fail", "connect.refused (fail)")
    assert failure.text == f"db-connection-refused: Nothing listens.\n{URL}"
    assert isinstance(broken, Error)
    assert isinstance(unknown, Error)
    assert (unknown.type, unknown.message) == ("unknown", "no privilege")
    for probe, reason in (("login", "blocked by connect"), ("rotation", "active")):
        (skipped,) = said[probe]
        assert isinstance(skipped, Skipped)
        assert skipped.message == reason


def test_junit_counts_what_its_cases_say() -> None:
    suites = list(junit(REPORT))

    assert [(one.tests, one.failures, one.errors, one.skipped) for one in suites] == [
        (5, 1, 2, 2),
        (2, 0, 0, 0),
    ]
    for suite in suites:
        kinds = [type(said) for case in suite for said in case.result]
        counted = (kinds.count(Failure), kinds.count(Error), kinds.count(Skipped))
        assert counted == (suite.failures, suite.errors, suite.skipped)


def test_junit_has_only_the_elements_that_ci_servers_know() -> None:
    allowed = {
        "testsuites": {"testsuite"},
        "testsuite": {"properties", "testcase"},
        "properties": {"property"},
        "testcase": {"failure", "error", "skipped", "system-out"},
    }
    root = parsed(REPORT)

    for element in root.iter():
        assert {child.tag for child in element} <= allowed.get(element.tag, set())
    assert all({"name", "classname", "time"} <= set(case.attrib) for case in root.iter("testcase"))
    assert all(
        re.fullmatch(r"[-\d]+T[:\d]{8}", suite.attrib["timestamp"]) for suite in root.iter("testsuite")
    )


def test_junit_of_a_run_without_results_is_not_green() -> None:
    (suite,) = junit(EMPTY)

    assert (suite.tests, suite.errors) == (1, 1)
    assert [case.result[0].message for case in suite] == ["nothing ran"]


def test_junit_holds_any_text_and_stays_xml() -> None:
    root = parsed(hostile())

    (suite,) = root
    assert suite.attrib["name"] == HOSTILE.translate({ord(c): "\ufffd" for c in "\x00\x1b\ufffe\ud800"})


def test_junit_holds_every_character_there_is() -> None:
    for start in range(0, sys.maxunicode, 0x4000):
        text = "".join(map(chr, range(start, start + 0x4000)))
        told = replace(CONNECT, reason=text, evidence=(Evidence(name=text, value=text),))

        parsed(replace(REPORT, results=(told,)))


def samples(report: Report) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    text = written("prometheus", report)
    found = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    table = {(one.name, frozenset(one.labels.items())): one.value for one in found}
    assert len(table) == len(found), "a series is given twice"
    return table


def test_prometheus_has_one_outcome_set_for_each_probe() -> None:
    found = [(dict(labels), value) for (name, labels), value in samples(REPORT).items() if "outcome" in name]

    assert len(found) == len(REPORT.results) * len(get_args(Outcome))
    told = {(one["target"], one["probe"]): one["outcome"] for one, value in found if value == 1}
    assert told == {(one.key.target, one.key.probe): one.outcome for one in REPORT.results}


def test_prometheus_findings_name_their_entry_and_its_page() -> None:
    found = [dict(labels) for (name, labels), _ in samples(REPORT).items() if name.endswith("_finding")]

    assert [(one["finding"], one["level"], one["entry"], one["url"]) for one in found] == [
        ("connect.refused", "fail", "db-connection-refused", URL),
        ("login.old", "warn", "", ""),
    ]


def test_prometheus_tells_when_it_ran_how_long_it_took_and_how_it_ended() -> None:
    found = samples(REPORT)
    durations = [value for (name, _), value in found.items() if name.endswith("duration_seconds")]

    assert found["clearpay_doctor_last_run_timestamp_seconds", frozenset()] == 1767225600
    assert found["clearpay_doctor_exit_code", frozenset()] == 1
    assert durations == [0.0125] * 5


def test_prometheus_labels_hold_any_text() -> None:
    labels = [dict(labels) for (name, labels), _ in samples(hostile()).items() if name.endswith("_finding")]

    assert [one["target"] for one in labels] == [HOSTILE]


@needs_promtool
@pytest.mark.parametrize("report", [REPORT, EMPTY, hostile()], ids=["full", "empty", "hostile"])
def test_promtool_reports_no_problem(report: Report) -> None:
    done = subprocess.run(
        ["promtool", "check", "metrics"],
        input=written("prometheus", report).encode("utf-8", "replace"),
        capture_output=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def plugin_line(report: Report) -> tuple[str, str, list[str]]:
    """Split the line into status, text and performance data, as the guidelines do."""
    line = written("nagios", report)
    assert line.endswith("\n")
    assert line.count("\n") == 1
    assert line.count("|") == 1
    text, data = line.rstrip("\n").split(" | ")
    found = re.fullmatch(r"CLEARPAY (OK|WARNING|CRITICAL|UNKNOWN): (.+)", text)
    assert found, text
    items = [match[0] for match in PERFDATA.finditer(data)]
    assert " ".join(items) == data
    return found[1], found[2], items


def test_nagios_gets_status_text_and_performance_data() -> None:
    status, text, data = plugin_line(REPORT)

    assert status == "CRITICAL"
    assert text == f"db-connection-refused confirmed on prod: Nothing listens. {URL}"
    assert "fail=1;;;0" in data
    assert "'prod postgresql://app@prod/db connect'=0.013s;;;0" in data


@pytest.mark.parametrize("command", ["check", "diagnose", "verify"])
def test_the_help_says_that_nagios_has_codes_of_its_own(command: str) -> None:
    text = " ".join(parser_for(command, load(command)).format_help().split())

    assert "nagios alone exits with 0, 1, 2 or 3" in text


def test_nagios_names_inconclusive_probes() -> None:
    undecided = replace(REPORT, results=REPORT.results[3:4], diagnoses=(), exit_code=3)

    assert plugin_line(undecided)[:2] == ("UNKNOWN", "kills unknown: no privilege")
    assert plugin_line(EMPTY)[:2] == ("UNKNOWN", "nothing ran")


def test_nagios_reads_no_text_from_outside_as_its_own() -> None:
    status, text, data = plugin_line(hostile())

    assert status == "CRITICAL"
    assert "a / b" in text
    assert len([item for item in data if item.endswith("s;;;0")]) == 1


def test_nagios_cuts_whole_values_from_a_long_line() -> None:
    many = tuple(result(f"probe{number}", "pass") for number in range(200))
    long = replace(REPORT, results=many, diagnoses=(replace(REPORT.diagnoses[0], sentence="é" * 5000),))

    assert len(written("nagios", long).encode()) <= MAX_BYTES + 1
    assert plugin_line(long)[0] == "CRITICAL"


@pytest.mark.parametrize(
    ("report", "status"),
    [
        (replace(REPORT, results=REPORT.results[6:], diagnoses=(), exit_code=0), Status.OK),
        (replace(REPORT, results=REPORT.results[5:6], diagnoses=(), exit_code=0), Status.WARNING),
        (REPORT, Status.CRITICAL),
        (replace(REPORT, exit_code=ExitCode.STILL_FAILING), Status.CRITICAL),
        (verdict("suspected"), Status.UNKNOWN),
        (replace(verdict("past"), exit_code=1), Status.CRITICAL),
        (replace(REPORT, exit_code=ExitCode.INTERRUPTED), Status.UNKNOWN),
        (replace(REPORT, exit_code=ExitCode.TERMINATED), Status.UNKNOWN),
    ],
)
def test_nagios_has_a_status_for_each_end(report: Report, status: Status) -> None:
    assert status_of(report) == status
    assert plugin_line(report)[0] == status.name
