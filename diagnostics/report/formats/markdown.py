"""The report as Markdown for a ticket; text from outside is escaped and never acts as markup."""

from collections.abc import Iterator, Sequence

from diagnostics.report.blocks import (
    Block,
    Consequences,
    Fix,
    Heading,
    ManualCheck,
    NextCommands,
    Page,
    Reasons,
    Statement,
    diagnosis_blocks,
)
from diagnostics.report.evidence_text import evidence_line, for_people
from diagnostics.report.fix_record import FixRecord
from diagnostics.report.fix_text import CODE, state_text, step_lines, summary
from diagnostics.report.formats.rounds import changes_over, codes_of
from diagnostics.report.formats.story_markdown import story_lines
from diagnostics.report.head import RESULTS_WITHOUT_MATCH, beside_story, folded, folded_text, target_lines
from diagnostics.report.model import UNMATCHED, Diagnosis, Report, Result, Verification
from diagnostics.report.repeated_reasons import RepeatedReasons
from diagnostics.report.verification_text import reasons, state_of
from diagnostics.terminal import Terminal
from kb.records.fixes.ways import alternatives
from kb.records.models import CheckStep, FixStep
from kb.text.commands import language_of
from kb.text.markdown import code_block, code_span, escaped, prose

LANGUAGES = {"sql": "sql", "python": "python", "shell": "sh"}


def render(report: Report, _: Terminal) -> str:
    """Return the report as one Markdown page."""
    repeated = RepeatedReasons()
    unmatched = f": {UNMATCHED[:1].lower()}{UNMATCHED[1:-1]}" if report.is_unmatched else ""
    lines = [f"# clearpay-doctor {report.tool_version}: run {report.run_id}{unmatched}", ""]
    lines += [f"{label.capitalize()}: {escaped(text)}  " for label, text in target_lines(report)]
    lines += [f"Started {report.started}. Exit code {report.exit_code}.", ""]
    if report.is_unmatched and report.results:
        lines += [RESULTS_WITHOUT_MATCH, ""]
    if report.verification and not (report.story and report.verification.green):
        lines += [*_verification(report.verification, repeated), ""]
    if report.story:
        lines += [*story_lines(report.story, _fix_step), ""]
    if report.fix:
        lines += [*_fix(report.fix), ""]
    for diagnosis in beside_story(report):
        lines += [*diagnosis_lines(diagnosis), ""]
    skipped = folded(report)
    keys = {result.key for result in skipped}
    results = [result for result in report.results if result.key not in keys]
    lines += _table(results, repeated)
    if skipped:
        lines += [f"Skipped: {folded_text(skipped)}.", ""]
    for result in results:
        lines += _evidence(result)
    lines += _rounds(report)
    lines += [f"- {escaped(note)}" for note in report.notes]
    return "\n".join(lines).rstrip("\n") + "\n"


def _verification(verification: Verification, repeated: RepeatedReasons) -> Iterator[str]:
    yield f"## {state_of(verification).replace('_', ' ').capitalize()}: {verification.entry}"
    if verification.green:
        return
    yield ""
    for probe, state, reason in reasons(verification):
        name = f"`{probe}`: " if probe else ""
        yield f"- {name}{escaped(repeated.text(state, reason))}"
    yield from _manual_check(verification.manual_check)


def _fix(record: FixRecord) -> Iterator[str]:
    yield from (f"## Fix of {record.finding or record.entry}: {escaped(summary(record))}", "")
    if record.sentence:
        yield from (prose(record.sentence), "")
    if record.evidence:
        yield from ("**Confirmed by**", "", *(f"- {escaped(line)}" for line in record.evidence), "")
    for number, step in enumerate(record.steps, 1):
        yield from (f"**Step {number}:** {prose(step.title)}: {escaped(state_text(step))}", "")
        for label, text in step_lines(step):
            code = label in CODE
            yield from (
                (code_block(text, LANGUAGES.get(step.kind, "")), "")
                if code
                else (f"{label}: {prose(text)}", "")
            )


def diagnosis_lines(diagnosis: Diagnosis, *, level: int = 2) -> Iterator[str]:
    """Yield the lines of one diagnosis, under a heading of that level."""
    for block in diagnosis_blocks(diagnosis):
        yield from _block(block, level)


def _block(block: Block, level: int) -> Iterator[str]:
    match block:
        case Heading(verdict, entry, _, url):
            name = f"[{entry}]({url})" if url else entry
            yield from (f"{'#' * level} {verdict.replace('_', ' ').capitalize()}: {name}", "")
        case Statement(text):
            yield prose(text)
        case Reasons(stance, reasons):
            title = f"**{stance.capitalize()}**"
            yield from ("", title, "", *(f"- {escaped(reason)}" for reason in reasons))
        case Fix(steps):
            for number, step in enumerate(steps, 1):
                yield from _fix_step(number, step)
        case ManualCheck(steps):
            yield from _manual_check(steps)
        case NextCommands(commands):
            yield from ("", "**Next**", "", code_block("\n".join(commands), "sh"))
        case Consequences() | Page():
            pass  # the heading links to the page; consequences are left to the JSON document


def _manual_check(steps: Sequence[CheckStep]) -> Iterator[str]:
    if steps:
        yield from ("", "**Check by hand**")
    for number, step in enumerate(steps, 1):
        yield from ("", f"{number}. {prose(step.do)}")
        if step.run:
            yield from ("", code_block(step.run, language_of(step.run)))


def _fix_step(number: int, step: FixStep) -> Iterator[str]:
    yield from ("", f"**Fix {number}:** {prose(step.title)}", "")
    if not step.ways:
        yield from _code(step)
    for platform, way in alternatives(step):
        yield from (f"*On {platform}:*", "", *_code(way), "")
    if step.rights:
        yield from ("", f"Rights needed: {prose(step.rights)}")
    if step.examples:
        yield from ("", f"Example values: {prose('; '.join(step.examples))}")


def _code(step: FixStep) -> Iterator[str]:
    yield prose(step.code) if step.kind == "manual" else code_block(step.code, LANGUAGES.get(step.kind, ""))
    if step.changes:
        yield from ("", f"Undo: {prose(step.undo)}")


def _table(results: Sequence[Result], repeated: RepeatedReasons) -> Iterator[str]:
    if not results:
        return
    yield "| target | endpoint | probe | outcome | findings | reason |"
    yield "|---|---|---|---|---|---|"
    for result in results:
        codes = ", ".join(finding.code for finding in result.findings)
        cells = (
            result.key.target,
            result.key.endpoint,
            result.key.probe,
            result.outcome,
            codes,
            repeated.text("", result.reason),
        )
        yield f"| {' | '.join(escaped(cell) for cell in cells)} |"
    yield ""


def _evidence(result: Result) -> Iterator[str]:
    if not result.evidence:
        return
    yield f"### {result.key.probe} on {escaped(result.key.endpoint)}"
    yield ""
    yield from (f"- {code_span(evidence_line(item))}" for item in for_people(result.evidence))
    yield ""


def _rounds(report: Report) -> Iterator[str]:
    if not report.rounds:
        return
    yield from ("### Rounds", "", "Above is the worst of them.", "")
    yield from ("| round | started | outcome | findings |", "|---|---|---|---|")
    for round_ in report.rounds:
        yield f"| {round_.round} | {round_.started} | {round_.outcome} | {escaped(codes_of(round_))} |"
    yield from ("", *(f"- {escaped(line)}" for line in changes_over(report.rounds)), "")
