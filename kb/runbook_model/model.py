"""Runbooks as frozen dataclasses."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from kb.records.models import Record

StepOutcome = Literal["pass", "warn", "fail", "unknown", "error", "skipped"]
"""Outcome of a step of kind `check` or `verify`; `skipped` if nothing in it applies to the target."""
OUTCOMES: tuple[StepOutcome, ...] = ("pass", "warn", "fail", "unknown", "error", "skipped")
VERIFIED: tuple[StepOutcome, ...] = ("pass", "fail", "unknown", "skipped")
"""Outcomes of the verification of an entry."""
INCONCLUSIVE: frozenset[str] = frozenset({"unknown", "error"})
"""Outcomes without a result, which must not lead to a green end."""
Kind = Literal["check", "verify", "ask", "tell", "fix", "escalate", "green"]
KINDS: tuple[Kind, ...] = ("check", "verify", "ask", "tell", "fix", "escalate", "green")
ENDS: frozenset[Kind] = frozenset({"fix", "escalate", "green"})
CONFIRMED = "confirmed"
"""In place of an entry in `fix`: the entry that the last check confirmed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch(Record):
    """Branch to a next step, taken if one of its conditions is met; the first such branch wins."""

    go: str
    """Id of the next step."""
    findings: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    """Entries confirmed as root causes."""
    outcomes: tuple[StepOutcome, ...] = ()
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunbookStep(Record):
    """Step of a runbook; exactly one of the fields `check` to `green` has a value and is its kind."""

    id: str
    title: str
    check: tuple[str, ...] = ()
    """Selectors as for the command `check`: probes, layers, entries or findings."""
    verify: str = ""
    """Entry whose fix is verified."""
    ask: str = ""
    """Question to a person; the branches are the answers."""
    tell: str = ""
    """Information or instruction for a person before the next step."""
    fix: str = ""
    """End: the entry to be fixed, or `confirmed`."""
    escalate: str = ""
    """End: whom to call, and which information to pass on."""
    green: str = ""
    """End: the parts that are proven to work."""
    then: tuple[Branch, ...] = ()
    go: str = ""
    """Next step if no branch is taken."""

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The kinds of the step: exactly one in a valid record."""
        return tuple(kind for kind in KINDS if getattr(self, kind))

    @property
    def kind(self) -> Kind:
        """The kind of the step."""
        return self.kinds[0]

    @property
    def ends(self) -> bool:
        """True if the runbook ends with this step."""
        return self.kind in ENDS

    @property
    def text(self) -> str:
        """The text for the person; the selectors of a check, or the entry of a verification or fix."""
        value: str | tuple[str, ...] = getattr(self, self.kind)
        return value.strip() if isinstance(value, str) else ", ".join(value)

    @property
    def choices(self) -> tuple[str, ...]:
        """The answers to the question."""
        return tuple(branch.answer for branch in self.then if branch.answer)

    @property
    def leads_to(self) -> tuple[str, ...]:
        """The ids of the possible next steps, without duplicates, in the order of the record."""
        next_ids = [*(branch.go for branch in self.then), self.go]
        return tuple(dict.fromkeys(step_id for step_id in next_ids if step_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Runbook(Record):
    """Runbook: steps from a symptom to a fix, an escalation or a green end, beginning with the first."""

    id: str
    """Name of the file; also the command-line argument and the URL of the page."""
    title: str
    when: str
    """When to use the runbook, and which errors it distinguishes."""
    steps: tuple[RunbookStep, ...]
    since: str = ""
    """First version of this tool with the runbook; empty for a team's own."""
    owner: str = "payments-platform"

    def step(self, step_id: str) -> RunbookStep:
        """Return the step with an id. Raises KeyError."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise KeyError(step_id)


Place = tuple[int | str, ...]
"""Path of field names and positions in a record."""


@dataclass(frozen=True, slots=True)
class Breach:
    """Violation of a lint rule, with its place in the record."""

    at: Place
    problem: str


Rule = Callable[[Runbook], Iterator[Breach]]
"""Lint rule; yields its breaches in a runbook."""
