"""The report for a terminal: diagnoses with evidence and fix, then the outcomes of all probes."""

from collections.abc import Iterator

from diagnostics.report.blocks import (
    Block,
    Consequences,
    Fix,
    Heading,
    NextCommands,
    Page,
    Reasons,
    Statement,
    diagnosis_blocks,
)
from diagnostics.report.evidence_text import evidence_line
from diagnostics.report.formats.rounds import changes_over, codes_of
from diagnostics.report.model import UNMATCHED, Diagnosis, Report, Result
from diagnostics.terminal import Terminal
from kb.records.models import FixStep
from kb.text.wrapping import wrap, wrap_lines, wrap_paragraphs

INDENT = "    "
MAX_REASONS = 6
"""Reasons shown per diagnosis; the JSON document has all of them."""
SLOW_MS = 1000
"""Durations from here on are printed in seconds."""


def render(report: Report, terminal: Terminal) -> str:
    """Return the report as text in the width and the characters of the terminal."""
    lines = list(_unmatched(report, terminal))
    for diagnosis in report.diagnoses:
        if diagnosis.verdict != "ruled_out":
            lines += [*diagnosis_lines(diagnosis, terminal), ""]
    lines += _ruled_out(report, terminal)
    explained = {diagnosis.finding for diagnosis in report.diagnoses if diagnosis.sentence}
    lines += _probes(report, terminal, explained)
    lines += _rounds(report, terminal)
    lines += [terminal.paint(note, "dim") for note in report.notes]
    if not report.results and not report.diagnoses:
        lines.append("No probe ran.")
    return "\n".join(lines).rstrip("\n") + "\n"


def _unmatched(report: Report, terminal: Terminal) -> Iterator[str]:
    if not report.is_unmatched:
        return
    yield f"{terminal.state('unmatched')}  {terminal.paint(UNMATCHED, 'strong')}"
    if report.results:
        yield from _wrapped(
            "The probes ran all the same; what they say need not be about this text.", terminal
        )
    yield ""


def diagnosis_lines(diagnosis: Diagnosis, terminal: Terminal) -> Iterator[str]:
    """Yield the lines of one diagnosis: verdict, reasons, fix and next commands."""
    for block in diagnosis_blocks(diagnosis):
        yield from _block(block, terminal)


def _block(block: Block, terminal: Terminal) -> Iterator[str]:
    match block:
        case Heading(verdict, entry, target):
            place = f" on {target}" if target else ""
            yield f"{terminal.state(verdict)}  {terminal.paint(entry, 'strong')}{place}"
        case Statement(text):
            yield from _wrapped(text, terminal)
        case Reasons(stance, reasons):
            yield from _reasons(stance, reasons, terminal)
        case Consequences(entries):
            yield from _wrapped(f"Follows from it: {', '.join(entries)}", terminal)
        case Fix(steps):
            yield f"  {terminal.paint('Fix', 'strong')}"
            for number, step in enumerate(steps, 1):
                yield from _fix_step(number, step, terminal)
        case NextCommands(commands):
            yield from (f"  {terminal.paint('next', 'dim')}  {command}" for command in commands)
        case Page(url):
            yield f"  {terminal.paint('page', 'dim')}  {url}"


def _reasons(stance: str, reasons: tuple[str, ...], terminal: Terminal) -> Iterator[str]:
    for number, reason in enumerate(reasons[:MAX_REASONS]):
        label = terminal.paint(stance.ljust(8) if number == 0 else " " * 8, "dim")
        first, *rest = wrap(reason, terminal.width - 12, break_on_hyphens=True) or [""]
        yield f"  {label}{first}"
        yield from (f"{' ' * 10}{line}" for line in rest)


def _fix_step(number: int, step: FixStep, terminal: Terminal) -> Iterator[str]:
    mark = terminal.paint("changes", "warn") if step.changes else terminal.paint("reads only", "dim")
    yield from _wrapped(f"{number}. {step.title} ({step.kind})", terminal, after=f"  {mark}")
    yield from _code(step, terminal)
    if step.undo and step.changes:
        yield from _wrapped(f"Undo: {step.undo}", terminal, INDENT + "   ")


def _code(step: FixStep, terminal: Terminal) -> Iterator[str]:
    if step.kind == "manual":
        yield from wrap_lines(step.code, terminal.width, INDENT + "   ")
    else:
        yield from (f"{INDENT}   {line}" if line else "" for line in step.code.rstrip().splitlines())


def _ruled_out(report: Report, terminal: Terminal) -> list[str]:
    names = [diagnosis.entry for diagnosis in report.diagnoses if diagnosis.verdict == "ruled_out"]
    return [f"{terminal.state('ruled_out')}  {', '.join(names)}", ""] if names else []


def _probes(report: Report, terminal: Terminal, explained: set[str]) -> Iterator[str]:
    """Yield the results under a heading per endpoint; evidence of explained findings is not repeated."""
    heading = ""
    for result in report.results:
        endpoint = f"{result.key.target}  {result.key.endpoint}".strip()
        if result.key.endpoint == result.key.target:
            endpoint = result.key.target
        if endpoint != heading:
            yield terminal.paint(endpoint, "strong")
            heading = endpoint
        codes = {finding.code for finding in result.findings}
        yield from _probe(result, terminal, evidence=not explained & codes)


def _probe(result: Result, terminal: Terminal, *, evidence: bool) -> Iterator[str]:
    line = f"  {result.key.probe:<12} {terminal.state(result.outcome)}{_cause_or_duration(result, terminal)}"
    yield line + (f"  {_codes(result)}" if result.findings else "")
    if result.reason and not result.blocked_by:
        yield from _wrapped(result.reason, terminal, " " * 15)
    if evidence and result.outcome in {"fail", "warn", "unknown", "error"}:
        for item in result.evidence:
            if item.ok is False:
                yield from _wrapped(evidence_line(item), terminal, " " * 15)


def _rounds(report: Report, terminal: Terminal) -> Iterator[str]:
    if not report.rounds:
        return
    yield terminal.paint("Rounds", "strong") + "  above is the worst"
    for round_ in report.rounds:
        state = terminal.state(round_.outcome)
        yield f"  {round_.round:>4}  {round_.started[11:19]} UTC  {state}  {codes_of(round_)}".rstrip()
    for line in changes_over(report.rounds):
        yield from _wrapped(line, terminal)


def _cause_or_duration(result: Result, terminal: Terminal) -> str:
    """Return what follows the outcome: the probe that blocked this one, or the duration."""
    if result.blocked_by:
        return f" by {result.blocked_by}"
    if not result.ms or result.outcome == "skipped":
        return ""
    duration = f"{result.ms / 1000:6.1f} s" if result.ms >= SLOW_MS else f"{result.ms:6.0f} ms"
    return " " * (9 - len(result.outcome)) + terminal.paint(duration, "dim")


def _codes(result: Result) -> str:
    return ", ".join(finding.code for finding in result.findings)


def _wrapped(text: str, terminal: Terminal, indent: str = "  ", *, after: str = "") -> Iterator[str]:
    *lines, last = wrap_paragraphs(text, terminal.width, indent)
    yield from lines
    yield f"{last}{after}"
