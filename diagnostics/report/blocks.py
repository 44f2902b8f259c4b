"""A diagnosis as ordered, typed blocks, which the formats for people render."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from diagnostics.report.model import Diagnosis, Verdict
from kb.records.models import CheckStep, FixStep


@dataclass(frozen=True, slots=True)
class Heading:
    """The verdict on one entry."""

    verdict: Verdict
    entry: str
    target: str
    """Empty where the text alone was diagnosed."""
    url: str
    """Page of the entry on the site; empty where the target has no site."""


@dataclass(frozen=True, slots=True)
class Statement:
    """The sentence of the cause, or the title of the entry where no cause is established."""

    text: str


@dataclass(frozen=True, slots=True)
class Reasons:
    """Lines of evidence for or against the entry."""

    stance: Literal["for", "against"]
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Consequences:
    """Confirmed entries that follow from this one."""

    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fix:
    """The steps of the fix, in order."""

    steps: tuple[FixStep, ...]


@dataclass(frozen=True, slots=True)
class NextCommands:
    """Commands that settle what is still open, or verify the fix."""

    commands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ManualCheck:
    """Steps for a person, where no probe can see the cause."""

    steps: tuple[CheckStep, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Address of the entry's page."""

    url: str


Block: TypeAlias = Heading | Statement | Reasons | Consequences | Fix | ManualCheck | NextCommands | Page


def diagnosis_blocks(diagnosis: Diagnosis) -> Iterator[Block]:
    """Yield the blocks of a diagnosis in their order; a block without content is left out."""
    yield Heading(diagnosis.verdict, diagnosis.entry, diagnosis.target, diagnosis.url)
    yield Statement(diagnosis.statement)
    if diagnosis.for_:
        yield Reasons("for", diagnosis.for_)
    if diagnosis.against:
        yield Reasons("against", diagnosis.against)
    if diagnosis.folded:
        yield Consequences(diagnosis.folded)
    if diagnosis.fix:
        yield Fix(diagnosis.fix)
    if diagnosis.manual_check:
        yield ManualCheck(diagnosis.manual_check)
    if diagnosis.next:
        yield NextCommands(diagnosis.next)
    if diagnosis.url:
        yield Page(diagnosis.url)
