"""The steps of a fix and the code pair: what changes is marked, and its way back stands beside it."""

import re
from collections.abc import Iterator

from kb.records.models import FixStep
from kb.rendering.render import CODE_LANGUAGES
from kb.rendering.sections import Block, Code, Heading, Prose, Section
from kb.text.wrapping import rejoin_lines
from site_docs.markup import escaped, fence, indented, paragraphs, prose, tab

BEFORE, AFTER = "The code that fails", "The code that does not"
_NUMBERED = re.compile(r"\d+\. ")


def fix_step(number: int, step: FixStep) -> Iterator[str]:
    """One step with its mark, its code or its words, and how it is taken back."""
    kind = "cp-changes" if step.changes else "cp-reads"
    word = "changes something" if step.changes else "only reads"
    yield f'<div class="cp-step {kind}" markdown>'
    yield ""
    yield f'**{number}. {escaped(step.title)}** <span class="cp-mark">{word}</span>'
    yield ""
    if step.kind == "manual":
        yield from by_hand(step.code)
    else:
        yield from fence(step.code, CODE_LANGUAGES[step.kind])
    if step.changes:
        yield from labelled("Undo", step.undo)
    if step.why_manual:
        yield from labelled("Why by hand", step.why_manual)
    yield from ("</div>", "")


def labelled(label: str, text: str) -> Iterator[str]:
    """A paragraph that begins with what it is."""
    yield from (f'<span class="cp-undo">{label}</span> {prose(text)}', "")


def by_hand(text: str) -> Iterator[str]:
    """What a person does: a list where it is numbered, with commands of their own below their number."""
    last = ""
    for line in rejoin_lines(text):
        numbered = bool(_NUMBERED.match(line))
        if not numbered:
            yield ""
        # What a colon announces is typed as it stands; other lines below a number are prose.
        typed = line[:1].isspace() and last.endswith(":")
        shown = fence(line.strip()) if typed else [prose(line)]
        yield from indented(shown) if line[:1].isspace() else shown
        last = line
    yield ""


def without_pair(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """The blocks up to the code pair, which stands in tabs."""
    for block in blocks:
        if block in (Heading(BEFORE), Heading(AFTER)):
            return
        yield block


def pair(section: Section) -> Iterator[str]:
    """What bites and what does not, side by side in tabs, each with its reason."""
    at = [number for number, block in enumerate(section.blocks) if block in (Heading(BEFORE), Heading(AFTER))]
    if not at:
        return
    yield from ("### The code { #code }", "")
    for number, name in zip(at, ("Before", "After"), strict=False):
        match section.blocks[number + 1 : number + 3]:
            case (Prose(why), Code(code)):
                yield from tab(name, [*paragraphs(why), *fence(code, "python")])
    yield ""
