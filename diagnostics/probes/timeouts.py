"""Rules for the network file: timeouts and retries, each by itself and the worst case of a call."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from diagnostics.clients.config.facts import ConfiguredReadTimeout
from diagnostics.clients.config.file import ConfigFile, config_tables
from diagnostics.clients.config.mapping.durations import duration, unit_of_name
from diagnostics.clients.config.mapping.key_names import normal
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
BUDGET = 15.0
ALONE = False
SENDS = "Nothing; it parses the file and does not run it."

CONNECT = "connection_timeout"
READ = "read_timeout"
BOTH = "timeout"
"""Setting with one timeout for connecting and reading, a pair of them, or a table."""
TIMES = (CONNECT, READ, BOTH, "retry_delay")
RETRY_SETTINGS = ("max_retries", "retry_delay", "backoff_factor", "retry_methods", "idempotency_keys")
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
    """Read the files, share the read timeout of the target's own, and apply the rules to each table."""
    for written in config_tables(context, "network"):
        section = in_seconds(written)
        file = replace(written, section=section)
        plan = plan_of(section)
        if plan and (file.declared or BOTH not in file.names):
            context.evidence("read timeout", plan.read, unit="s")
            if file.declared:
                context.share(ConfiguredReadTimeout(plan.read))
            budget = context.thresholds.call_budget_s
            worst, ok = round(plan.worst, 2), plan.worst <= budget
            most = f"at most {budget:g}"
            context.evidence("worst case", worst, expected=most, unit="s", ok=ok, note=plan.sum_as_text)
        _show_origins(context, written)
        report_problems(context, file, problems(file, context.thresholds))
        report_unseen(context, file, (CONNECT, READ, BOTH, "max_retries", "retry_delay", "backoff_factor"))


def _show_origins(context: Context, file: ConfigFile) -> None:
    for key, node in file.section.table.items():
        if node.origin:
            context.evidence(f"{file.name}:{node.line} {file.own_name(key)}", f"from {node.origin}")


def in_seconds(file: ConfigFile) -> Section:
    """Return the table with its times in seconds, by the unit of the value, the name or the format.

    In Python a text is no time, since its clients take numbers. One timeout for both becomes two.
    """
    table = dict(file.section.table)
    for key in TIMES:
        if key in table:
            table[key] = _in_seconds(table[key], file.own_name(key), file)
    both = table.pop(BOTH, None)
    if both is None:
        return replace(file.section, table=table)
    parts = _parts(both)
    for key, part in zip((CONNECT, READ), parts, strict=True):
        if part is not None:
            table.setdefault(key, replace(part, line=both.line, origin=both.origin))
    if not any(parts) or (READ not in table and CONNECT not in table):
        table[BOTH] = both
    return replace(file.section, table=table)


def _parts(node: Node) -> tuple[Node | None, Node | None]:
    """Return the connect and the read timeout of a setting for both."""
    if isinstance(node.value, list):
        pair = node.value if len(node.value) == len((CONNECT, READ)) else []
        return (pair[0], pair[1]) if pair else (None, None)
    if isinstance(node.value, dict):
        single = node.value.get(BOTH)
        return tuple(node.value.get(key, single) for key in ("connect_timeout", READ))  # type: ignore[return-value]
    return node, node


def _in_seconds(node: Node, name: str, file: ConfigFile) -> Node:
    if isinstance(node.value, list | dict):
        return node
    if isinstance(node.value, str):
        python = file.path.suffix == ".py"
        found = None if python else duration(node.value)
        return node if found is None else replace(node, value=found)
    unit = unit_of_name(normal(name))[1]
    number = seconds(node)
    if number is None:
        return node
    if unit is not None and unit != 1:
        return replace(node, value=number * unit)
    if unit is None and number >= MILLISECONDS and not _means_seconds(file, name):
        return replace(
            node, value=number / MILLISECONDS, origin=node.origin or "a number that is taken as milliseconds"
        )
    return node


def _means_seconds(file: ConfigFile, name: str) -> bool:
    """Return True where clients take seconds: in Python, and in our spelling in a file of the target."""
    ours = name in {CONNECT, "connect_timeout", READ, "retry_delay"}
    return file.path.suffix == ".py" or (file.declared and (ours or name.islower() or "CLEARPAY" in name))


def problems(file: ConfigFile, limits: Thresholds) -> Iterator[ConfigProblem]:
    """Yield every problem, of single values first."""
    section = file.section
    for key, healthy in ((CONNECT, "3.05"), (READ, "10")):
        if key in section.table or _is_complete(file):
            yield from _timeout(section, key, healthy)
    yield from _retries(file)
    if not file.declared and BOTH in file.names:
        return  # one timeout of a whole call, which may be a batch
    yield from _long(section, limits)
    plan = plan_of(section)
    if plan and plan.worst > limits.call_budget_s:
        node = section.table.get("max_retries") or section.table[READ]
        message = f"{plan.sum_as_text}, and the caller waits {limits.call_budget_s:g} s"
        advice = f"fewer retries and a shorter {READ}; 3.05, 10 and 2 retries end after 42 s"
        yield ConfigProblem(
            code="timeouts.worst_case", key="max_retries", line=node.line, message=message, advice=advice
        )


def _is_complete(file: ConfigFile) -> bool:
    """Return True if a timeout that the table does not have is missing, and not set elsewhere."""
    table = file.section.table
    return file.declared or sum(key in table for key in (CONNECT, READ, *RETRY_SETTINGS)) > len(
        (CONNECT, READ)
    )


def plan_of(section: Section) -> Plan | None:
    """Return the plan; None if a timeout is missing, invalid or not a literal."""
    table = section.table
    connect = seconds(table[CONNECT]) if CONNECT in table else None
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


def _long(section: Section, limits: Thresholds) -> Iterator[ConfigProblem]:
    rules = (
        (
            CONNECT,
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
        too_long = number is not None and (number > most if key == CONNECT else number >= most)
        if node and number and too_long and number < MILLISECONDS:
            message = f"is {number:g} s; {why} within {most:g} s"
            yield ConfigProblem(
                code=code, key=key, line=node.line, message=message, advice=f"{key} of {healthy} s"
            )


def _retries(file: ConfigFile) -> Iterator[ConfigProblem]:
    table = file.section.table
    factor = table.get("backoff_factor")
    number = seconds(factor) if factor else None
    # urllib3's factor is a pause in seconds, and small ones are usual; a factor goes with a first pause.
    is_factor = file.declared or "retry_delay" in table
    if factor and number is not None and number < 1 and is_factor:
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
