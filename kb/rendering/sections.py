"""The text of an entry as ordered sections of typed blocks, which Markdown, CLI and TUI render."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from kb.records.models import Cause, CheckStep, Entry, FixStep, Symptom
from kb.records.placeholders import fill, fill_check, fill_text
from kb.text.quoting import shell_quoted

FAILING_CODE, CORRECTED_CODE = "The code that fails", "The corrected code"
"""Headings of the code pair."""


@dataclass(frozen=True, slots=True)
class Prose:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within a section."""

    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """An unordered list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Preformatted text; `language` is empty for the output of a program."""

    text: str
    language: str = ""
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a header."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class CheckBlock:
    """The numbered steps of a manual check."""

    steps: tuple[CheckStep, ...]


@dataclass(frozen=True, slots=True)
class FixBlock:
    """A numbered step of a fix."""

    number: int
    step: FixStep


Block: TypeAlias = Prose | Heading | Bullets | Code | Table | CheckBlock | FixBlock


@dataclass(frozen=True, slots=True)
class Section:
    """A section with its heading; sections without blocks are left out."""

    title: str
    blocks: tuple[Block, ...]


def sections(
    entry: Entry, values: Mapping[str, str] | None = None, finding: str = "", options: str = ""
) -> tuple[Section, ...]:
    """Return the sections of an entry in their fixed order.

    `values` replace placeholders, `finding` restricts causes and fixes to the cause with that finding, and
    `options` select the target in commands.
    """
    values = values or {}
    causes = [cause for cause in entry.causes if not finding or cause.finding == finding]
    candidates = (
        Section("You see", tuple(_symptom_blocks(entry))),
        Section("Confirm it", (Code(_command("check", shell_quoted(entry.id), options), "sh"),)),
        Section("Stop the damage", (Prose(fill_text(entry.mitigation, values)),) if entry.mitigation else ()),
        Section("Impact", (Prose(fill_text(entry.impact, values)),)),
        Section("Which cause", tuple(_cause_blocks(causes, values))),
        Section("Fix", tuple(_fix_blocks(entry, causes, values))),
        Section("Verify", (Code(_command("verify", shell_quoted(entry.id), options, "--wait 2m"), "sh"),)),
        Section("Escalate", (Prose(fill_text(entry.escalation, values)),) if entry.escalation else ()),
        Section(
            "When this is harmless",
            (Prose(fill_text(entry.when_harmless, values)),) if entry.when_harmless else (),
        ),
        Section("Prevent", tuple(_prevent_blocks(entry, values))),
        Section("Not this?", tuple(_look_alike_blocks(entry, values))),
        Section("References", tuple(_reference_blocks(entry))),
    )
    return tuple(section for section in candidates if section.blocks)


def _command(*words: str) -> str:
    return " ".join(["clearpay-doctor", *filter(None, words)])


def _symptom_blocks(entry: Entry) -> Iterator[Block]:
    for symptom in entry.symptoms:
        if symptom.template:
            yield Code(symptom.template)
    signs = [symptom.sign for symptom in entry.symptoms if symptom.sign]
    if signs:
        yield Prose(f"Signs: {', '.join(signs)}.")
    for symptom in entry.symptoms[:1]:
        if sample := _observed_sample(symptom):
            yield Code(sample, caption="For example")
    if not entry.symptoms and entry.user_phrases:
        yield Prose("No message is printed. Users report:")
        yield Bullets(entry.user_phrases)


def _observed_sample(symptom: Symptom) -> str:
    return next((sample.text.strip() for sample in symptom.samples if sample.kind == "observed"), "")


def _cause_blocks(causes: list[Cause], values: Mapping[str, str]) -> Iterator[Block]:
    if len(causes) > 1:
        rows = tuple((cause.finding, fill_text(cause.sentence, values)) for cause in causes)
        yield Table(("finding", "what is wrong"), rows)
    for cause in causes:
        if len(causes) > 1:
            yield Heading(f"How to tell {cause.finding} by hand")
        else:
            yield Prose(fill_text(cause.sentence, values))
        yield CheckBlock(tuple(fill_check(step, values) for step in cause.manual_check))


def _fix_blocks(entry: Entry, causes: list[Cause], values: Mapping[str, str]) -> Iterator[Block]:
    for cause in causes:
        if len(causes) > 1:
            yield Heading(f"For {cause.finding}")
        for number, step in enumerate(cause.fix, 1):
            yield FixBlock(number, fill(step, values))
    yield from _code_pair(FAILING_CODE, entry.before_code)
    yield from _code_pair(CORRECTED_CODE, entry.after_code)


def _code_pair(title: str, text: str) -> Iterator[Block]:
    if text:
        explanation, code = _docstring_and_code(text)
        yield Heading(title)
        yield Prose(explanation)
        yield Code(code, "python", title)


def _docstring_and_code(text: str) -> tuple[str, str]:
    import ast  # noqa: PLC0415  only needed for entries with code

    tree = ast.parse(text)
    first = tree.body[0] if tree.body else None
    docstring = ast.get_docstring(tree) or ""
    if not docstring or first is None or first.end_lineno is None:
        return docstring, text.strip()
    return " ".join(docstring.split()), "\n".join(text.splitlines()[first.end_lineno :]).strip()


def _prevent_blocks(entry: Entry, values: Mapping[str, str]) -> Iterator[Block]:
    if entry.prevent:
        yield Bullets(tuple(fill_text(item, values) for item in entry.prevent))


def _look_alike_blocks(entry: Entry, values: Mapping[str, str]) -> Iterator[Block]:
    if entry.not_this:
        rows = tuple((other.entry, fill_text(other.sign, values)) for other in entry.not_this)
        yield Table(("look-alike", "distinguishing sign"), rows)


def _reference_blocks(entry: Entry) -> Iterator[Block]:
    if entry.references:
        yield Bullets(tuple(f"{reference.title}: {reference.url}" for reference in entry.references))
