"""JUnit XML for CI: a suite for each target, a case for each probe, as the schema of Jenkins has them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from diagnostics.engine.events import Outcome
from diagnostics.report.evidence_text import evidence_line
from diagnostics.report.model import Report, Result
from diagnostics.terminal import Terminal

ELEMENTS: dict[Outcome, str] = {
    "fail": "failure",
    "error": "error",
    "unknown": "error",
    "skipped": "skipped",
    "blocked": "skipped",
}
"""What stands in a case; pass and warn are cases with nothing in them but their evidence."""
TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
ATTRIBUTE = TEXT | str.maketrans({'"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"})
"""An attribute's line breaks and tabs would be read as spaces."""
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 (chapter 2.2) cannot hold, not even escaped."""
NOTHING_RAN = {"tests": "1", "failures": "0", "errors": "1", "skipped": "0", "time": "0.000"}
"""The counts of a run without results: such a run is not green, so it has one case, in error."""


def junit(report: Report, _: Terminal) -> str:
    """The whole report."""
    suites = [_suite(report, target) for target in report.targets] if report.results else [_empty(report)]
    counts = _counts(report.results) if report.results else NOTHING_RAN
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{_element("testsuites", counts, "".join(suites))}'


def _suite(report: Report, target: str) -> str:
    results = [result for result in report.results if result.key.target == target]
    cases = "".join(_case(report, result) for result in results)
    attributes = {"name": target, "timestamp": report.started[:19], **_counts(results)}
    return _element("testsuite", attributes, _properties(report) + cases)


def _empty(report: Report) -> str:
    error = _element("error", {"type": "unknown", "message": "nothing ran"}, "")
    case = _element("testcase", {"name": "run", "classname": "clearpay-doctor", "time": "0"}, error)
    attributes = {"name": "clearpay-doctor", "timestamp": report.started[:19], **NOTHING_RAN}
    return _element("testsuite", attributes, _properties(report) + case)


def _counts(results: Sequence[Result]) -> dict[str, str]:
    elements = [ELEMENTS.get(result.outcome) for result in results]
    return {
        "tests": str(len(results)),
        "failures": str(elements.count("failure")),
        "errors": str(elements.count("error")),
        "skipped": str(elements.count("skipped")),
        "time": _seconds(sum(result.ms for result in results)),
    }


def _properties(report: Report) -> str:
    values = {
        "tool_version": report.tool_version,
        "run_id": report.run_id,
        "exit_code": str(report.exit_code),
        "rounds": str(len(report.rounds) or 1),
    }
    rows = (_element("property", {"name": name, "value": value}, "") for name, value in values.items())
    return _element("properties", {}, "".join(rows))


def _case(report: Report, result: Result) -> str:
    name = ELEMENTS.get(result.outcome)
    parts = ""
    if name:
        message = "; ".join(_codes(result)) or result.reason or f"blocked by {result.blocked_by}"
        kind = {} if name == "skipped" else {"type": result.outcome}
        parts += _element(name, {**kind, "message": message}, _content(_meaning(report, result)))
    evidence = [evidence_line(item) for item in result.evidence]
    if evidence:
        parts += _element("system-out", {}, _content([*_codes(result), *evidence]))
    attributes = {"name": result.key.probe, "classname": result.key.endpoint, "time": _seconds(result.ms)}
    return _element("testcase", attributes, parts)


def _meaning(report: Report, result: Result) -> Iterator[str]:
    """What the findings of a probe mean, where they led to a diagnosis, and why it could not tell."""
    for finding in result.findings:
        diagnosis = report.diagnosis_of(result.key.target, finding.code)
        if diagnosis:
            yield f"{diagnosis.entry}: {diagnosis.sentence}"
            yield from filter(None, (diagnosis.url, *diagnosis.next))
    if result.reason:
        yield result.reason


def _codes(result: Result) -> list[str]:
    return [f"{finding.code} ({finding.level})" for finding in result.findings]


def _element(name: str, attributes: Mapping[str, str], content: str) -> str:
    """An element with its content, which is XML already."""
    opening = " ".join(
        [name, *(f'{key}="{_legal(value).translate(ATTRIBUTE)}"' for key, value in attributes.items())]
    )
    return f"<{opening}>{content}</{name}>\n" if content else f"<{opening}/>\n"


def _content(lines: Iterable[str]) -> str:
    return "\n".join(_legal(line) for line in lines).translate(TEXT)


def _legal(text: str) -> str:
    return ILLEGAL.sub("\ufffd", text)


def _seconds(ms: float) -> str:
    return f"{ms / 1000:.3f}"
