"""What in a text speaks for an entry: typed signs, whole templates, names of errors."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from kb.matching.index import Index, Template
from kb.matching.line_context import LineContext
from kb.matching.parsed_text import ParsedText
from kb.matching.templates import Hit, find
from kb.text.sign_names import ERRNO_CLASSES
from kb.text.signs import Sign

_SIGN: Final = 0.95
_TEMPLATE_LEAST, _TEMPLATE_SPAN, _LETTERS_ENOUGH = 0.6, 0.34, 40
_SHARED: Final = 0.95
"""What is left of a clue that several entries own."""
_NAMED: Final = 0.99
"""What is left of a template of an entry that has an error name of its own: it would stand beside it."""
_SHORT_TEMPLATE: Final = 20
"""Letters; a shorter template needs a word of its layer in the text."""
_WEAK_KINDS: Final = ("errno", "http_status")
_QUOTE_MAX: Final = 90
_KIND_WORDS: Final = {
    "sqlstate": "SQLSTATE",
    "verify_code": "TLS verify code",
    "http_status": "HTTP status",
    "error_type": "error type",
}


class Signal(NamedTuple):
    """One thing that speaks for one entry."""

    entry: int
    kind: str
    """A kind of sign, `template`, `shared` (one of several entries), `weak` or `words`; each counts once."""
    strength: float
    line: int
    why: str
    sign: str = ""
    """How records write the clue, where it can only be there because the error happened."""
    holes: Mapping[str, str] = MappingProxyType({})


def clues_of(reading: ParsedText, index: Index) -> list[Signal]:
    """Collect the clues of a text, strong and weak."""
    around = LineContext(reading, index)
    clues = [clue for sign in reading.signs for clue in _from_sign(around, sign)]
    for template in index["templates"]:
        if hit := find(template["parts"], template["holes"], reading.folded):
            clues += _from_hit(around, template, hit)
    return clues


def _from_sign(around: LineContext, sign: Sign) -> Iterator[Signal]:
    why = f"{_KIND_WORDS.get(sign.kind, sign.kind)} {sign.value}"
    owners = _owners(sign, around.index)
    for entry in owners:
        layer = around.index["entries"][entry]["layer"]
        if _is_weak(sign, entry, around.index):
            weight = around.weight(layer, sign.line, alone=_is_builtin(sign))
            yield from _weak(entry, weight, sign.line, why)
        elif not around.of_another_system(layer, sign.line):
            yield Signal(entry, sign.kind, _SIGN * _share(owners), sign.line, why, str(sign))


def _owners(sign: Sign, index: Index) -> list[int]:
    """Return the entries that own a sign, or else those that are named like it.

    A record may name a class without its module, and an errno stands for the class that Python gives it.
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
    """Return the entries named like a class; none where several of ours and many other systems have it."""
    owners = index["names"].get(name, [])
    return [] if len(owners) > 1 and name in index["weak"] else owners


def _is_weak(sign: Sign, entry: int, index: Index) -> bool:
    """Whether other systems show the sign too, or it follows from an earlier error."""
    if sign.kind in _WEAK_KINDS or str(sign) in index["consequences"]:
        return True
    module, _, name = sign.value.lower().rpartition(".")
    return name in index["weak"] and entry not in index["modules"].get(module, [])


def _is_builtin(sign: Sign) -> bool:
    """Whether an exception may be all that is said; one with its module has a system that could be named."""
    return sign.kind == "exception" and "." not in sign.value


def _weak(
    entry: int, weight: float, line: int, why: str, holes: dict[str, str] | None = None
) -> Iterator[Signal]:
    if weight:
        yield Signal(entry, "weak", weight, line, why, holes=holes or {})


def _from_hit(around: LineContext, template: Template, hit: Hit) -> Iterator[Signal]:
    folded, index = around.reading.folded, around.index
    line, said = folded.line_at(hit.start), folded.shown[hit.start : hit.end].strip()
    why = f'says "{said if len(said) <= _QUOTE_MAX else said[: _QUOTE_MAX - 1] + "…"}"'
    short = template["letters"] < _SHORT_TEMPLATE
    follows = any(phrase in said.lower() for phrase in index["consequences"])
    for entry in template["owners"]:
        layer, named = index["entries"][entry]["layer"], index["entries"][entry]["named"]
        if around.of_another_system(layer, line):
            continue
        if follows or (short and not around.names_layer(layer)):
            yield from _weak(entry, around.weight(layer, line, alone=False), line, why, hit.holes)
        else:
            strength = _template_strength(template) * (_NAMED if named else 1)
            kind = "template" if len(template["owners"]) == 1 else "shared"
            yield Signal(entry, kind, strength, line, why, template["text"], hit.holes)


def _template_strength(template: Template) -> float:
    length = min(1.0, template["letters"] / _LETTERS_ENOUGH)
    return (_TEMPLATE_LEAST + _TEMPLATE_SPAN * length) * _share(template["owners"])


def _share(owners: list[int]) -> float:
    return 1.0 if len(owners) == 1 else _SHARED
