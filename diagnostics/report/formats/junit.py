"""JUnit XML for CI servers, in the form of the Jenkins schema: a suite per target, a case per probe."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from xml.etree import ElementTree as ET

from diagnostics.engine.events import Outcome
from diagnostics.report.evidence_text import evidence_line
from diagnostics.report.model import UNMATCHED, Report, Result
from diagnostics.terminal import Terminal
from kb.text.ci_commands import defuse_xml

ELEMENTS: dict[Outcome, str] = {
    "fail": "failure",
    "error": "error",
    "unknown": "error",
    "skipped": "skipped",
    "blocked": "skipped",
}
"""The child element of a case by outcome; `pass` and `warn` have none."""
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 (section 2.2) does not allow, not even as a character reference."""
COUNTS = ("tests", "failures", "errors", "skipped")
ONE_ERROR = {"tests": "1", "failures": "0", "errors": "1", "skipped": "0", "time": "0.000"}
"""Counts of a suite with one case in error, so that a run without results does not count as green."""


def render(report: Report, _: Terminal) -> str:
    """Return the report as one XML document."""
    suites = list(_suites(report))
    root = _element("testsuites", _sum(suites))
    root.extend(suites)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{defuse_xml(ET.tostring(root, encoding="unicode"))}\n'


def _suites(report: Report) -> Iterator[ET.Element]:
    """Yield a suite for a text that nothing matched, then one for each target."""
    if report.is_unmatched:
        yield _suite_in_error(report, "text", "match", UNMATCHED)
    if report.results:
        yield from (_suite(report, target) for target in report.targets)
    elif not report.is_unmatched:
        yield _suite_in_error(report, "clearpay-doctor", "run", "nothing ran")


def _sum(suites: Sequence[ET.Element]) -> dict[str, str]:
    """Return the counts of all suites together."""
    counts = {name: str(sum(int(suite.get(name, "0")) for suite in suites)) for name in COUNTS}
    return {**counts, "time": _seconds(1000 * sum(float(suite.get("time", "0")) for suite in suites))}


def _suite(report: Report, target: str) -> ET.Element:
    results = [result for result in report.results if result.key.target == target]
    suite = _suite_element(report, target, _counts(results))
    suite.extend(_case(report, result) for result in results)
    return suite


def _suite_in_error(report: Report, name: str, case_name: str, message: str) -> ET.Element:
    """Return a suite whose only case is in error."""
    suite = _suite_element(report, name, ONE_ERROR)
    case = _element("testcase", {"name": case_name, "classname": "clearpay-doctor", "time": "0"})
    case.append(_element("error", {"type": "unknown", "message": message}))
    suite.append(case)
    return suite


def _suite_element(report: Report, name: str, counts: Mapping[str, str]) -> ET.Element:
    """Return a suite that holds its properties and no case yet."""
    suite = _element("testsuite", {"name": name, "timestamp": report.started[:19], **counts})
    properties = {
        "tool_version": report.tool_version,
        "run_id": report.run_id,
        "exit_code": str(report.exit_code),
        "rounds": str(len(report.rounds) or 1),
    }
    if report.target_file and name in report.targets:
        properties["target_file"] = report.target_file
    parent = ET.SubElement(suite, "properties")
    parent.extend(_element("property", {"name": key, "value": value}) for key, value in properties.items())
    return suite


def _counts(results: Sequence[Result]) -> dict[str, str]:
    elements = [ELEMENTS.get(result.outcome) for result in results]
    return {
        "tests": str(len(results)),
        "failures": str(elements.count("failure")),
        "errors": str(elements.count("error")),
        "skipped": str(elements.count("skipped")),
        "time": _seconds(sum(result.ms for result in results)),
    }


def _case(report: Report, result: Result) -> ET.Element:
    attributes = {"name": result.key.probe, "classname": result.key.endpoint, "time": _seconds(result.ms)}
    case = _element("testcase", attributes)
    if name := ELEMENTS.get(result.outcome):
        message = "; ".join(_codes(result)) or result.reason or f"blocked by {result.blocked_by}"
        kind = {} if name == "skipped" else {"type": result.outcome}
        case.append(_element(name, {**kind, "message": message}, _explanation(report, result)))
    if result.evidence:
        lines = [*_codes(result), *(evidence_line(item) for item in result.evidence)]
        case.append(_element("system-out", {}, lines))
    return case


def _explanation(report: Report, result: Result) -> Iterator[str]:
    """Yield the diagnoses that the findings led to, with page and next commands, then the reason."""
    for finding in result.findings:
        diagnosis = report.diagnosis_of(result.key.target, finding.code)
        if diagnosis:
            yield f"{diagnosis.entry}: {diagnosis.sentence}"
            yield from filter(None, (diagnosis.url, *diagnosis.next))
    if result.reason:
        yield result.reason


def _codes(result: Result) -> list[str]:
    return [f"{finding.code} ({finding.level})" for finding in result.findings]


def _element(name: str, attributes: Mapping[str, str], lines: Iterable[str] = ()) -> ET.Element:
    """Return an element whose attributes and text hold only characters that XML allows."""
    element = ET.Element(name, {key: _legal(value) for key, value in attributes.items()})
    element.text = "\n".join(_legal(line) for line in lines) or None
    return element


def _legal(text: str) -> str:
    return ILLEGAL.sub("\ufffd", text)


def _seconds(ms: float) -> str:
    return f"{ms / 1000:.3f}"
