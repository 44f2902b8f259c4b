"""Lines of panes: an entry, a diagnosis, a result, a fix. Pure functions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.report import blocks
from diagnostics.report.evidence_text import evidence_line
from diagnostics.report.model import Diagnosis, Result
from kb.matching.matcher import Match
from kb.records.fixes.ways import alternatives
from kb.records.models import CheckStep, Entry, FixStep
from kb.records.placeholders import fill_text
from kb.rendering.sections import Block, Bullets, CheckBlock, Code, FixBlock, Heading, Prose, Section, Table
from tui.style.theme import Symbols
from tui.widgets.pane import Line

if TYPE_CHECKING:
    from diagnostics.terminal import Role


def entry_lines(entry: Entry, parts: Iterable[Section]) -> Iterator[Line]:
    """Yield the lines of a whole entry."""
    yield Line(entry.title, "strong")
    yield Line(f"{entry.id} · {entry.layer} · severity {entry.severity}", "dim")
    yield Line()
    yield Line(entry.summary)
    for section in parts:
        yield Line()
        yield Line(section.title, "good")
        for block in section.blocks:
            yield from block_lines(block)


def block_lines(block: Block) -> Iterator[Line]:
    """Yield the lines of one block of a section."""
    match block:
        case Prose(text):
            yield from (Line(part, indent="   ") for part in text.strip().split("\n\n"))
        case Heading(text):
            yield Line(text, "strong", "   ")
        case Bullets(items):
            yield from (Line(f"- {item}", indent="   ", hang=2) for item in items)
        case Code(text, language, caption):
            yield from [Line(f"{caption}:", "dim", "   ")] if caption else []
            yield from command_lines(text) if language else code_lines(text)
        case Table(_, rows):
            for row in rows:
                yield Line(row[0], "strong", "   ")
                yield from (Line(cell, indent="     ") for cell in row[1:])
        case CheckBlock(steps):
            yield from check_lines(steps)
        case FixBlock(number, step):
            yield from step_lines(number, step)


def code_lines(text: str) -> Iterator[Line]:
    """Yield the lines of a program's output; their spaces are kept."""
    yield from (Line(line, None, "     ", "code") for line in text.rstrip().splitlines())


def command_lines(text: str) -> Iterator[Line]:
    """Yield the lines of a command or a program, which are never broken."""
    yield from (Line(line, None, "     ", "command") for line in text.rstrip().splitlines())


def step_lines(number: int, step: FixStep) -> Iterator[Line]:
    """Yield the lines of one step of a fix, with its kind and its undo. Steps are shown, never executed."""
    changes: tuple[str, Role] = ("changes something", "warn") if step.changes else ("only reads", "dim")
    yield Line(f"{number}. {step.title}", "strong", hang=3)
    yield Line(f"{step.kind}, {changes[0]}", changes[1], "    ")
    if not step.ways:
        yield from _code_lines(step)
    for platform, way in alternatives(step):
        yield Line(f"{platform}:", "dim", "    ")
        yield from _code_lines(way)
    if step.rights:
        yield Line(f"Rights needed: {step.rights}", "dim", "    ")
    if step.why_manual:
        yield Line(f"Why by hand: {step.why_manual}", "dim", "    ")
    if step.examples:
        yield Line(f"Example values: {'; '.join(step.examples)}", "dim", "    ")


def _code_lines(step: FixStep) -> Iterator[Line]:
    if step.kind in {"manual", "message"}:
        yield Line(step.code.strip(), None, "    ", "list")
    else:
        yield from command_lines(step.code)
    if step.changes:
        yield Line(f"Undo: {step.undo}", "dim", "    ")


def check_lines(steps: Sequence[CheckStep]) -> Iterator[Line]:
    """Yield the numbered steps of a manual check with their commands."""
    for number, step in enumerate(steps, 1):
        yield Line(f"{number}. {step.do}" if len(steps) > 1 else step.do, indent="   ")
        yield from command_lines(step.run) if step.run else []


def is_from_probe(reason: str) -> bool:
    """Return True if a reason of a diagnosis is from a probe, False if it is from the text."""
    return not reason.startswith("text: ")


def diagnosis_lines(
    diagnosis: Diagnosis, symbols: Symbols, text_match: Match | None = None, hint: str = ""
) -> Iterator[Line]:
    """Yield the lines of a diagnosis: verdict, sentence, key hint, reasons for and against."""
    for block in blocks.diagnosis_blocks(diagnosis):
        match block:
            case blocks.Heading(verdict, entry, target):
                word, role = symbols.state(verdict)
                where = f" on {target}" if target else ""
                score = f" · score {text_match.score:.2f}" if text_match else ""
                yield Line(f"{word}: {entry}{where}{score}", role)
            case blocks.Statement(text):
                yield Line(text, "strong" if diagnosis.sentence else None)
                yield from [Line(hint, "good")] if hint else []
            case blocks.Reasons("for", reasons):
                by_probe_first = sorted(reasons, key=is_from_probe, reverse=True)
                yield from (Line(f"for      {reason}", hang=9) for reason in by_probe_first)
            case blocks.Reasons("against", reasons):
                yield from (Line(f"against  {reason}", "dim", hang=9) for reason in reasons)
            case blocks.ManualCheck(steps):
                for number, step in enumerate(steps, 1):
                    yield Line(f"by hand  {number}. {step.do}", hang=9)
                    yield from (Line(f"         {line}", hang=9) for line in step.run.splitlines())
            case blocks.Consequences(entries):
                yield Line(f"Follows from it: {', '.join(entries)}")
            case _:  # the pane of the fix, the line of keys and the page have their own place on the screen
                pass


def fix_lines(diagnosis: Diagnosis) -> Iterator[Line]:
    """Yield the lines of a fix, then the keys to copy and to verify it."""
    yield Line(diagnosis.statement, "strong")
    for number, step in enumerate(diagnosis.fix, 1):
        yield from step_lines(number, step)
    yield Line("y copies it. Nothing is executed here. v verifies until it is green.", "dim")


def result_lines(
    result: Result, catalogue: Catalogue, values: Mapping[str, str], symbols: Symbols
) -> Iterator[Line]:
    """Yield the lines of a probe's result: steps, evidence, and the meaning of its findings."""
    word, role = symbols.state(result.outcome)
    duration = f" after {result.ms:.0f} ms" if result.ms else ""
    yield Line(f"{result.key.probe}: {word}{duration}  on {result.key.endpoint}", role)
    for step in result.steps:
        yield Line(f"{step.name.ljust(14)} {step.ms:8.1f} ms  {step.detail}")
    for item in result.evidence:
        shade: Role | None
        mark, shade = ("      ", None) if item.ok is None else symbols.state("pass" if item.ok else "fail")
        yield Line(f"{mark}  {evidence_line(item)}", shade, hang=8)
    if result.reason:
        yield Line(f"reason   {result.reason}", "warn", hang=9)
    for finding in result.findings:
        claim = catalogue.claims.get(finding.code)
        if claim:
            yield Line(
                f"means    {fill_text(claim.cause.sentence, values)} ({finding.code})", "strong", hang=9
            )
    if not result.findings and result.outcome == "pass":
        yield Line("means    none of the errors that this probe can find", "good")


def plain_text(lines: Sequence[Line]) -> str:
    """Return lines as text for a clipboard or a file."""
    return (
        "\n".join(
            f"{line.indent if line.shape in {'code', 'command'} else ''}{line.text}" for line in lines
        ).strip()
        + "\n"
    )
