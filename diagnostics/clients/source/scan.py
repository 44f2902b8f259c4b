"""All rules over one file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from diagnostics.clients.source.module import Module, NotPython
from diagnostics.clients.source.rules import RULES, Rule
from diagnostics.clients.source.suppressions import allowed


@dataclass(frozen=True, slots=True)
class Hit:
    """One place where a rule found something."""

    rule: Rule
    line: int
    allowed: str = ""
    """The reason why it may stay."""
    remark: str = ""


def scan(source: bytes, rules: Sequence[Rule] = RULES) -> Iterator[Hit]:
    """Every hit, in the order of the rules. Raises NotPython."""
    module = Module(source)
    comments = allowed(source)
    for rule in rules:
        for line in _lines(rule, module):
            said = next((one for one in comments.get(line, ()) if one.rule == rule.name), None)
            remark = "its allow comment gives no reason" if said and not said.reason else ""
            yield Hit(rule, line, said.reason if said else "", remark)


def _lines(rule: Rule, module: Module) -> list[int]:
    try:
        return sorted({getattr(node, "lineno", 1) for node in rule.finds(module)})
    except RecursionError:
        raise NotPython("nested too deeply") from None
