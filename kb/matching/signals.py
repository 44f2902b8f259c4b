"""Signals of a text for entries: typed signs, templates and names of errors."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from kb.matching.index import Index, Template
from kb.matching.line_context import LineContext
from kb.matching.parsed_text import ParsedText
from kb.matching.templates import Hit, find
from kb.text.sign_names import ERRNO_CLASSES
from kb.text.signs import Sign

_SIGN_STRENGTH: Final = 0.95
_TEMPLATE_BASE, _TEMPLATE_LENGTH_BONUS, _FULL_LENGTH = 0.6, 0.34, 40
"""Strength of the shortest template, what length adds, and the letters at which all of that is added."""
_SHARED_FACTOR: Final = 0.95
"""Share of its strength that a signal of several entries keeps."""
_NAMED_FACTOR: Final = 0.99
"""Share that a template keeps whose entry has an error name of its own, which would be in the same text."""
_SHORT_TEMPLATE: Final = 20
"""Letters below which a template needs a word of its layer in the text."""
_WEAK_KINDS: Final = ("errno", "http_status")
_MAX_QUOTE: Final = 90
_KIND_WORDS: Final = {
    "sqlstate": "SQLSTATE",
    "code": "SQLSTATE",
    "verify_code": "TLS verify code",
    "http_status": "HTTP status",
    "error_type": "error type",
}


class Signal(NamedTuple):
    """Evidence in a text for one entry."""

    entry: int
    """Position of the entry in the index."""
    kind: str
    """A kind of sign, `template`, `shared` (of several entries), `weak` or `words`; each kind counts once."""
    strength: float
    line: int
    why: str
    sign: str = ""
    """The sign or template as records write it, if only the error itself can have printed it."""
    holes: Mapping[str, str] = MappingProxyType({})


def signals_of(parsed: ParsedText, index: Index, templates: Iterable[Template] | None = None) -> list[Signal]:
    """Return the signals of the signs and templates in a record, strong and weak.

    `templates` are those whose first words the whole text has; without them, all are tried.
    """
    context = LineContext(parsed, index)
    signals = [signal for sign in parsed.signs for signal in _sign_signals(context, sign)]
    for template in index["templates"] if templates is None else templates:
        if hit := find(template["parts"], template["holes"], parsed.folded):
            signals += _template_signals(context, template, hit)
    return signals


def _sign_signals(context: LineContext, sign: Sign) -> Iterator[Signal]:
    why = f"{_KIND_WORDS.get(sign.kind, sign.kind)} {sign.value}"
    owners = _owners(sign, context.index)
    for entry in owners:
        layer = context.index["entries"][entry]["layer"]
        if _is_weak(sign, entry, context.index):
            strength = context.weak_strength(layer, sign.line, standalone=_is_builtin(sign))
            if strength and sign.kind != "sqlstate":
                yield Signal(entry, "weak", strength, sign.line, why)
            elif strength and not context.has_consequence():
                # of the kind of the message that it belongs to: beside that, it adds nothing
                yield Signal(entry, "template", strength, sign.line, why)
        elif not context.of_another_system(layer, sign.line):
            strength = _SIGN_STRENGTH * _shared_factor(owners)
            yield Signal(entry, sign.kind, strength, sign.line, why, str(sign))


def _owners(sign: Sign, index: Index) -> list[int]:
    """Return the entries that have a sign or, without any, those that have its name.

    A record may give a class without its module, and an errno stands for the class that Python raises for it.
    """
    if exact := index["signs"].get(str(sign)):
        return exact
    if sign.kind == "errno":
        return index["names"].get(ERRNO_CLASSES.get(sign.value, "").lower(), [])
    name = sign.value.rpartition(".")[2]
    if sign.kind != "exception":
        return []
    return index["signs"].get(f"exception {name}") or _named(name.lower(), index)


def _named(name: str, index: Index) -> list[int]:
    """Return the entries with an error name, or none if other systems and several entries have it."""
    owners = index["names"].get(name, [])
    return [] if len(owners) > 1 and name in index["weak"] else owners


def _is_weak(sign: Sign, entry: int, index: Index) -> bool:
    """Return True if other systems print the sign too, or if it follows from an earlier error."""
    if sign.kind in _WEAK_KINDS or str(sign) in index["consequences"]:
        return True
    module, _, name = sign.value.lower().rpartition(".")
    return name in index["weak"] and entry not in index["modules"].get(module, [])


def _is_builtin(sign: Sign) -> bool:
    """Return True for an exception class without a module: nothing in it could name another system."""
    return sign.kind == "exception" and "." not in sign.value


def _template_signals(context: LineContext, template: Template, hit: Hit) -> Iterator[Signal]:
    folded, index = context.parsed.folded, context.index
    line, quote = folded.line_at(hit.start), folded.text[hit.start : hit.end].strip()
    why = f'says "{quote if len(quote) <= _MAX_QUOTE else quote[: _MAX_QUOTE - 1] + "…"}"'
    is_short = template["letters"] < _SHORT_TEMPLATE
    is_consequence = any(phrase in quote.lower() for phrase in index["consequences"])
    for entry in template["owners"]:
        layer, named = index["entries"][entry]["layer"], index["entries"][entry]["named"]
        if context.of_another_system(layer, line):
            continue
        if is_consequence or (is_short and not context.names_layer(layer)):
            strength = context.weak_strength(layer, line, standalone=False)
            if not strength and template.get("alone"):
                strength = context.alone_strength(layer, line)
            if strength:
                yield Signal(entry, "weak", strength, line, why, holes=hit.holes)
        else:
            strength = _template_strength(template) * (_NAMED_FACTOR if named else 1)
            kind = "template" if len(template["owners"]) == 1 else "shared"
            yield Signal(entry, kind, strength, line, why, template["text"], hit.holes)


def _template_strength(template: Template) -> float:
    length = min(1.0, template["letters"] / _FULL_LENGTH)
    return (_TEMPLATE_BASE + _TEMPLATE_LENGTH_BONUS * length) * _shared_factor(template["owners"])


def _shared_factor(owners: list[int]) -> float:
    return 1.0 if len(owners) == 1 else _SHARED_FACTOR
