"""Steps of a fix and the code pair; a step that changes something is marked and has its undo beside it."""

import re
from collections.abc import Iterator

from kb.records.models import FixStep
from kb.rendering.render import CODE_LANGUAGES
from kb.rendering.sections import CORRECTED_CODE, FAILING_CODE, Block, Code, Heading, Prose, Section
from kb.text.code_spans import only_command
from kb.text.wrapping import rejoin_lines
from site_docs.markup import escaped, fence, indented, paragraphs, prose, tab

_PAIR_HEADINGS = (Heading(FAILING_CODE), Heading(CORRECTED_CODE))
_NUMBERED = re.compile(r"\d+\. ")


def fix_step(number: int, step: FixStep) -> Iterator[str]:
    """Yield one step with its mark, its code or its instructions, and its undo."""
    kind = "cp-changes" if step.changes else "cp-reads"
    mark = "changes something" if step.changes else "only reads"
    yield f'<div class="cp-step {kind}" markdown>'
    yield ""
    yield f'**{number}. {escaped(step.title)}** <span class="cp-mark">{mark}</span>'
    yield ""
    if step.kind == "manual":
        yield from manual_step(step.code)
    else:
        yield from fence(step.code, CODE_LANGUAGES[step.kind])
    if step.changes:
        yield from labelled_paragraph("Undo", step.undo)
    if step.why_manual:
        yield from labelled_paragraph("Why by hand", step.why_manual)
    yield from ("</div>", "")


def labelled_paragraph(label: str, text: str) -> Iterator[str]:
    """Yield a paragraph that begins with a label."""
    yield from (f'<span class="cp-undo">{label}</span> {prose(text)}', "")


def manual_step(text: str) -> Iterator[str]:
    """Yield the instructions of a manual step: a list, and commands on lines of their own as code."""
    for line in rejoin_lines(text):
        if not _NUMBERED.match(line):
            yield ""
        command = only_command(line)
        block = fence(command) if command else [prose(line)]
        yield from indented(block) if line[:1].isspace() else block
    yield ""


def without_code_pair(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """Yield the blocks up to the code pair, which has its own tabs."""
    for block in blocks:
        if block in _PAIR_HEADINGS:
            return
        yield block


def code_pair(section: Section) -> Iterator[str]:
    """Yield the failing and the corrected code in two tabs, each with its explanation."""
    starts = [number for number, block in enumerate(section.blocks) if block in _PAIR_HEADINGS]
    if not starts:
        return
    yield from ("### The code { #code }", "")
    for number, name in zip(starts, ("Before", "After"), strict=False):
        match section.blocks[number + 1 : number + 3]:
            case (Prose(explanation), Code(code)):
                yield from tab(name, [*paragraphs(explanation), *fence(code, "python")])
    yield ""
