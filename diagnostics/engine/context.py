"""What a probe is given: its endpoint, its budget, its voice. All that it says is redacted here."""

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from diagnostics.engine.deadline import Deadline
from diagnostics.engine.events import Body, Evidence, Finding, Level, Outcome, Scalar, Step, Value
from diagnostics.redaction import Redactor
from diagnostics.targets.secrets.resolver import SecretStore
from diagnostics.targets.settings import Thresholds
from diagnostics.targets.target import Endpoint, Target
from kb.text.sanitize import harmless, one_line

Fact = TypeVar("Fact")

SHORTEST_CARD = 10**12
"""A number of as many digits may be a card's."""


@dataclass(slots=True)
class OpenStep:
    """A step under way; the probe may say what it came to."""

    detail: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """Result of a probe that is named by NEEDS or READS.

    `facts` are the values that the probe shared, in that order. They stay in the process: no event, report or
    history file holds them.
    """

    outcome: Outcome
    codes: frozenset[str] = field(default_factory=frozenset)
    evidence: Mapping[str, Value] = field(default_factory=dict)
    facts: tuple[object, ...] = ()

    def fact(self, kind: type[Fact]) -> Fact | None:
        """Return the last fact of type `kind`, or None."""
        return next(reversed(self.facts_of(kind)), None)

    def facts_of(self, kind: type[Fact]) -> tuple[Fact, ...]:
        """Return all facts of type `kind`, in the order in which the probe shared them."""
        return tuple(fact for fact in self.facts if isinstance(fact, kind))


class Context:
    """One probe's view of one endpoint. Methods may be called from the probe's thread only."""

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
    ) -> None:
        self.target = target
        self.endpoint = endpoint
        self.deadline = deadline
        self.redactor = redactor
        self.earlier = earlier or {}
        """Results of the probes named by NEEDS and READS, by probe id; absent where one did not run."""
        self.rejected = set() if rejected is None else rejected
        """Digests of credentials that a server rejected in this command; none of them is tried again."""
        self.unknowns: list[str] = []
        self.codes: set[str] = set()
        self.facts: list[object] = []
        """Values shared with the probes that read this one."""
        self.levels: set[Level] = set()
        self.current_step = ""
        self.secrets = SecretStore(target, redactor)
        self._emit = emit

    @property
    def thresholds(self) -> Thresholds:
        """What counts as wrong on this target."""
        return self.target.thresholds

    @contextmanager
    def step(self, name: str) -> Iterator[OpenStep]:
        """Time a stage; it is recorded however it ends."""
        opened, began = OpenStep(), time.perf_counter()
        name = self.current_step = self.clean(name)
        try:
            yield opened
        finally:
            ms = (time.perf_counter() - began) * 1000
            self._emit(Step(name=name, ms=round(ms, 3), detail=self.clean(opened.detail)))

    def evidence(
        self,
        name: str,
        value: Value,
        *,
        expected: Value = None,
        unit: str = "",
        ok: bool | None = None,
        note: str = "",
    ) -> None:
        """Record an observation; `ok` says whether it met the expectation, None that there was none."""
        self._emit(
            Evidence(
                name=self.clean(name),
                value=self._clean_value(value),
                expected=self._clean_value(expected),
                unit=unit,
                ok=ok,
                note=self.clean(note),
            )
        )

    def finding(self, code: str, level: Level = "fail") -> None:
        """State a named fact; the engine refuses codes that the probe does not declare."""
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

    def fact_of(self, probe: str, kind: type[Fact]) -> Fact | None:
        """Return the last fact of type `kind` that `probe` shared; None without one or if it did not run."""
        earlier = self.earlier.get(probe)
        return earlier.fact(kind) if earlier else None

    def unknown(self, reason: str) -> None:
        """A part of the question stays open; the probe may go on, but never ends green."""
        self.unknowns.append(self.clean(reason))

    def clean(self, text: str) -> str:
        """A text without secrets, on one line, safe for a terminal."""
        return one_line(self.redactor(harmless(text)))

    def _clean_value(self, value: Value) -> Value:
        if isinstance(value, tuple):
            return tuple(self._clean_scalar(item) for item in value)
        return self._clean_scalar(value)

    def _clean_scalar(self, value: Scalar) -> Scalar:
        if isinstance(value, str):
            return self.clean(value)
        if isinstance(value, float) and not math.isfinite(value):
            return str(value)  # JSON has no word for it
        if isinstance(value, int | float) and abs(value) >= SHORTEST_CARD:
            shown = self.clean(str(value))
            return value if shown == str(value) else shown
        return value
