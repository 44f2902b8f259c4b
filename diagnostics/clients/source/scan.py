"""Application of the rules to one file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from diagnostics.clients.source.module import Module, NotPython
from diagnostics.clients.source.rules import RULES, Rule
from diagnostics.clients.source.suppressions import allow_comments


@dataclass(frozen=True, slots=True)
class Hit:
    """Match of a rule at one line."""

    rule: Rule
    line: int
    allowed: str = ""
    """Reason in an allow comment; empty without one."""
    remark: str = ""
    """Note about an allow comment that is not valid."""


def scan(source: bytes, rules: Sequence[Rule] = RULES) -> Iterator[Hit]:
    """Yield all hits, in the order of the rules. Raises NotPython."""
    module = Module(source)
    comments = allow_comments(source)
    for rule in rules:
        for line in _lines(rule, module):
            at_line = comments.get(line, ())
            comment = next((comment for comment in at_line if comment.rule == rule.name), None)
            remark = "its allow comment gives no reason" if comment and not comment.reason else ""
            yield Hit(rule, line, comment.reason if comment else "", remark)


def _lines(rule: Rule, module: Module) -> list[int]:
    try:
        return sorted({getattr(node, "lineno", 1) for node in rule.find(module)})
    except RecursionError:
        raise NotPython("nested too deeply") from None
