"""Context of a probe: its endpoint, its deadline and the methods that record results.

Every text that a probe records is masked here.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from diagnostics.engine.deadline import Deadline
from diagnostics.engine.events import Body, Evidence, Finding, Level, Outcome, Scalar, Step, Value
from diagnostics.engine.shared_resources import Closable, Place, SharedResources, Slot
from diagnostics.redaction import Redactor
from diagnostics.targets.secrets.resolver import CommandOutputs, SecretStore
from diagnostics.targets.settings import Thresholds
from diagnostics.targets.target import Endpoint, Target
from kb.text.sanitize import one_line, strip_controls

Fact = TypeVar("Fact")

MIN_CARD_NUMBER = 10**12
"""Integers from here on have as many digits as a payment card's number and are masked like one."""


@dataclass(slots=True)
class OpenStep:
    """A step under way."""

    detail: str = ""
    """Result of the step in a few words; the probe may set it."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """Result of a probe that is named by NEEDS or READS.

    `facts` are the values that the probe shared, in that order. They stay in the process: no event, report or
    history file holds them.
    """

    outcome: Outcome
    codes: frozenset[str] = field(default_factory=frozenset)
    facts: tuple[object, ...] = ()

    def fact(self, kind: type[Fact]) -> Fact | None:
        """Return the last fact of type `kind`, or None."""
        return next(reversed(self.facts_of(kind)), None)

    def facts_of(self, kind: type[Fact]) -> tuple[Fact, ...]:
        """Return all facts of type `kind`, in the order in which the probe shared them."""
        return tuple(fact for fact in self.facts if isinstance(fact, kind))


class Context:
    """View that one probe has of one endpoint. Only the probe's thread may call its methods."""

    def __init__(
        self,
        target: Target,
        endpoint: Endpoint,
        *,
        emit: Callable[[Body], None],
        deadline: Deadline,
        redactor: Redactor,
        earlier: Mapping[str, Earlier] | None = None,
        rejected: set[bytes] | None = None,
        outputs: CommandOutputs | None = None,
        shared: SharedResources | None = None,
        holes: Mapping[str, str] | None = None,
    ) -> None:
        self.target = target
        self.endpoint = endpoint
        self.deadline = deadline
        self.redactor = redactor
        self.earlier = earlier or {}
        """Results of the probes named by NEEDS and READS, by probe id; absent where one did not run."""
        self.rejected = set() if rejected is None else rejected
        """Digests of credentials that a server rejected in this command: they are not tried again."""
        self.holes = holes or {}
        """Texts in the holes of the entry's templates, from the diagnosed text. They are untrusted."""
        self._shared = shared or SharedResources()
        self.unknowns: list[str] = []
        self.remarks: list[str] = []
        """Notes on a result that stands: they are the reason of a pass or a warning."""
        self.codes: set[str] = set()
        self.facts: list[object] = []
        """Values shared with the probes that read this one."""
        self.levels: set[Level] = set()
        self.current_step = ""
        self.secrets = SecretStore(target, redactor, outputs, lambda: deadline.left)
        self._emit = emit

    @property
    def thresholds(self) -> Thresholds:
        """Thresholds of the target, from which a measured value counts as wrong."""
        return self.target.thresholds

    @contextmanager
    def step(self, name: str) -> Iterator[OpenStep]:
        """Time a step of the probe; it is recorded however it ends."""
        step, started = OpenStep(), time.perf_counter()
        name = self.current_step = self.clean(name)
        try:
            yield step
        finally:
            ms = (time.perf_counter() - started) * 1000
            self._emit(Step(name=name, ms=round(ms, 3), detail=self.clean(step.detail)))

    def evidence(
        self,
        name: str,
        value: Value,
        *,
        expected: Value = None,
        unit: str = "",
        ok: bool | None = None,
        note: str = "",
        fingerprint: str = "",
    ) -> None:
        """Record an observation.

        `ok` is True if the value is as expected, False if not, None if nothing was expected.
        """
        self._emit(
            Evidence(
                name=self.clean(name),
                value=self._clean_value(value),
                expected=self._clean_value(expected),
                unit=unit,
                ok=ok,
                note=self.clean(note),
                fingerprint=fingerprint,
            )
        )

    def finding(self, code: str, level: Level = "fail") -> None:
        """Record a finding; a code that the probe does not declare in FINDINGS ends it as `error`."""
        self.codes.add(code)
        self.levels.add(level)
        self._emit(Finding(code=code, level=level))

    def share(self, fact: object) -> None:
        """Hand a typed value to the probes that name this one in NEEDS or READS.

        `fact` is an instance of a frozen dataclass, because another thread reads it. Raises TypeError for
        other values. Unlike evidence, a fact is neither masked nor emitted.
        """
        parameters = getattr(type(fact), "__dataclass_params__", None)
        if parameters is None or not parameters.frozen:
            raise TypeError(f"a shared fact is an instance of a frozen dataclass, not {type(fact).__name__}")
        self.facts.append(fact)

    def lend(self, name: str, resource: Closable) -> bool:
        """Keep an open resource for probes of this endpoint that borrow it; False if none does."""
        return self._shared.lend(self._place(name), resource)

    def borrow(self, name: str) -> AbstractContextManager[Slot]:
        """Hold a shared resource of this endpoint alone. Raises CannotTell after the deadline."""
        return self._shared.slot(self._place(name), self.deadline)

    def permit(self, name: str, limit: int) -> AbstractContextManager[None]:
        """Hold one of `limit` permits of the run for this endpoint. Raises CannotTell after the deadline."""
        return self._shared.permit(self._place(name), limit, self.deadline)

    def _place(self, name: str) -> Place:
        return Place(self.target.name, self.endpoint.name, name)

    def fact_of(self, probe: str, kind: type[Fact]) -> Fact | None:
        """Return the last fact of type `kind` that `probe` shared; None without one or if it did not run."""
        earlier = self.earlier.get(probe)
        return earlier.fact(kind) if earlier else None

    def unknown(self, reason: str, *, first: bool = False) -> None:
        """Record that a part of the question stays open: the probe may go on and does not end as `pass`.

        `first` puts the reason before those that were recorded earlier.
        """
        self.unknowns.insert(0 if first else len(self.unknowns), self.clean(reason))

    def remark(self, text: str) -> None:
        """Record a note on the result that does not change its outcome, such as what was left out."""
        self.remarks.append(self.clean(text))

    def clean(self, text: str) -> str:
        """Return the text on one line, secrets masked, control characters removed."""
        return one_line(self.redactor(strip_controls(text)))

    def _clean_value(self, value: Value) -> Value:
        if isinstance(value, tuple):
            return tuple(self._clean_scalar(item) for item in value)
        return self._clean_scalar(value)

    def _clean_scalar(self, value: Scalar) -> Scalar:
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, float) and not math.isfinite(value):
            return str(value)  # JSON has no infinity and no NaN
        if isinstance(value, int | float) and abs(value) >= MIN_CARD_NUMBER:
            masked = self.clean(str(value))
            return value if masked == str(value) else masked
        return value
