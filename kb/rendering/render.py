"""Renderers of an entry's sections: Markdown and plain text."""

from collections.abc import Iterable, Iterator, Sequence

from kb.records.fixes.ways import alternatives
from kb.records.models import CheckStep, Entry, FixStep
from kb.rendering.sections import Block, Bullets, CheckBlock, Code, FixBlock, Heading, Prose, Section, Table
from kb.text.commands import language_of
from kb.text.markdown import code_block, escaped, prose
from kb.text.wrapping import wrap_lines, wrap_paragraphs

CODE_LANGUAGES = {"sql": "sql", "python": "python", "shell": "sh", "manual": "", "message": ""}


def to_markdown(entry: Entry, entry_sections: Iterable[Section]) -> str:
    """Render an entry as one Markdown page."""
    lines = [f"# {escaped(entry.title)}", "", f"`{entry.id}` · {entry.layer} · severity {entry.severity}", ""]
    lines += [prose(entry.summary.strip()), ""]
    for section in entry_sections:
        lines += [f"## {section.title}", ""]
        for block in section.blocks:
            lines += [*_markdown(block), ""]
    return "\n".join(lines).rstrip() + "\n"


def to_text(entry: Entry, entry_sections: Iterable[Section], width: int = 80) -> str:
    """Render an entry as plain text of at most `width` columns; code is not wrapped."""
    lines = [entry.title, f"{entry.id} · {entry.layer} · severity {entry.severity}", ""]
    lines += wrap_paragraphs(entry.summary, width, "")
    for section in entry_sections:
        lines += ["", section.title.upper()]
        for block in section.blocks:
            lines += _text(block, width)
    return "\n".join(lines).rstrip() + "\n"


def _markdown(block: Block) -> Iterator[str]:
    match block:
        case Prose(text):
            yield prose(text.strip())
        case Heading(text):
            yield f"### {escaped(text)}"
        case Bullets(items):
            yield from (f"- {prose(item)}" for item in items)
        case Code(text, language, _):
            yield code_block(text, language)
        case Table(header, rows):
            yield f"| {' | '.join(header)} |"
            yield f"|{'---|' * len(header)}"
            yield from (f"| {' | '.join(prose(_one_line(cell)) for cell in row)} |" for row in rows)
        case CheckBlock(steps):
            yield from _check_markdown(steps)
        case FixBlock(number, step):
            yield from _step_markdown(number, step)


def _check_markdown(steps: Sequence[CheckStep]) -> Iterator[str]:
    for number, step in enumerate(steps, 1):
        yield f"{number}. {prose(_one_line(step.do))}" if len(steps) > 1 else prose(_one_line(step.do))
        if step.run:
            block = code_block(step.run, CODE_LANGUAGES[language_of(step.run)])
            yield from ("", *(f"   {line}" if line else "" for line in block.splitlines()), "")


def _step_markdown(number: int, step: FixStep) -> Iterator[str]:
    effect = "changes something" if step.changes else "only reads"
    yield f"**{number}. {prose(step.title)}** ({effect})"
    yield ""
    if not step.ways:
        yield from _code_markdown(step)
    for platform, way in alternatives(step):
        yield from (f"*On {platform}:*", "")
        yield from (*_code_markdown(way), "")
    if step.rights:
        yield from ("", f"Rights needed: {prose(_one_line(step.rights))}")
    if step.why_manual:
        yield from ("", f"Why by hand: {prose(_one_line(step.why_manual))}")
    if step.examples:
        yield from ("", f"Example values: {prose('; '.join(step.examples))}")


def _code_markdown(step: FixStep) -> Iterator[str]:
    if step.kind == "manual":
        yield prose(step.code.strip())
    else:
        yield code_block(step.code, CODE_LANGUAGES[step.kind])
    if step.changes:
        yield from ("", f"Undo: {prose(_one_line(step.undo))}")


def _text(block: Block, width: int) -> Iterator[str]:
    match block:
        case Prose(text):
            yield from (*wrap_paragraphs(text, width, "  "), "")
        case Heading(text):
            yield f"  {text}:"
        case Bullets(items):
            for item in items:
                first, *rest = wrap_paragraphs(item, width - 2, "    ")
                yield from (f"  - {first.strip()}", *rest)
        case Code(text, _, _):
            yield from (*(f"    {line}" if line else "" for line in text.rstrip().splitlines()), "")
        case Table(_, rows):
            yield from _rows_text(rows, width)
        case CheckBlock(steps):
            yield from _check_text(steps, width)
        case FixBlock(number, step):
            yield from _step_text(number, step, width)


def _rows_text(rows: Iterable[Sequence[str]], width: int) -> Iterator[str]:
    for row in rows:
        yield f"  {row[0]}"
        for cell in row[1:]:
            yield from wrap_paragraphs(cell, width, "      ")
    yield ""


def _check_text(steps: Sequence[CheckStep], width: int) -> Iterator[str]:
    for number, step in enumerate(steps, 1):
        yield from wrap_paragraphs(f"{number}. {step.do}" if len(steps) > 1 else step.do, width, "  ")
        yield from (f"       {line}" if line else "" for line in step.run.rstrip().splitlines())
    yield ""


def _step_text(number: int, step: FixStep, width: int) -> Iterator[str]:
    effect = "changes something" if step.changes else "only reads"
    yield from wrap_paragraphs(f"{number}. {step.title} ({step.kind}, {effect})", width, "  ")
    if not step.ways:
        yield from _code_text(step, width)
    for platform, way in alternatives(step):
        yield f"     {platform}:"
        yield from (f"  {line}" if line else "" for line in _code_text(way, width - 2))
    if step.rights:
        yield from wrap_paragraphs(f"Rights needed: {step.rights}", width, "     ")
    if step.why_manual:
        yield from wrap_paragraphs(f"Why by hand: {step.why_manual}", width, "     ")
    if step.examples:
        yield from wrap_paragraphs(f"Example values: {'; '.join(step.examples)}", width, "     ")
    yield ""


def _code_text(step: FixStep, width: int) -> Iterator[str]:
    if step.kind in {"manual", "message"}:
        yield from wrap_lines(step.code, width, "     ", rejoin=step.kind == "manual")
    else:
        yield from (f"     {line}" if line else "" for line in step.code.rstrip().splitlines())
    if step.changes:
        yield from wrap_paragraphs(f"Undo: {step.undo}", width, "     ")


def _one_line(text: str) -> str:
    return " ".join(text.split())
