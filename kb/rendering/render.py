"""Renderers of an entry's sections: Markdown and plain text."""

from collections.abc import Iterable, Iterator

from kb.records.models import Entry, FixStep
from kb.rendering.sections import Block, Bullets, Code, FixBlock, Heading, Prose, Section, Table
from kb.text.markdown import code_block, escaped, prose
from kb.text.wrapping import wrap_lines, wrap_paragraphs

CODE_LANGUAGES = {"sql": "sql", "python": "python", "shell": "sh", "manual": ""}


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
        case FixBlock(number, step):
            yield from _step_markdown(number, step)


def _step_markdown(number: int, step: FixStep) -> Iterator[str]:
    effect = "changes something" if step.changes else "only reads"
    yield f"**{number}. {prose(step.title)}** ({effect})"
    yield ""
    if step.kind == "manual":
        yield prose(step.code.strip())
    else:
        yield code_block(step.code, CODE_LANGUAGES[step.kind])
    if step.changes:
        yield ""
        yield f"Undo: {prose(_one_line(step.undo))}"
    if step.why_manual:
        yield ""
        yield f"Why by hand: {prose(_one_line(step.why_manual))}"


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
            for row in rows:
                yield f"  {row[0]}"
                for cell in row[1:]:
                    yield from wrap_paragraphs(cell, width, "      ")
            yield ""
        case FixBlock(number, step):
            yield from _step_text(number, step, width)


def _step_text(number: int, step: FixStep, width: int) -> Iterator[str]:
    effect = "changes something" if step.changes else "only reads"
    yield from wrap_paragraphs(f"{number}. {step.title} ({step.kind}, {effect})", width, "  ")
    if step.kind == "manual":
        yield from wrap_lines(step.code, width, "     ")
    else:
        yield from (f"     {line}" if line else "" for line in step.code.rstrip().splitlines())
    if step.changes:
        yield from wrap_paragraphs(f"Undo: {step.undo}", width, "     ")
    if step.why_manual:
        yield from wrap_paragraphs(f"Why by hand: {step.why_manual}", width, "     ")
    yield ""


def _one_line(text: str) -> str:
    return " ".join(text.split())
