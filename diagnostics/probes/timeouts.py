"""Rules for the network file: timeouts and retries, each by itself and the worst case of a call."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from diagnostics.clients.config.facts import ConfiguredReadTimeout
from diagnostics.clients.config.file import config_file
from diagnostics.clients.config.problems import ConfigProblem, report_problems, report_unseen
from diagnostics.clients.config.tree import EnvRef, Node, Section, Unknown
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.targets.settings import Thresholds
from diagnostics.targets.target import EndpointKind

QUESTION = "Are the timeouts and retries of a call short enough, each and in total?"
LAYER = "config"
APPLIES_TO: tuple[EndpointKind, ...] = ("network file", "path")
NEEDS: tuple[str, ...] = ()
READS: tuple[str, ...] = ()
FINDINGS = (
    "timeouts.no_timeout",
    "timeouts.unit",
    "timeouts.not_a_number",
    "timeouts.connect_too_long",
    "timeouts.longer_than_proxy",
    "timeouts.backoff",
    "timeouts.retry_of_post",
    "timeouts.worst_case",
)
SAFETY: Safety = "local"
BUDGET = 5.0
ALONE = False
SENDS = "Nothing; it parses the file and does not run it."

CONNECT = ("connection_timeout", "connect_timeout")
READ = "read_timeout"
MILLISECONDS = 1000
"""A timeout of so many seconds is meant as milliseconds."""
ONCE_ONLY = frozenset({"POST", "PATCH"})
"""Methods that a server may carry out twice when they are sent twice (RFC 9110, section 9.2.2)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Timeouts and retries of one call, in seconds."""

    connect: float
    read: float
    retries: int
    delay: float
    factor: float

    @property
    def pauses(self) -> float:
        """Sum of the pauses between the attempts, in seconds."""
        return sum(self.delay * self.factor**number for number in range(self.retries))

    @property
    def worst(self) -> float:
        """Seconds until the last attempt fails."""
        return (self.retries + 1) * (self.connect + self.read) + self.pauses

    @property
    def sum_as_text(self) -> str:
        """The sum with its terms."""
        attempts = f"{self.retries + 1} x ({self.connect:g} + {self.read:g})"
        return f"{attempts} + {self.pauses:g} of pauses = {self.worst:g} s"


def run(context: Context, /) -> None:
    """Read the file, share its read timeout, and apply the rules."""
    file = config_file(context, "network")
    plan = plan_of(file.section)
    if plan:
        context.evidence("read timeout", plan.read, unit="s")
        context.share(ConfiguredReadTimeout(plan.read))
        budget = context.thresholds.call_budget_s
        worst, ok = round(plan.worst, 2), plan.worst <= budget
        most = f"at most {budget:g}"
        context.evidence("worst case", worst, expected=most, unit="s", ok=ok, note=plan.sum_as_text)
    report_problems(context, file, problems(file.section, context.thresholds))
    report_unseen(context, file, (*CONNECT, READ, "max_retries", "retry_delay", "backoff_factor"))


def problems(section: Section, limits: Thresholds) -> Iterator[ConfigProblem]:
    """Yield every problem, of single values first."""
    connect = next((key for key in CONNECT if key in section.table), CONNECT[0])
    for key, healthy in ((connect, "3.05"), (READ, "10")):
        yield from _timeout(section, key, healthy)
    yield from _long(section, connect, limits)
    yield from _retries(section)
    plan = plan_of(section)
    if plan and plan.worst > limits.call_budget_s:
        node = section.table.get("max_retries") or section.table[READ]
        message = f"{plan.sum_as_text}, and the caller waits {limits.call_budget_s:g} s"
        advice = f"fewer retries and a shorter {READ}; 3.05, 10 and 2 retries end after 42 s"
        yield ConfigProblem(
            code="timeouts.worst_case", key="max_retries", line=node.line, message=message, advice=advice
        )


def plan_of(section: Section) -> Plan | None:
    """Return the plan; None if a timeout is missing, invalid or not a literal."""
    table = section.table
    connect = next((seconds(table[key]) for key in CONNECT if key in table), None)
    read = seconds(table[READ]) if READ in table else None
    retries, delay, factor = (_given(table, key) for key in ("max_retries", "retry_delay", "backoff_factor"))
    if not connect or not read or max(connect, read) >= MILLISECONDS:
        return None
    if not 0 <= retries < MILLISECONDS or delay < 0 or not 1 <= (factor or 1) < MILLISECONDS:
        return None
    return Plan(connect, read, int(retries), delay, factor or 1.0)


def seconds(node: Node) -> float | None:
    """Return a finite number of seconds; None for any other value."""
    value = node.value
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _given(table: dict[str, Node], key: str) -> float:
    return (seconds(table[key]) or 0.0) if key in table else 0.0


def _timeout(section: Section, key: str, healthy: str) -> Iterator[ConfigProblem]:
    node = section.table.get(key)
    advice = f"{key} of {healthy} s"
    if node is None:
        message, code = "is missing, so a call may wait forever", "timeouts.no_timeout"
        yield ConfigProblem(code=code, key=key, line=section.line, message=message, advice=advice)
        return
    if isinstance(node.value, EnvRef | Unknown):
        return
    number = seconds(node)
    if node.value is None or (number is not None and number <= 0):
        shown = "null" if node.value is None else f"{number:g}"
        message, code = f"is {shown}, so a call may wait forever", "timeouts.no_timeout"
        yield ConfigProblem(code=code, key=key, line=node.line, message=message, advice=advice)
    elif number is None:
        message, code = f"is of type {type(node.value).__name__}, not a number", "timeouts.not_a_number"
        yield ConfigProblem(code=code, key=key, line=node.line, message=message, advice=advice)
    elif number >= MILLISECONDS:
        message, code = f"is {number:g} s: milliseconds where seconds are expected", "timeouts.unit"
        yield ConfigProblem(
            code=code,
            key=key,
            line=node.line,
            message=message,
            advice=f"{number / MILLISECONDS:g}, in seconds",
        )


def _long(section: Section, connect: str, limits: Thresholds) -> Iterator[ConfigProblem]:
    rules = (
        (
            connect,
            limits.connect_most_s,
            "timeouts.connect_too_long",
            "3.05",
            "a reachable address answers",
        ),
        (READ, limits.proxy_idle_s, "timeouts.longer_than_proxy", "10", "proxies close an idle connection"),
    )
    for key, most, code, healthy, why in rules:
        node = section.table.get(key)
        number = seconds(node) if node else None
        too_long = number is not None and (number > most if key == connect else number >= most)
        if node and number and too_long and number < MILLISECONDS:
            message = f"is {number:g} s; {why} within {most:g} s"
            yield ConfigProblem(
                code=code, key=key, line=node.line, message=message, advice=f"{key} of {healthy} s"
            )


def _retries(section: Section) -> Iterator[ConfigProblem]:
    table = section.table
    factor = table.get("backoff_factor")
    number = seconds(factor) if factor else None
    if factor and number is not None and number < 1:
        message = f"is {number:g}, so each pause is shorter than the one before it"
        code, advice = "timeouts.backoff", "backoff_factor of 2, with random pauses"
        yield ConfigProblem(code=code, key="backoff_factor", line=factor.line, message=message, advice=advice)
    methods = table.get("retry_methods")
    if methods and _given(table, "max_retries") and (twice := _sent_twice(methods, table)):
        message = f"sends {twice} again, and without an idempotency key it may be carried out twice"
        advice = "idempotency_keys = true, or retry_methods without it"
        yield ConfigProblem(
            code="timeouts.retry_of_post",
            key="retry_methods",
            line=methods.line,
            message=message,
            advice=advice,
        )


def _sent_twice(methods: Node, table: dict[str, Node]) -> str:
    """Return the methods that a retry may carry out twice; empty if each payment has an idempotency key."""
    keys = table.get("idempotency_keys")
    if keys and keys.value is not False and keys.value is not None:
        return ""
    nodes = methods.value if isinstance(methods.value, list) else [methods]
    named = {str(node.value).upper() for node in nodes}
    return ", ".join(sorted(named & ONCE_ONLY))
