"""The report for a ticket: Markdown that shows outside text as it is, never as markup."""

from collections.abc import Iterator

from diagnostics.report.evidence_text import evidence_line
from diagnostics.report.formats.rounds import came_and_went, codes_of
from diagnostics.report.model import Diagnosis, Report, Result
from diagnostics.terminal import Terminal
from kb.text.markdown import code_block, code_span, escaped

LANGUAGES = {"sql": "sql", "python": "python", "shell": "sh"}


def render(report: Report, _: Terminal) -> str:
    """The whole report."""
    lines = [f"# clearpay-doctor {report.tool_version}: run {report.run_id}", ""]
    lines += [f"Started {report.started}. Exit code {report.exit_code}.", ""]
    for diagnosis in report.diagnoses:
        lines += [*diagnosis_lines(diagnosis), ""]
    lines += _table(report)
    for result in report.results:
        lines += _evidence(result)
    lines += _rounds(report)
    lines += [f"- {escaped(note)}" for note in report.notes]
    return "\n".join(lines).rstrip("\n") + "\n"


def diagnosis_lines(diagnosis: Diagnosis) -> Iterator[str]:
    """One diagnosis with its proof and its fix, under a heading of its own."""
    name = f"[{diagnosis.entry}]({diagnosis.url})" if diagnosis.url else diagnosis.entry
    yield f"## {diagnosis.verdict.replace('_', ' ').capitalize()}: {name}"
    yield ""
    yield escaped(diagnosis.sentence or diagnosis.title)
    for word, reasons in (("For", diagnosis.for_), ("Against", diagnosis.against)):
        if reasons:
            yield from ("", f"**{word}**", "", *(f"- {escaped(reason)}" for reason in reasons))
    for number, step in enumerate(diagnosis.fix, 1):
        yield from ("", f"**Fix {number}:** {escaped(step.title)}", "")
        yield escaped(step.code) if step.kind == "manual" else code_block(step.code, LANGUAGES[step.kind])
        if step.changes:
            yield from ("", f"Undo: {escaped(step.undo)}")
    if diagnosis.next:
        yield from ("", "**Next**", "", code_block("\n".join(diagnosis.next), "sh"))


def _table(report: Report) -> Iterator[str]:
    if not report.results:
        return
    yield "| target | endpoint | probe | outcome | findings | reason |"
    yield "|---|---|---|---|---|---|"
    for result in report.results:
        codes = ", ".join(finding.code for finding in result.findings)
        cells = (
            result.key.target,
            result.key.endpoint,
            result.key.probe,
            result.outcome,
            codes,
            result.reason,
        )
        yield f"| {' | '.join(escaped(cell) for cell in cells)} |"
    yield ""


def _evidence(result: Result) -> Iterator[str]:
    if not result.evidence:
        return
    yield f"### {result.key.probe} on {escaped(result.key.endpoint)}"
    yield ""
    yield from (f"- {code_span(evidence_line(item))}" for item in result.evidence)
    yield ""


def _rounds(report: Report) -> Iterator[str]:
    if not report.rounds:
        return
    yield from ("### Rounds", "", "Above is the worst of them.", "")
    yield from ("| round | started | outcome | findings |", "|---|---|---|---|")
    for one in report.rounds:
        yield f"| {one.round} | {one.started} | {one.outcome} | {escaped(codes_of(one))} |"
    yield from ("", *(f"- {escaped(line)}" for line in came_and_went(report.rounds)), "")
