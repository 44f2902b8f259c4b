"""What in a text speaks for an entry: typed signs, whole templates, names of errors."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from kb.index import Index, Template
from kb.reading import Reading
from kb.sign_names import ERRNO_CLASSES
from kb.signs import Sign
from kb.surroundings import Surroundings
from kb.templates import Hit, find

_SIGN: Final = 0.95
_TEMPLATE_LEAST, _TEMPLATE_SPAN, _LETTERS_ENOUGH = 0.6, 0.34, 40
_SHARED: Final = 0.95
"""What is left of a clue that several entries own."""
_NAMED: Final = 0.99
"""What is left of a template of an entry that has an error name of its own: it would stand beside it."""
_SHORT_TEMPLATE: Final = 20
"""Letters; a shorter template needs a word of its layer near it."""
_WEAK_KINDS: Final = ("errno", "http_status")
_QUOTE_MAX: Final = 90
_KIND_WORDS: Final = {
    "sqlstate": "SQLSTATE",
    "verify_code": "TLS verify code",
    "http_status": "HTTP status",
    "error_type": "error type",
}


@dataclass(frozen=True, slots=True)
class Clue:
    """One thing that speaks for one entry."""

    entry: int
    kind: str
    """A kind of sign, `template`, `weak` or `words`; each kind counts once."""
    strength: float
    line: int
    why: str
    sign: str = ""
    """How records write the clue, where it can only be there because the error happened."""
    holes: dict[str, str] = field(default_factory=dict)


def clues_of(reading: Reading, index: Index) -> list[Clue]:
    """Collect the clues of a text, strong and weak."""
    around = Surroundings(reading, index)
    signs = (clue for sign in reading.signs for clue in _from_sign(around, sign))
    hits = (
        (template, find(template["parts"], template["holes"], reading.folded))
        for template in index["templates"]
    )
    return [*signs, *(clue for template, hit in hits if hit for clue in _from_hit(around, template, hit))]


def _from_sign(around: Surroundings, sign: Sign) -> Iterator[Clue]:
    owners = _owners(sign, around.index)
    weak = sign.kind in _WEAK_KINDS or str(sign) in around.index["consequences"]
    for entry in owners:
        yield from _clue(around, entry, sign, owners, weak=weak)
    if not owners:
        yield from _from_name(around, sign)


def _owners(sign: Sign, index: Index) -> list[int]:
    """Return the entries that own a sign; a record may name a class without its module."""
    exact = index["signs"].get(str(sign), [])
    if exact or sign.kind != "exception":
        return exact
    return index["signs"].get(f"exception {sign.value.rpartition('.')[2]}", [])


def _from_name(around: Surroundings, sign: Sign) -> Iterator[Clue]:
    """Yield clues from the error names of records; an errno stands for the class that Python gives it."""
    if sign.kind not in ("exception", "errno"):
        return
    value = ERRNO_CLASSES.get(sign.value, "") if sign.kind == "errno" else sign.value
    path, _, name = value.lower().rpartition(".")
    owners = around.index["names"].get(name, [])
    for entry in owners:
        ours = entry in around.index["modules"].get(path, [])
        yield from _clue(around, entry, sign, owners, weak=name in around.index["weak"] and not ours)


def _clue(around: Surroundings, entry: int, sign: Sign, owners: list[int], *, weak: bool) -> Iterator[Clue]:
    why = f"{_KIND_WORDS.get(sign.kind, sign.kind)} {sign.value}"
    layer = around.index["entries"][entry]["layer"]
    if weak:
        yield from _weak(around, entry, sign.line, why, alone=sign.kind == "exception")
    elif not around.of_other_database(layer, sign.line):
        yield Clue(entry, sign.kind, _SIGN * _share(owners), sign.line, why, str(sign))


def _weak(
    around: Surroundings,
    entry: int,
    line: int,
    why: str,
    *,
    alone: bool = False,
    holes: dict[str, str] | None = None,
) -> Iterator[Clue]:
    weight = around.weight(around.index["entries"][entry]["layer"], line, alone=alone)
    if weight:
        yield Clue(entry, "weak", weight, line, why, holes=holes or {})


def _from_hit(around: Surroundings, template: Template, hit: Hit) -> Iterator[Clue]:
    folded = around.reading.folded
    line, said = folded.line_at(hit.start), folded.shown[hit.start : hit.end].strip()
    why = f'says "{said if len(said) <= _QUOTE_MAX else said[: _QUOTE_MAX - 1] + "…"}"'
    short = template["letters"] < _SHORT_TEMPLATE
    follows = any(phrase in said.lower() for phrase in around.index["consequences"])
    for entry in template["owners"]:
        layer = around.index["entries"][entry]["layer"]
        if short and around.of_other_database(layer, line):
            continue
        if follows or (short and not around.names_layer(layer)):
            yield from _weak(around, entry, line, why, holes=hit.holes)
        else:
            strength = _template_strength(template) * (
                _NAMED if around.index["entries"][entry]["named"] else 1
            )
            yield Clue(entry, "template", strength, line, why, template["text"], hit.holes)


def _template_strength(template: Template) -> float:
    length = min(1.0, template["letters"] / _LETTERS_ENOUGH)
    return (_TEMPLATE_LEAST + _TEMPLATE_SPAN * length) * _share(template["owners"])


def _share(owners: list[int]) -> float:
    return 1.0 if len(owners) == 1 else _SHARED
