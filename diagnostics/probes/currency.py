"""Rules for the currency file: codes of ISO 4217, and minimum and maximum amounts in their minor units."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from diagnostics.clients.config.currencies import SUCCESSORS, Currencies, load_currencies
from diagnostics.clients.config.facts import ConfiguredCurrencies
from diagnostics.clients.config.file import ConfigFile, config_tables
from diagnostics.clients.config.problems import ConfigProblem, report_problems, report_unseen
from diagnostics.clients.config.tree import Node, Section
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.targets.target import EndpointKind

QUESTION = "Are the configured currencies in force, and are their limits consistent?"
LAYER = "config"
APPLIES_TO: tuple[EndpointKind, ...] = ("currency file", "path")
NEEDS: tuple[str, ...] = ()
READS: tuple[str, ...] = ()
FINDINGS = (
    "currency.withdrawn",
    "currency.unknown",
    "currency.default_unsupported",
    "currency.duplicates",
    "currency.limits_missing",
    "currency.not_positive",
    "currency.minor_unit",
    "currency.limits_inverted",
    "currency.float_money",
)
SAFETY: Safety = "local"
BUDGET = 15.0
ALONE = False
SENDS = "Nothing; it parses the file and does not run it."

LIMITS = ("min_amount", "max_amount")
MAX_DIGITS = 18
"""Decimal exponent of an amount; larger or finer numbers are not amounts."""


def run(context: Context, /) -> None:
    """Read the files, share the codes of the target's own, and compare them with the list in force."""
    tables = config_tables(context, "currency")
    known = load_currencies()
    context.evidence("list of currencies", f"ISO 4217 of {known.published}")
    for file in tables:
        codes = tuple(_codes(file.section))
        context.evidence("currencies", codes or _default_code(file.section))
        if file.declared:
            context.share(ConfiguredCurrencies(codes))
        report_problems(context, file, problems(file, known))
        report_unseen(context, file, ("supported_currencies", "default_currency", *LIMITS))
        if not codes and (file.declared or not _default_code(file.section)):
            context.unknown(f"{file.name}: supported_currencies lists no code of a currency")
        _show_without_effect(context, file, known)


def _show_without_effect(context: Context, file: ConfigFile, known: Currencies) -> None:
    """Show limits of currencies that are not supported, and codes that are not of ISO 4217."""
    codes = _codes(file.section)
    for key in LIMITS:
        for code, node in sorted(_limits(file.section, key).items()):
            if codes and code not in codes:
                note = "a limit for a currency that is not supported has no effect"
                context.evidence(f"{file.name}:{node.line} {key}.{code}", "not supported", note=note)
    if not file.declared:
        others = tuple(code for code in codes if not known.is_payable(code) and code not in SUCCESSORS)
        if others:
            context.evidence(f"{file.name}: not in ISO 4217", others)


def _default_code(section: Section) -> tuple[str, ...]:
    node = section.table.get("default_currency")
    return (node.value,) if node and isinstance(node.value, str) else ()


def problems(file: ConfigFile, known: Currencies) -> Iterator[ConfigProblem]:
    """Yield every problem: of the codes first, then of their limits."""
    section = file.section
    yield from _supported(section, known, declared=file.declared)
    yield from _default(section, known)
    if not file.declared and not any(_limits(section, key) for key in LIMITS):
        return
    for code in _codes(section):
        if known.is_payable(code):
            yield from _of_currency(section, code, known.exponents[code] or 0)


def _codes(section: Section) -> dict[str, int]:
    """Return the supported codes and their lines."""
    return {node.value: node.line for node in _supported_nodes(section) if isinstance(node.value, str)}


def _supported_nodes(section: Section) -> list[Node]:
    node = section.table.get("supported_currencies")
    return node.value if node and isinstance(node.value, list) else []


def _supported(section: Section, known: Currencies, *, declared: bool) -> Iterator[ConfigProblem]:
    seen: set[object] = set()
    for node in _supported_nodes(section):
        if node.value in seen:
            message, advice = f"has {node.value} twice", "each currency once"
            yield _problem("currency.duplicates", "supported_currencies", node.line, message, advice)
        elif isinstance(node.value, str):
            seen.add(node.value)
            yield from _code("supported_currencies", node, known, declared=declared)


def _code(key: str, node: Node, known: Currencies, *, declared: bool) -> Iterator[ConfigProblem]:
    """Yield the problem of one code.

    A file that the target does not name for the role may have codes of other systems: only those are wrong
    that are letters of a currency's code in another order.
    """
    code, line = str(node.value), node.line
    if code in SUCCESSORS and code not in known.exponents:
        successor = SUCCESSORS[code]
        yield _problem("currency.withdrawn", key, line, f"has {code}, which {successor} replaced", successor)
    elif not known.is_payable(code):
        upper = code.strip().upper()
        message = f"has {code}, which is not a currency of ISO 4217 that payments can be made in"
        similar = [other for other in known.exponents if sorted(other) == sorted(upper)]
        advice = " or ".join(filter(known.is_payable, similar)) or "a code of ISO 4217, in capitals"
        if not declared and not any(map(known.is_payable, similar)):
            return
        yield _problem("currency.unknown", key, line, message, advice)


def _default(section: Section, known: Currencies) -> Iterator[ConfigProblem]:
    node, codes = section.table.get("default_currency"), _codes(section)
    if node and not codes and isinstance(node.value, str):
        yield from _code("default_currency", node, known, declared=False)
    if node and codes and isinstance(node.value, str) and node.value not in codes:
        message = f"is {node.value}, which supported_currencies does not list"
        advice = f"one of {', '.join(codes)}, or add {node.value} with its limits"
        yield _problem("currency.default_unsupported", "default_currency", node.line, message, advice)


def _limits(section: Section, key: str) -> dict[str, Node]:
    node = section.table.get(key)
    return node.value if node and isinstance(node.value, dict) else {}


def _of_currency(section: Section, code: str, exponent: int) -> Iterator[ConfigProblem]:
    amounts: list[Decimal] = []
    for key in LIMITS:
        node, name = _limits(section, key).get(code), f"{key}.{code}"
        if node is None:
            line = section.table[key].line if key in section.table else section.line
            message, advice = (
                "is missing",
                f"an amount with at most {exponent} digits after the decimal point",
            )
            yield _problem("currency.limits_missing", name, line, message, advice)
            continue
        if isinstance(node.value, float):
            message, advice = (
                "is a float, which cannot hold every cent",
                f'"{node.value:.{exponent}f}", as text',
            )
            yield _problem("currency.float_money", name, node.line, message, advice, warn=True)
        amount = _amount(node)
        if amount is not None:
            amounts.append(amount)
            yield from _amount_alone(name, node.line, amount, exponent)
    if len(amounts) == len(LIMITS) and amounts[0] > amounts[1]:
        line = _limits(section, "min_amount")[code].line
        message = f"is {amounts[0]}, more than max_amount.{code} of {amounts[1]}"
        advice = "the smaller amount as the minimum"
        yield _problem("currency.limits_inverted", f"min_amount.{code}", line, message, advice)


def _amount_alone(name: str, line: int, amount: Decimal, exponent: int) -> Iterator[ConfigProblem]:
    if amount <= 0:
        message, advice = f"is {amount}", "an amount above zero"
        yield _problem("currency.not_positive", name, line, message, advice)
    elif _digits(amount) > exponent:
        message = f"is {amount}; the currency has {exponent} digits after the decimal point"
        advice = "an amount that can be paid"
        yield _problem("currency.minor_unit", name, line, message, advice)


def _amount(node: Node) -> Decimal | None:
    if isinstance(node.value, bool) or not isinstance(node.value, str | int | float | Decimal):
        return None
    try:
        amount = Decimal(str(node.value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount.adjusted()) <= MAX_DIGITS else None


def _digits(amount: Decimal) -> int:
    exponent = amount.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _problem(
    code: str, key: str, line: int, message: str, advice: str, *, warn: bool = False
) -> ConfigProblem:
    return ConfigProblem(code=code, key=key, line=line, message=message, advice=advice, warn=warn)
