"""Runbooks as plain frozen dataclasses: one record that is drawn, walked and run."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from kb.records.models import Record

StepOutcome = Literal["pass", "warn", "fail", "unknown", "error", "skipped"]
"""What a step that looks came to; `skipped` where nothing of it applies to the target."""
OUTCOMES: tuple[StepOutcome, ...] = ("pass", "warn", "fail", "unknown", "error", "skipped")
VERIFIED: tuple[StepOutcome, ...] = ("pass", "fail", "unknown", "skipped")
"""What the verification of an entry can come to."""
NO_ANSWER: frozenset[str] = frozenset({"unknown", "error"})
"""Outcomes that leave the question open, and so are never a pass."""
Kind = Literal["check", "verify", "ask", "tell", "fix", "escalate", "green"]
KINDS: tuple[Kind, ...] = ("check", "verify", "ask", "tell", "fix", "escalate", "green")
ENDS: frozenset[Kind] = frozenset({"fix", "escalate", "green"})
CONFIRMED = "confirmed"
"""As the entry of a fix: whatever the last look confirmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch(Record):
    """Where a step leads if one of what is named came true; the first branch that holds is taken."""

    go: str
    """The id of the next step."""
    findings: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    """Entries that were confirmed as roots."""
    outcomes: tuple[StepOutcome, ...] = ()
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunbookStep(Record):
    """One step; exactly one of the fields `check` to `green` says what it does."""

    id: str
    title: str
    check: tuple[str, ...] = ()
    """Selectors, as the command `check` takes them: probes, layers, entries or findings."""
    verify: str = ""
    """The entry whose fix is to be verified."""
    ask: str = ""
    """A question to a person; the branches are the answers to choose from."""
    tell: str = ""
    """What a person should know or do before the next step."""
    fix: str = ""
    """An end: the entry whose fix is due, or `confirmed`."""
    escalate: str = ""
    """An end: whom to call, and what to give them."""
    green: str = ""
    """An end: what is known to be well."""
    then: tuple[Branch, ...] = ()
    go: str = ""
    """The next step where no branch is taken."""

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """What the step does: one kind in a valid record."""
        return tuple(kind for kind in KINDS if getattr(self, kind))

    @property
    def kind(self) -> Kind:
        """What the step does."""
        return self.kinds[0]

    @property
    def ends(self) -> bool:
        """Whether the runbook ends here."""
        return self.kind in ENDS

    @property
    def text(self) -> str:
        """What is asked, told or said at an end; the selectors of a check, the entry of a fix."""
        value: str | tuple[str, ...] = getattr(self, self.kind)
        return value.strip() if isinstance(value, str) else ", ".join(value)

    @property
    def choices(self) -> tuple[str, ...]:
        """The answers to choose from."""
        return tuple(branch.answer for branch in self.then if branch.answer)

    @property
    def leads_to(self) -> tuple[str, ...]:
        """The steps that may follow, each once, in the order of the record."""
        named = [*(branch.go for branch in self.then), self.go]
        return tuple(dict.fromkeys(name for name in named if name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook(Record):
    """Steps from a trouble to a fix, an escalation or a green end. The first step is the beginning."""

    id: str
    """The file's name; also the command-line argument and the address of the page."""
    title: str
    when: str
    """When to use it, and what it can tell apart."""
    steps: tuple[RunbookStep, ...]
    since: str = ""
    """The version of this tool that brought the runbook; a team's own has none."""
    owner: str = "payments-platform"

    def step(self, step_id: str) -> RunbookStep:
        """The step with an id. Raises KeyError."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)


Place = tuple[int | str, ...]
"""Field names and positions, as YAML nests them."""


@dataclass(frozen=True, slots=True)
class Breach:
    """What is wrong, and where in the record."""

    at: Place
    problem: str


Rule = Callable[[Runbook], Iterator[Breach]]
"""What holds for a runbook: it gives every breach of itself."""
