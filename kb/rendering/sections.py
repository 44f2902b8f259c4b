"""An entry as ordered sections of typed blocks. Markdown, terminal and screen only render them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from kb.records.models import Cause, Entry, FixStep, Symptom
from kb.records.placeholders import fill, fill_text


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
    """A list without order."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Text that is shown as it is; `language` is empty for what a program printed."""

    text: str
    language: str = ""
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class FixBlock:
    """One step of a fix, with its number."""

    number: int
    step: FixStep


Block: TypeAlias = Prose | Heading | Bullets | Code | Table | FixBlock


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it. A section without blocks is left out."""

    title: str
    blocks: tuple[Block, ...]


def sections(
    entry: Entry, values: Mapping[str, str] | None = None, finding: str = "", options: str = "--target lab"
) -> tuple[Section, ...]:
    """The entry's text in its fixed order.

    `values` fill placeholders, `finding` limits causes and fixes to the one that was established,
    `options` name the target in commands.
    """
    filled = values or {}
    causes = [cause for cause in entry.causes if not finding or cause.finding == finding]
    made = (
        Section("You see", tuple(_you_see(entry))),
        Section("Confirm it", (Code(f"clearpay-doctor check {entry.id} {options}", "sh"),)),
        Section("Impact", (Prose(entry.impact),)),
        Section("Which cause", tuple(_which_cause(causes, filled))),
        Section("Fix", tuple(_fixes(entry, causes, filled))),
        Section("Verify", (Code(f"clearpay-doctor verify {entry.id} {options} --wait 2m", "sh"),)),
        Section("When this is harmless", (Prose(entry.when_harmless),) if entry.when_harmless else ()),
        Section("Prevent", (Bullets(entry.prevent),) if entry.prevent else ()),
        Section("Not this?", tuple(_not_this(entry))),
        Section("References", tuple(_references(entry))),
    )
    return tuple(section for section in made if section.blocks)


def _you_see(entry: Entry) -> Iterator[Block]:
    for symptom in entry.symptoms:
        if symptom.template:
            yield Code(symptom.template)
    signs = [symptom.sign for symptom in entry.symptoms if symptom.sign]
    if signs:
        yield Prose(f"Signs: {', '.join(signs)}.")
    for sample in [best for symptom in entry.symptoms[:1] if (best := _observed(symptom))]:
        yield Code(sample, caption="For example")
    if not entry.symptoms and entry.told_as:
        yield Prose("No message. People say:")
        yield Bullets(entry.told_as)


def _observed(symptom: Symptom) -> str:
    return next((sample.text.strip() for sample in symptom.samples if sample.kind == "observed"), "")


def _which_cause(causes: list[Cause], values: Mapping[str, str]) -> Iterator[Block]:
    if len(causes) > 1:
        rows = tuple((cause.finding, fill_text(cause.sentence, values)) for cause in causes)
        yield Table(("finding", "what is wrong"), rows)
    for cause in causes:
        if len(causes) > 1:
            yield Heading(f"How to tell {cause.finding} by hand")
        else:
            yield Prose(fill_text(cause.sentence, values))
        yield Prose(fill_text(cause.tell, values))


def _fixes(entry: Entry, causes: list[Cause], values: Mapping[str, str]) -> Iterator[Block]:
    for cause in causes:
        if len(causes) > 1:
            yield Heading(f"For {cause.finding}")
        for number, step in enumerate(cause.fix, 1):
            yield FixBlock(number, fill(step, values))
    yield from _code_pair("The code that fails", entry.before_code)
    yield from _code_pair("The code that does not", entry.after_code)


def _code_pair(title: str, text: str) -> Iterator[Block]:
    if text:
        why, code = _docstring_and_code(text)
        yield Heading(title)
        yield Prose(why)
        yield Code(code, "python", title)


def _docstring_and_code(text: str) -> tuple[str, str]:
    import ast  # noqa: PLC0415  only entries with code need it

    tree = ast.parse(text)
    first = tree.body[0] if tree.body else None
    doc = ast.get_docstring(tree) or ""
    if not doc or first is None or first.end_lineno is None:
        return doc, text.strip()
    return " ".join(doc.split()), "\n".join(text.splitlines()[first.end_lineno :]).strip()


def _not_this(entry: Entry) -> Iterator[Block]:
    if entry.not_this:
        rows = tuple((other.entry, other.sign) for other in entry.not_this)
        yield Table(("look-alike", "the sign that tells them apart"), rows)


def _references(entry: Entry) -> Iterator[Block]:
    if entry.references:
        yield Bullets(tuple(f"{reference.title}: {reference.url}" for reference in entry.references))
