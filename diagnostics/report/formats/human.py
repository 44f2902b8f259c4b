"""The report for a terminal: diagnoses with evidence and fix, then the outcomes of all probes."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

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
from diagnostics.report.formats.human_results import result_lines, round_lines, wrapped
from diagnostics.report.formats.story_human import story_lines
from diagnostics.report.head import RESULTS_WITHOUT_MATCH, beside_story, target_lines
from diagnostics.report.model import UNMATCHED, Diagnosis, Report, Verification
from diagnostics.report.repeated_reasons import RepeatedReasons
from diagnostics.report.verification_text import reasons as verification_reasons
from diagnostics.report.verification_text import state_of
from diagnostics.terminal import Terminal
from kb.records.fixes.ways import alternatives
from kb.records.models import CheckStep, FixStep
from kb.text.wrapping import wrap, wrap_lines

INDENT = "    "
MAX_REASONS = 6
"""Reasons shown per diagnosis; the JSON document has all of them."""
_RESULT: Final = re.compile(r"(\S+ ended \w+(?: with [\w., ]+)?: )(.+)")
"""A reason against an entry that is the result of a probe, in two groups: the outcome, and its reason."""


def render(report: Report, terminal: Terminal) -> str:
    """Return the report as text in the width and the characters of the terminal."""
    repeated = RepeatedReasons()
    lines = [*_head(report, terminal), ""]
    if report.verification and not (report.story and report.verification.green):
        lines += [*_verification(report.verification, terminal, repeated), ""]
    if report.story:
        lines += [*story_lines(report.story, terminal, _fix_step), ""]
    if report.fix:
        from diagnostics.report.formats.fix_lines import fix_lines  # noqa: PLC0415  only `fix` has one

        lines += [*fix_lines(report.fix, terminal), ""]
    for diagnosis in beside_story(report):
        if diagnosis.verdict != "ruled_out":
            lines += [*diagnosis_lines(diagnosis, terminal, repeated), ""]
    lines += _ruled_out(report, terminal)
    lines += result_lines(report, terminal, repeated)
    lines += round_lines(report, terminal)
    lines += [terminal.paint(note, "dim") for note in report.notes]
    if not report.results:
        lines.append("No probe ran." if report.targets else "No probe ran: no target was named.")
    return "\n".join(lines).strip("\n") + "\n"


def _head(report: Report, terminal: Terminal) -> Iterator[str]:
    """Yield the first lines: a text without a match, then the targets."""
    if report.is_unmatched:
        yield f"{terminal.state('unmatched')}  {terminal.paint(UNMATCHED, 'strong')}"
        if report.results:
            yield from wrapped(RESULTS_WITHOUT_MATCH, terminal)
    yield from (f"{terminal.paint(label.ljust(6), 'dim')}  {text}" for label, text in target_lines(report))


def _verification(verification: Verification, terminal: Terminal, repeated: RepeatedReasons) -> Iterator[str]:
    yield f"{terminal.state(state_of(verification))}  {terminal.paint(verification.entry, 'strong')}"
    if verification.green:
        return
    for probe, state, reason in verification_reasons(verification):
        first, *rest = wrap(repeated.text(state, reason), terminal.width - 15) or [""]
        yield f"  {probe:<12} {first}" if probe else f"  {first}"
        yield from (f"{' ' * (15 if probe else 2)}{line}" for line in rest)
    yield from _manual_check(verification.manual_check, terminal)


def diagnosis_lines(
    diagnosis: Diagnosis, terminal: Terminal, repeated: RepeatedReasons | None = None
) -> Iterator[str]:
    """Yield the lines of one diagnosis: verdict, reasons, fix and next commands.

    Reasons of results that `repeated` has are not printed again.
    """
    for block in diagnosis_blocks(diagnosis):
        yield from _block(block, terminal, repeated or RepeatedReasons())


def _block(block: Block, terminal: Terminal, repeated: RepeatedReasons) -> Iterator[str]:
    match block:
        case Heading(verdict, entry, target):
            place = f" on {target}" if target else ""
            yield f"{terminal.state(verdict)}  {terminal.paint(entry, 'strong')}{place}"
        case Statement(text):
            yield from wrapped(text, terminal)
        case Reasons(stance, lines):
            yield from _reasons(stance, lines, terminal, repeated)
        case Consequences(entries):
            yield from wrapped(f"Follows from it: {', '.join(entries)}", terminal)
        case Fix(steps):
            yield f"  {terminal.paint('Fix', 'strong')}"
            for number, step in enumerate(steps, 1):
                yield from _fix_step(number, step, terminal)
        case ManualCheck(steps):
            yield from _manual_check(steps, terminal)
        case NextCommands(commands):
            yield from (f"  {terminal.paint('next', 'dim')}  {command}" for command in commands)
        case Page(url):
            yield f"  {terminal.paint('page', 'dim')}  {url}"


def _manual_check(steps: Sequence[CheckStep], terminal: Terminal) -> Iterator[str]:
    if steps:
        yield f"  {terminal.paint('Check by hand', 'strong')}"
    for number, step in enumerate(steps, 1):
        yield from wrapped(f"{number}. {step.do}", terminal)
        yield from (f"{INDENT}   {line}" for line in step.run.splitlines())


def _reasons(
    stance: str, lines: tuple[str, ...], terminal: Terminal, repeated: RepeatedReasons
) -> Iterator[str]:
    for number, line in enumerate(lines[:MAX_REASONS]):
        label = terminal.paint(stance.ljust(8) if number == 0 else " " * 8, "dim")
        first, *rest = wrap(_shortened(line, repeated), terminal.width - 12, break_on_hyphens=True) or [""]
        yield f"  {label}{first}"
        yield from (f"{' ' * 10}{line}" for line in rest)


def _shortened(line: str, repeated: RepeatedReasons) -> str:
    result = _RESULT.fullmatch(line)
    return repeated.text(result[1], result[2]) if result else line


def _fix_step(number: int, step: FixStep, terminal: Terminal) -> Iterator[str]:
    mark = terminal.paint("changes", "warn") if step.changes else terminal.paint("reads only", "dim")
    yield from wrapped(f"{number}. {step.title} ({step.kind})", terminal, after=f"  {mark}")
    indent = f"{INDENT}   "
    if not step.ways:
        yield from _code(step, terminal, indent)
    for platform, way in alternatives(step):
        yield f"{indent}{terminal.paint(f'{platform}:', 'dim')}"
        yield from _code(way, terminal, f"{indent}  ")
    if step.rights:
        yield from wrapped(f"Rights needed: {step.rights}", terminal, indent)
    if step.examples:
        yield from wrapped(f"Example values: {'; '.join(step.examples)}", terminal, indent)


def _code(step: FixStep, terminal: Terminal, indent: str) -> Iterator[str]:
    if step.kind in {"manual", "message"}:
        yield from wrap_lines(step.code, terminal.width, indent, rejoin=step.kind == "manual")
    else:
        yield from (f"{indent}{line}" if line else "" for line in step.code.rstrip().splitlines())
    if step.undo and step.changes:
        yield from wrapped(f"Undo: {step.undo}", terminal, indent)


def _ruled_out(report: Report, terminal: Terminal) -> list[str]:
    names = [diagnosis.entry for diagnosis in beside_story(report) if diagnosis.verdict == "ruled_out"]
    return [f"{terminal.state('ruled_out')}  {', '.join(names)}", ""] if names else []
