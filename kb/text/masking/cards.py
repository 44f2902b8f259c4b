"""Card numbers: digits grouped as on a card, an issuer's prefix and a valid check digit (ISO/IEC 7812)."""

import re
from typing import Final

from kb.text.masking.marks import Marks

_RUN: Final = r"(?<![^\W_])(?<!\A0\.)(?<!\D0\.)\d(?:[ -]?\d){12,200}(?![ -]?\d|[A-Za-z])"
_GROUPS: Final = frozenset(
    {(4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (4, 4, 4, 1), (4, 4, 5), (4, 3, 3, 3)}
)
_LENGTHS: Final = range(13, 20)
_PARTS: Final = (9, 7, 5, 1)
"""Numbers of groups and separators, together: a card number has five, four, three groups or one."""
_PREFIXES: Final = (
    r"4(?:\d{12}|\d{15}|\d{18})"
    r"|5[1-5]\d{14}|222[1-9]\d{12}|22[3-9]\d{13}|2[3-6]\d{14}|27[01]\d{13}|2720\d{12}"
    r"|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11,16}|35(?:2[89]|[3-8]\d)\d{12,15}"
    r"|(?:6011|64[4-9]\d|65\d\d|62\d\d)\d{12,15}"
)


def hide_cards(marks: Marks, text: str) -> str:
    """Mask the card numbers of a text; times, amounts and transaction numbers stay."""
    return re.sub(_RUN, lambda run: _mask_run(marks, run[0]), text)


def _mask_run(marks: Marks, run: str) -> str:
    parts = re.split(r"([ -])", run)
    out, i = "", 0
    while i < len(parts):
        length = next((n for n in _PARTS if _is_card(parts[i : i + n])), 0)
        out += marks.hide("".join(parts[i : i + length]), "card number") if length else parts[i]
        i += length or 1
    return out


def _is_card(parts: list[str]) -> bool:
    groups = tuple(len(part) for part in parts[::2])
    if len(groups) > 1 and groups not in _GROUPS:
        return False
    digits = "".join(parts[::2])
    known_issuer = len(digits) in _LENGTHS and re.fullmatch(_PREFIXES, digits)
    return bool(known_issuer) and _has_valid_check_digit(digits)


def _has_valid_check_digit(digits: str) -> bool:
    """Return True if the last digit is the check digit of the others (Luhn algorithm)."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(int(digit) for digit in digits[::-2])) % 10 == 0
