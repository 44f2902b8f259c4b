"""Results and rounds of the report for a terminal."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from diagnostics.report.evidence_text import evidence_line, for_people
from diagnostics.report.formats.rounds import changes_over, codes_of
from diagnostics.report.head import folded, folded_text
from diagnostics.report.model import Report, Result
from diagnostics.report.repeated_reasons import RepeatedReasons
from diagnostics.terminal import Terminal
from kb.text.wrapping import wrap, wrap_paragraphs

SLOW_MS = 1000
"""Durations from here on are printed in seconds."""


def result_lines(report: Report, terminal: Terminal, repeated: RepeatedReasons) -> Iterator[str]:
    """Yield the results under a heading per endpoint; evidence of explained findings is not repeated."""
    explained = {diagnosis.finding for diagnosis in report.diagnoses if diagnosis.sentence}
    skipped = folded(report)
    heading = ""
    keys = {result.key for result in skipped}
    shown = [result for result in report.results if result.key not in keys]
    for (endpoint, blocker), group in groupby(shown, key=_group):
        if endpoint != heading:
            yield terminal.paint(endpoint, "strong")
            heading = endpoint
        results = list(group)
        if blocker and len(results) > 1:
            yield from _blocked(results, terminal)
            continue
        for result in results:
            codes = {finding.code for finding in result.findings}
            yield from _probe(result, terminal, repeated, evidence=not explained & codes)
    if skipped:
        yield from _with_state("skipped", f"  {folded_text(skipped)}", terminal)


def _group(result: Result) -> tuple[str, str]:
    """Return the heading of a result, and the probe that blocks it."""
    key = result.key
    heading = key.target if key.endpoint == key.target else f"{key.target}  {key.endpoint}".strip()
    return heading, result.blocked_by


def _blocked(results: Sequence[Result], terminal: Terminal) -> Iterator[str]:
    """Yield one line for the probes that the same one blocks."""
    names = ", ".join(result.key.probe for result in results)
    yield from _with_state("blocked", f" by {results[0].blocked_by}  {names}", terminal)


def _with_state(outcome: str, text: str, terminal: Terminal) -> Iterator[str]:
    """Yield the text after an outcome, wrapped as without colour."""
    plain = terminal._replace(colour=False).state(outcome)
    first, *rest = wrap(f"{plain}{text}", terminal.width, first="  ", hanging="    ")
    yield first.replace(plain, terminal.state(outcome), 1)
    yield from rest


def _probe(result: Result, terminal: Terminal, repeated: RepeatedReasons, *, evidence: bool) -> Iterator[str]:
    line = f"  {result.key.probe:<12} {terminal.state(result.outcome)}{_cause_or_duration(result, terminal)}"
    yield line + (f"  {_codes(result)}" if result.findings else "")
    if result.reason and not result.blocked_by:
        yield from wrapped(repeated.text("", result.reason), terminal, " " * 15)
    if evidence and result.outcome in {"fail", "warn", "unknown", "error"}:
        for item in for_people(item for item in result.evidence if item.ok is False):
            yield from wrapped(evidence_line(item), terminal, " " * 15)


def round_lines(report: Report, terminal: Terminal) -> Iterator[str]:
    """Yield the rounds of `--repeat`, one line each, then what changed over them."""
    if not report.rounds:
        return
    yield terminal.paint("Rounds", "strong") + "  above is the worst"
    for round_ in report.rounds:
        state = terminal.state(round_.outcome)
        yield f"  {round_.round:>4}  {round_.started[11:19]} UTC  {state}  {codes_of(round_)}".rstrip()
    for line in changes_over(report.rounds):
        yield from wrapped(line, terminal)


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


def wrapped(text: str, terminal: Terminal, indent: str = "  ", *, after: str = "") -> Iterator[str]:
    """Yield the text in lines of the terminal's width; `after` follows the last one."""
    *lines, last = wrap_paragraphs(text, terminal.width, indent)
    yield from lines
    yield f"{last}{after}"
