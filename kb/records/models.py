"""The words of the knowledge base as plain frozen dataclasses: reading them needs no validator."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

Severity = Literal["critical", "high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")
SampleKind = Literal["observed", "reported"]
StepKind = Literal["sql", "python", "shell", "manual"]


class Record:
    """What every record is: a field that it does not have is a mistake, never ignored."""

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample(Record):
    """A text that shows a symptom: `observed` was printed by software, `reported` was written by a person."""

    kind: SampleKind
    text: str
    source: str
    """Where it comes from: `lab`, a program with its version, or a public report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Symptom(Record):
    """What users see: either a template, literal words with `<holes>`, or a typed sign."""

    samples: tuple[Sample, ...]
    template: str = ""
    sign: str = ""
    """`<kind> <value>`, as in `sqlstate 40P01`, `exception psycopg2.errors.DeadlockDetected`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixStep(Record):
    """One step of a fix. Placeholders such as `<role>` are filled from the target, quoted for the kind."""

    kind: StepKind
    title: str
    """What the step does, in the imperative."""
    code: str = ""
    """The statement, program or command; for `manual`, what to do in full sentences."""
    changes: bool = True
    """False where the step only reads."""
    undo: str = ""
    """The way back; every step that changes something has one, or says that there is none and why."""
    why_manual: str = ""
    """Why no command can do it; `manual` steps only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause(Record):
    """One way into an entry: exactly one finding proves it, and its own fix ends it."""

    finding: str
    """`<probe>.<fact>`; claimed by this cause and by no other."""
    sentence: str
    """The finding in words, the only place where they stand: a full sentence about the live system."""
    tell: str
    """How an engineer can tell this cause from the others by hand, with the exact command."""
    fix: tuple[FixStep, ...]
    supported_by: tuple[str, ...] = ()
    """Findings that raise the suspicion and never confirm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotThis(Record):
    """A look-alike and the sign that tells the two apart; declared once, mirrored by the loader."""

    entry: str
    sign: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference(Record):
    """Where the facts come from: a chapter, an RFC, an issue."""

    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Record):
    """A known error: what you see, why, how it is confirmed, fixed and told from its look-alikes."""

    id: str
    """The folder's name; also the command-line argument, the address of the page and the id of the test."""
    layer: str
    """The name of the folder above: `database`, `tls`, `api`, `config`, `service`."""
    title: str
    """What is wrong, as a state."""
    severity: Severity
    summary: str
    impact: str
    symptoms: tuple[Symptom, ...]
    causes: tuple[Cause, ...]
    since: str
    """The version of this tool that brought the entry."""
    error_names: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    also_said: tuple[str, ...] = ()
    """Templates of what other drivers, libraries and languages print for it: symptoms to matching."""
    told_as: tuple[str, ...] = ()
    """How people tell it who do not know its name: short sentences, each with words that the others lack.
    Matching learns its words from them; a page shows them where nothing is printed."""
    not_this: tuple[NotThis, ...] = ()
    leads_to: tuple[str, ...] = ()
    """Entries that follow from this one: confirmed beside it, they fold under it."""
    prevent: tuple[str, ...] = ()
    when_harmless: str = ""
    references: tuple[Reference, ...] = ()
    owner: str = "payments-platform"
    aliases: tuple[str, ...] = ()
    retired: str = ""
    """Why the entry left; its page and its id stay."""
    flaws: tuple[str, ...] = ()
    """Lint rules that the code that fails may break, because breaking them is its point."""
    before_code: str = field(default="", repr=False)
    """Text of `<id>_before.py`: its docstring says why the code bites."""
    after_code: str = field(default="", repr=False)
    """Text of `<id>_after.py`: its docstring says what to do instead."""
