"""Report of an incident: as text for a terminal, as a Markdown page, and as JSON."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from diagnostics.engine.events import Evidence
from diagnostics.report.evidence_text import evidence_line
from diagnostics.report.formats.human import diagnosis_lines
from diagnostics.report.formats.markdown import diagnosis_lines as markdown_diagnosis
from diagnostics.report.model import Verification
from diagnostics.report.repeated_reasons import RepeatedReasons
from diagnostics.report.verification_text import reasons
from diagnostics.runbooks.incident import Break, End, Incident, document
from diagnostics.terminal import Terminal
from kb.records.dataclass_io import build
from kb.runbook_model.advance import StepRecord
from kb.runbook_model.model import Runbook
from kb.text.ci_commands import defuse_json
from kb.text.markdown import code_span, escaped
from kb.text.wrapping import wrap_paragraphs

ENDED = {"fix": "Ended in a fix", "escalate": "Ended in an escalation", "green": "Ended green"}
WITH_EVIDENCE = frozenset({"fail", "warn", "unknown", "error"})
"""Outcomes whose evidence the page shows; the JSON document has all evidence."""


def json_text(incident: Incident) -> str:
    """Return the incident as a JSON document."""
    return defuse_json(json.dumps(document(incident), indent=2, ensure_ascii=False)) + "\n"


def human(incident: Incident, runbook: Runbook, terminal: Terminal, *, with_steps: bool = True) -> str:
    """Return the steps, one line each, and the end; only the end without `with_steps`."""
    lines: list[str] = []
    if with_steps:
        lines.append(f"{terminal.paint(incident.title, 'strong')}  {', '.join(incident.targets)}")
        for record in incident.visits:
            lines += step_lines(record, runbook, terminal)
        lines.append("")
    if incident.end:
        lines += _end_lines(incident.end, terminal)
    else:
        lines.append(_open_text(incident))
    return "\n".join(lines).rstrip() + "\n"


def step_lines(record: StepRecord, runbook: Runbook, terminal: Terminal) -> Iterator[str]:
    """Yield the lines of a step that was done, for a terminal."""
    step = runbook.step(record.step)
    result = terminal.state(record.outcome) if record.outcome else record.answer or "shown"
    codes = f"  {', '.join(record.findings)}" if record.findings else ""
    yield f"  {record.started[11:19]}  {step.id}: {step.title}  {result}{codes}"
    if step.tell:
        yield from wrap_paragraphs(step.text, terminal.width, " " * 12)
    for line in _open_lines(record.report):
        yield from wrap_paragraphs(line, terminal.width, " " * 12)


def _open_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield why probes reached no conclusion; of a verification, why each probe is not green."""
    repeated = RepeatedReasons()
    if data := report.get("verification"):
        verification = build(Verification, data)
        for probe, state, reason in () if verification.green else reasons(verification):
            yield f"{probe}: {repeated.text(state, reason)}" if probe else reason
        return
    for result in report.get("results", ()):
        if result["outcome"] in {"unknown", "error"}:
            yield repeated.text(f"{result['probe']}: ", result["reason"])


def _end_lines(end: End, terminal: Terminal) -> Iterator[str]:
    yield f"{terminal.paint(ENDED[end.kind], 'strong')}: {end.title}"
    if end.kind != "fix":
        yield from wrap_paragraphs(end.text, terminal.width, "  ")
    for fix in end.fixes:
        yield from ("", *diagnosis_lines(fix, terminal))


def _open_text(incident: Incident) -> str:
    last = incident.breaks[-1] if incident.breaks else None
    return f"Not ended: {last.what} at {last.step}" if last else "Not ended"


def markdown(incident: Incident, runbook: Runbook) -> str:
    """Return the whole incident as a page; text from servers and users is escaped."""
    lines = [f"# {escaped(incident.title)}: {escaped(', '.join(incident.targets))}", ""]
    lines += [f"- started: {incident.started} by {escaped(incident.who)}", f"- {_end_text(incident)}"]
    lines += [
        f"- runbook: `{incident.runbook}`, run {incident.run_id}, clearpay-doctor {incident.tool_version}"
    ]
    lines += ["", "All times are UTC.", "", "## What happened", "", *_timeline(incident, runbook)]
    lines += _end_section(incident.end)
    return "\n".join(lines).rstrip() + "\n"


def _end_text(incident: Incident) -> str:
    end = incident.end
    if not end:
        return f"{_open_text(incident)[:1].lower()}{_open_text(incident)[1:]}, exit code {incident.exit_code}"
    ended = f"{ENDED[end.kind][:1].lower()}{ENDED[end.kind][1:]}"
    return f"{ended}: {end.at}, {escaped(end.title)}, exit code {incident.exit_code}"


def _timeline(incident: Incident, runbook: Runbook) -> Iterator[str]:
    """Yield steps and interruptions in the order of time."""
    day = incident.started[:10]
    for number in range(len(incident.visits) + 1):
        if number:
            yield from (*_step_section(number, incident.visits[number - 1], runbook, day), "")
        breaks = [item for item in incident.breaks if item.after == number]
        lines = [line for item in breaks for line in _break_lines(item, incident)]
        yield from (*lines, "") if lines else ()


def _clock(time: str, day: str) -> str:
    """Return the time of day of an ISO time, with its date if that is not `day`."""
    return time[11:19] if time[:10] == day else f"{time[:10]} {time[11:19]}"


def _step_section(number: int, record: StepRecord, runbook: Runbook, day: str) -> Iterator[str]:
    step = runbook.step(record.step)
    yield f"### {number}. {escaped(step.title)}"
    yield ""
    times = f"{_clock(record.started, day)} to {_clock(record.ended, day)}"
    yield f"{times}, step `{step.id}`, {step.kind}, by {escaped(record.who)}."
    if step.tell:
        yield from ("", f"Shown: {escaped(' '.join(step.text.split()))}")
    if step.ask:
        yield from ("", f"Asked: {escaped(' '.join(step.text.split()))}")
        yield from ("", f"Answer: **{escaped(record.answer)}**, from {escaped(record.answered_by)}.")
    if record.outcome:
        codes = f": {', '.join(f'`{code}`' for code in record.findings)}" if record.findings else ""
        yield from ("", f"Checked {escaped(step.text)}. Outcome: **{record.outcome}**{codes}.")
        yield from _result_lines(record.report)


def _result_lines(report: Mapping[str, Any]) -> Iterator[str]:
    confirmed = [item for item in report.get("diagnoses", ()) if item["verdict"] == "confirmed"]
    lines = [
        f"- **{item['entry']}** on {escaped(item['target'])}: {escaped(item['sentence'])}"
        for item in confirmed
    ]
    repeated = RepeatedReasons()
    if report.get("verification"):
        lines += [f"- {escaped(repeated.text('', line))}" for line in _open_lines(report)]
    for result in report.get("results", ()):
        if result["outcome"] not in {"skipped", "blocked"}:
            reason = repeated.text(": ", result["reason"]) if result["reason"] else ""
            endpoint = code_span(result["endpoint"])
            lines.append(f"- {result['probe']} on {endpoint}: {result['outcome']}{escaped(reason)}")
        if result["outcome"] in WITH_EVIDENCE:
            evidence = [build(Evidence, item) for item in result["evidence"]]
            lines += [f"    - {code_span(evidence_line(item))}" for item in evidence]
    yield from ("", *lines) if lines else ()


def _break_lines(interruption: Break, incident: Incident) -> Iterator[str]:
    index = incident.breaks.index(interruption)
    if interruption.what == "resumed" and not _is_recorded(interruption, incident.breaks[:index]):
        yield "- nothing more was written: the run was killed, or its machine stopped"
    time = _clock(interruption.at, incident.started[:10])
    yield f"- {time}: {interruption.what} at step `{interruption.step}`, by {escaped(interruption.who)}"
    yield from (f"    {line}" for line in _result_lines(interruption.report) if line)


def _is_recorded(resumption: Break, before: Sequence[Break]) -> bool:
    """Return True if the log has the interruption that came before a resumption."""
    return bool(before) and before[-1].what != "resumed" and before[-1].after == resumption.after


def _end_section(end: End | None) -> Iterator[str]:
    if not end:
        return
    yield f"## {ENDED[end.kind]}: {escaped(end.title)}"
    yield ""
    if end.kind != "fix":
        yield escaped(end.text)
    for fix in end.fixes:
        yield from (*markdown_diagnosis(fix, level=3), "")
