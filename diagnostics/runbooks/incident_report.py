"""An incident for people: for one who was there, on a terminal, and for one who was not, as Markdown."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from diagnostics.engine.events import Evidence
from diagnostics.report.evidence_text import evidence_line
from diagnostics.report.formats.human import diagnosis_lines
from diagnostics.report.formats.markdown import diagnosis_lines as markdown_diagnosis
from diagnostics.runbooks.incident import Break, End, Incident, document
from diagnostics.terminal import Terminal
from kb.records.dataclass_io import build
from kb.runbook_model.advance import StepRecord
from kb.runbook_model.model import Runbook
from kb.text.markdown import code_span, escaped
from kb.text.wrapping import wrapped

ENDED = {"fix": "Ended in a fix", "escalate": "Ended in an escalation", "green": "Ended green"}
TELLING = frozenset({"fail", "warn", "unknown", "error"})
"""Outcomes whose evidence is shown; the JSON document has all of it."""


def json_text(incident: Incident) -> str:
    """The incident as one document."""
    return json.dumps(document(incident), indent=2, ensure_ascii=False) + "\n"


def human(incident: Incident, runbook: Runbook, terminal: Terminal, *, way: bool = True) -> str:
    """The way that was gone, a line for each step, and how it ended; the end alone without `way`."""
    lines: list[str] = []
    if way:
        lines.append(f"{terminal.paint(incident.title, 'strong')}  {', '.join(incident.targets)}")
        for visit in incident.visits:
            lines += visit_lines(visit, runbook, terminal)
        lines.append("")
    if incident.end:
        lines += _end_lines(incident.end, terminal)
    else:
        lines.append(_open(incident))
    return "\n".join(lines).rstrip() + "\n"


def visit_lines(visit: StepRecord, runbook: Runbook, terminal: Terminal) -> Iterator[str]:
    """A step that was done, as lines for a terminal."""
    step = runbook.step(visit.step)
    came = terminal.state(visit.outcome) if visit.outcome else visit.answer or "told"
    codes = f"  {', '.join(visit.findings)}" if visit.findings else ""
    yield f"  {visit.started[11:19]}  {step.id}: {step.title}  {came}{codes}"
    if step.tell:
        yield from wrapped(step.text, terminal.width, " " * 12)
    for result in visit.report.get("results", ()):
        if result["outcome"] in {"unknown", "error"}:
            yield from wrapped(f"{result['probe']}: {result['reason']}", terminal.width, " " * 12)


def _end_lines(end: End, terminal: Terminal) -> Iterator[str]:
    yield f"{terminal.paint(ENDED[end.kind], 'strong')}: {end.title}"
    if end.kind != "fix":
        yield from wrapped(end.text, terminal.width, "  ")
    for fix in end.fixes:
        yield from ("", *diagnosis_lines(fix, terminal))


def _open(incident: Incident) -> str:
    last = incident.breaks[-1] if incident.breaks else None
    return f"Not ended: {last.what} at {last.step}" if last else "Not ended"


def markdown(incident: Incident, runbook: Runbook) -> str:
    """The whole incident as one page; outside text is shown, never obeyed."""
    lines = [f"# {escaped(incident.title)}: {escaped(', '.join(incident.targets))}", ""]
    lines += [f"- began: {incident.started} by {escaped(incident.who)}", f"- {_ended(incident)}"]
    lines += [
        f"- runbook: `{incident.runbook}`, run {incident.run_id}, clearpay-doctor {incident.tool_version}"
    ]
    lines += ["", "All times are UTC.", "", "## What happened", "", *_story(incident, runbook)]
    lines += _outcome(incident.end)
    return "\n".join(lines).rstrip() + "\n"


def _ended(incident: Incident) -> str:
    end = incident.end
    if not end:
        return f"{_open(incident)[:1].lower()}{_open(incident)[1:]}, exit code {incident.exit_code}"
    said = f"{ENDED[end.kind][:1].lower()}{ENDED[end.kind][1:]}"
    return f"{said}: {end.at}, {escaped(end.title)}, exit code {incident.exit_code}"


def _story(incident: Incident, runbook: Runbook) -> Iterator[str]:
    """Steps and interruptions in the order in which they were."""
    day = incident.started[:10]
    for number in range(len(incident.visits) + 1):
        if number:
            yield from (*_visit(number, incident.visits[number - 1], runbook, day), "")
        lines = [line for one in incident.breaks if one.after == number for line in _break(one, incident)]
        yield from (*lines, "") if lines else ()


def _clock(moment: str, day: str) -> str:
    """A time of day, with its day where that is not the one on which the run began."""
    return moment[11:19] if moment[:10] == day else f"{moment[:10]} {moment[11:19]}"


def _visit(number: int, visit: StepRecord, runbook: Runbook, day: str) -> Iterator[str]:
    step = runbook.step(visit.step)
    yield f"### {number}. {escaped(step.title)}"
    yield ""
    times = f"{_clock(visit.started, day)} to {_clock(visit.ended, day)}"
    yield f"{times}, step `{step.id}`, {step.kind}, by {escaped(visit.who)}."
    if step.tell:
        yield from ("", f"Told: {escaped(' '.join(step.text.split()))}")
    if step.ask:
        yield from ("", f"Asked: {escaped(' '.join(step.text.split()))}")
        yield from ("", f"Answer: **{escaped(visit.answer)}**, from {escaped(visit.answered_by)}.")
    if visit.outcome:
        said = f": {', '.join(f'`{code}`' for code in visit.findings)}" if visit.findings else ""
        yield from ("", f"Looked at {escaped(step.text)}. Outcome: **{visit.outcome}**{said}.")
        yield from _results(visit.report)


def _results(report: Mapping[str, Any]) -> Iterator[str]:
    told = [one for one in report.get("diagnoses", ()) if one["verdict"] == "confirmed"]
    lines = [f"- **{one['entry']}** on {escaped(one['target'])}: {escaped(one['sentence'])}" for one in told]
    for result in report.get("results", ()):
        if result["outcome"] not in {"skipped", "blocked"}:
            reason = f": {result['reason']}" if result["reason"] else ""
            where = code_span(result["endpoint"])
            lines.append(f"- {result['probe']} on {where}: {result['outcome']}{escaped(reason)}")
        if result["outcome"] in TELLING:
            shown = [build(Evidence, item) for item in result["evidence"]]
            lines += [f"    - {code_span(evidence_line(item))}" for item in shown]
    yield from ("", *lines) if lines else ()


def _break(one: Break, incident: Incident) -> Iterator[str]:
    place = incident.breaks.index(one)
    before = incident.breaks[place - 1] if place else None
    if one.what == "resumed" and (not before or before.what == "resumed" or before.after != one.after):
        yield "- then nothing more was written: the run was killed, or its machine stopped"
    when = _clock(one.at, incident.started[:10])
    yield f"- {when}: {one.what} at step `{one.step}`, by {escaped(one.who)}"
    yield from (f"    {line}" for line in _results(one.report) if line)


def _outcome(end: End | None) -> Iterator[str]:
    if not end:
        return
    yield f"## {ENDED[end.kind]}: {escaped(end.title)}"
    yield ""
    if end.kind != "fix":
        yield escaped(end.text)
    for fix in end.fixes:
        yield from (f"#{line}" if line.startswith("## ") else line for line in markdown_diagnosis(fix))
        yield ""
