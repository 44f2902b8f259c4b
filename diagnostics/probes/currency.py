"""Are the configured currencies in force, and do the limits of each of them make sense?"""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from diagnostics.clients.config.currencies import SUCCESSORS, Currencies, currencies
from diagnostics.clients.config.facts import ConfiguredCurrencies
from diagnostics.clients.config.file import config_file
from diagnostics.clients.config.problems import ConfigProblem, report_problems
from diagnostics.clients.config.tree import Node, Section
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.targets.target import EndpointKind

QUESTION = "Are the configured currencies in force, and do the limits of each of them make sense?"
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
BUDGET = 5.0
ALONE = False
SENDS = "Nothing; it reads the file and never runs it."

LIMITS = ("min_amount", "max_amount")
FINEST = 18
"""Digits behind the point; more are no amount."""


def run(context: Context, /) -> None:
    """Read the file and hold it against the list in force."""
    file = config_file(context, "currency")
    known = currencies()
    context.evidence("list of currencies", f"ISO 4217 of {known.published}")
    codes = tuple(_codes(file.section))
    context.evidence("currencies", codes)
    context.share(ConfiguredCurrencies(codes))
    report_problems(context, file, complaints(file.section, known))
    for key in LIMITS:
        for code, node in sorted(_limits(file.section, key).items()):
            if code not in _codes(file.section):
                note = "a limit for a currency that is not supported has no effect"
                context.evidence(f"{file.name}:{node.line} {key}.{code}", "not supported", note=note)


def complaints(section: Section, known: Currencies) -> Iterator[ConfigProblem]:
    """Every breach: the codes, then their limits."""
    yield from _supported(section, known)
    yield from _default(section)
    for code in _codes(section):
        if known.is_money(code):
            yield from _of_currency(section, code, known.exponents[code] or 0)


def _codes(section: Section) -> dict[str, int]:
    """The supported codes and the lines on which they stand."""
    node = section.table.get("supported_currencies")
    listed = node.value if node and isinstance(node.value, list) else []
    return {one.value: one.line for one in listed if isinstance(one.value, str)}


def _supported(section: Section, known: Currencies) -> Iterator[ConfigProblem]:
    node = section.table.get("supported_currencies")
    seen: set[object] = set()
    for one in node.value if node and isinstance(node.value, list) else []:
        if one.value in seen:
            what, write = f"has {one.value} twice", "each currency once"
            yield _complaint("currency.duplicates", "supported_currencies", one.line, what, write)
        elif isinstance(one.value, str):
            seen.add(one.value)
            yield from _code(one.value, one.line, known)


def _code(code: str, line: int, known: Currencies) -> Iterator[ConfigProblem]:
    key = "supported_currencies"
    if code in SUCCESSORS and code not in known.exponents:
        successor = SUCCESSORS[code]
        yield _complaint(
            "currency.withdrawn", key, line, f"has {code}, which {successor} replaced", successor
        )
    elif not known.is_money(code):
        upper = code.strip().upper()
        what = f"has {code}, which is no currency of ISO 4217 that payments are made in"
        turned = [one for one in known.exponents if sorted(one) == sorted(upper) and known.is_money(one)]
        write = " or ".join(turned) or "a code of ISO 4217, in capitals"
        yield _complaint("currency.unknown", key, line, what, write)


def _default(section: Section) -> Iterator[ConfigProblem]:
    node, codes = section.table.get("default_currency"), _codes(section)
    if node and codes and isinstance(node.value, str) and node.value not in codes:
        what = f"is {node.value}, which supported_currencies has not"
        write = f"one of {', '.join(codes)}, or add {node.value} with its limits"
        yield _complaint("currency.default_unsupported", "default_currency", node.line, what, write)


def _limits(section: Section, key: str) -> dict[str, Node]:
    node = section.table.get(key)
    return node.value if node and isinstance(node.value, dict) else {}


def _of_currency(section: Section, code: str, exponent: int) -> Iterator[ConfigProblem]:
    amounts: list[Decimal] = []
    for key in LIMITS:
        node, name = _limits(section, key).get(code), f"{key}.{code}"
        if node is None:
            line = section.table[key].line if key in section.table else section.line
            what, write = "is not there", f"an amount with at most {exponent} digits behind the point"
            yield _complaint("currency.limits_missing", name, line, what, write)
            continue
        if isinstance(node.value, float):
            what, write = "is a float, which cannot hold every cent", f'"{node.value:.{exponent}f}", as text'
            yield _complaint("currency.float_money", name, node.line, what, write, warn=True)
        amount = _amount(node)
        if amount is not None:
            amounts.append(amount)
            yield from _amount_alone(name, node.line, amount, exponent)
    if len(amounts) == len(LIMITS) and amounts[0] > amounts[1]:
        line = _limits(section, "min_amount")[code].line
        what = f"is {amounts[0]}, more than max_amount.{code} of {amounts[1]}"
        write = "the smaller amount as the minimum"
        yield _complaint("currency.limits_inverted", f"min_amount.{code}", line, what, write)


def _amount_alone(name: str, line: int, amount: Decimal, exponent: int) -> Iterator[ConfigProblem]:
    if amount <= 0:
        what, write = f"is {amount}", "an amount above zero"
        yield _complaint("currency.not_positive", name, line, what, write)
    elif _digits(amount) > exponent:
        what = f"is {amount}; the currency has {exponent} digits behind the point"
        write = "an amount that can be paid"
        yield _complaint("currency.minor_unit", name, line, what, write)


def _amount(node: Node) -> Decimal | None:
    if isinstance(node.value, bool) or not isinstance(node.value, str | int | float | Decimal):
        return None
    try:
        amount = Decimal(str(node.value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount.adjusted()) <= FINEST else None


def _digits(amount: Decimal) -> int:
    exponent = amount.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _complaint(code: str, key: str, line: int, what: str, write: str, *, warn: bool = False) -> ConfigProblem:
    return ConfigProblem(code=code, key=key, line=line, what=what, write=write, warn=warn)
