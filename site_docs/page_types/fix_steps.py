"""Steps of a fix and the code pair; a step that changes something is marked and has its undo beside it."""

import re
from collections.abc import Iterator, Sequence

from kb.records.fixes.ways import alternatives
from kb.records.models import CheckStep, FixStep
from kb.records.placeholders import fill_text
from kb.rendering.render import CODE_LANGUAGES
from kb.rendering.sections import CORRECTED_CODE, FAILING_CODE, Block, Code, FixBlock, Heading, Prose, Section
from kb.text.code_spans import only_command
from kb.text.commands import language_of
from kb.text.markdown import code_span
from kb.text.wrapping import rejoin_lines
from site_docs.markup import collapsed, escaped, fence, indented, paragraphs, prose, single_line, tab

PLATFORMS = {
    "systemd": "systemd",
    "docker": "Docker",
    "kubernetes": "Kubernetes",
    "rds": "RDS",
    "cloudsql": "Cloud SQL",
    "foreign": "Somebody else's",
    "this machine": "This machine",
    "elsewhere": "Elsewhere",
}
"""Titles of the tabs; the browser remembers which one was chosen."""
PROGRAM = "Program that writes it: parses before and after, keeps a copy, prints the difference"
"""Title of the block with the program of a change of a file."""
EXAMPLES = (
    "Replace these in the commands by your own. "
    "For a target of the target file, `clearpay-doctor check` prints the commands with its values."
)
_PAIR_HEADINGS = (Heading(FAILING_CODE), Heading(CORRECTED_CODE))
_NUMBERED = re.compile(r"\d+\. ")


def fix_step(number: int, step: FixStep, *, brief: bool = False) -> Iterator[str]:
    """Yield one step with its mark, its code or its instructions by platform, and its undo.

    A brief step leaves out the reason for doing it by hand and the program of a change of a file.
    """
    kind = "cp-changes" if step.changes else "cp-reads"
    mark = "changes something" if step.changes else "only reads"
    yield f'<div class="cp-step {kind}" markdown>'
    yield ""
    yield f'**{number}. {escaped(step.title)}** <span class="cp-mark">{mark}</span>'
    yield ""
    if step.edit:
        yield from _edit(step, brief=brief)
    elif not step.ways:
        yield from _code(step)
    for platform, way in alternatives(step):
        yield from tab(PLATFORMS.get(platform, platform), list(_code(way)))
    yield ""
    if step.rights:
        yield from labelled_paragraph("Rights needed", step.rights)
    if step.why_manual and not brief:
        yield from labelled_paragraph("Why by hand", step.why_manual)
    yield from ("</div>", "")


def _edit(step: FixStep, *, brief: bool) -> Iterator[str]:
    """Yield the lines that a change of a file writes and, unless brief, the program that writes them."""
    yield from fence(edited_lines(step), "text", edited_file(step))
    if not brief:
        undo = labelled_paragraph("Undo", step.undo)
        yield from collapsed(PROGRAM, [*fence(step.code), *undo], "example")


def edited_file(step: FixStep) -> str:
    """Return the example path of the file that a step changes."""
    return fill_text(f"<{step.edit.file}>", {}) if step.edit else ""


def edited_lines(step: FixStep) -> str:
    """Return the lines that a step writes into a file: keys with their values, or an import."""
    if not step.edit:
        return ""
    if step.edit.module:
        return f"import {step.edit.module}"
    values = {**step.edit.values, **step.edit.values_if_present}
    keys = ((key.split("|"), value) for key, value in values.items())
    return "\n".join(
        f'"{name}": {value!r},' + "".join(f'  # or "{other}"' for other in others)
        for (name, *others), value in keys
    )


def _code(step: FixStep) -> Iterator[str]:
    if step.kind == "manual":
        yield from manual_step(step.code)
    else:
        yield from fence(step.code, CODE_LANGUAGES[step.kind])
    if step.changes:
        yield from labelled_paragraph("Undo", step.undo)


def example_values(section: Section) -> Iterator[str]:
    """Yield the example values in the commands of a section, each once with its meaning."""
    steps = (block.step for block in section.blocks if isinstance(block, FixBlock))
    meanings: dict[str, list[str]] = {}
    for example in dict.fromkeys(example for step in steps for example in step.examples):
        value, _, meaning = example.partition(", ")
        meanings.setdefault(value, []).append(meaning)
    if not meanings:
        return
    yield from ("### Example values { #example-values data-search-exclude }", "", EXAMPLES, "")
    for value, texts in meanings.items():
        yield f"- {code_span(value)}: {prose(', '.join(texts))}"
    yield ""


def manual_check(steps: Sequence[CheckStep]) -> Iterator[str]:
    """Yield the steps of a manual check, each with its command in a block of its own."""
    for number, step in enumerate(steps, 1):
        yield from ((f"{number}. {prose(single_line(step.do))}" if len(steps) > 1 else prose(step.do)), "")
        if step.run:
            block = fence(step.run, CODE_LANGUAGES[language_of(step.run)])
            yield from indented(block) if len(steps) > 1 else block
            yield ""


def labelled_paragraph(label: str, text: str) -> Iterator[str]:
    """Yield a paragraph that begins with a label."""
    yield from (f'<span class="cp-undo">{label}</span> {prose(text)}', "")


def manual_step(text: str) -> Iterator[str]:
    """Yield the instructions of a manual step: a list, and commands on lines of their own as code."""
    numbered = False
    for line in rejoin_lines(text):
        before, numbered = numbered, bool(_NUMBERED.match(line))
        if not (before and numbered):
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
