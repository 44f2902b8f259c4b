"""Card numbers: prefix and lengths of an issuer, groups as on a card, valid check digit (ISO/IEC 7812)."""

import re
from typing import Final

from kb.text.masking.marks import Marks

_SEPARATOR: Final = "(?:[ .+\u00a0\u2007\u2009\u2010-\u2015\u202f-]{1,2}|%20)"
_RUN: Final = rf"[0-9](?<![^\W_][0-9])(?:{_SEPARATOR}?[0-9]){{12,200}}(?!{_SEPARATOR}?[0-9]|[A-Za-z])"
_PART: Final = rf"({_SEPARATOR})"
_GROUPS: Final = frozenset(
    {
        *((4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (4, 4, 4, 4, 2), (4, 4, 4, 1)),
        *((4, 4, 5), (4, 3, 3, 3), (6, 13), (8, 8)),
    }
)
_PARTS: Final = (9, 7, 5, 3, 1)
"""Numbers of groups and separators, together: a card number has five to one groups."""
_ISSUERS: Final = (
    r"4(?:\d{15}|\d{18})"  # Visa
    r"|5[1-5]\d{14}|222[1-9]\d{12}|22[3-9]\d{13}|2[3-6]\d{14}|27[01]\d{13}|2720\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|[689]\d)\d{11,16}"  # Diners Club
    r"|(?:35(?:2[89]|[3-8]\d))\d{12,15}"  # JCB
    r"|(?:6011|64[4-9]\d|65\d\d|62\d\d|81[0-7]\d)\d{12,15}"  # Discover, UnionPay
    r"|(?:5018|5020|5038|5612|5893|6304|6390|6759|676[1-3])\d{12,15}"  # Maestro
    r"|220[0-5]\d{12,15}"  # Mir, BORICA
    r"|(?:504175|5067\d\d|506699|509\d{3}|627780|636297|636368)\d{10}"  # Elo
    r"|(?:5060(?:99)|5061\d\d|508[5-9]\d\d|606985|60698[5-9]|60\d{4}|81\d{4}|82\d{4})\d{10}"  # Verve, RuPay
    r"|(?:5019|8600|9860|9792|9112|637[0-9]|636[0-9])\d{12}"  # Dankort, Uzcard, Humo, Troy, Belkart
)
_OLD_VISA: Final = r"4\d{12}"
"""Thirteen digits: issued no more, and many other numbers look the same."""
_CARD_WORD: Final = (
    r"(?i)(?:card|\bpan\b|visa|master|amex|maestro|diners|jcb|\bcc\b|\bmir\b|\belo\b)[^\d\n]{0,40}$"
)
_OTHER_NUMBER: Final = (
    r"(?i)(?:\b(?:order|invoice|phone|tel|telephone|telefon|fax|mobile|cell|tracking|parcel|shipment|imei"
    r"|ticket|customer"
    r"|booking|reservation|reference|ref|serial|barcode|ean|gtin|isbn|upc|case|article|sku|contract"
    r"|policy|batch|meter"
    r"|epoch|timestamp|account)"
    r"(?:[ _-]?(?:no|nr|num|number|id|ref|code|ns|ms|us))?[\"']?[ ]?[.:#=]{0,2}[ ]?[\"'#]?|\+)$"
)
_CONTEXT: Final = 48
"""Characters examined before a number."""


def hide_cards(marks: Marks, text: str) -> str:
    """Mask the card numbers of a text; times, amounts, telephone and order numbers stay."""
    return re.sub(_RUN, lambda run: _mask_run(marks, run), text)


def _mask_run(marks: Marks, run: re.Match[str]) -> str:
    before = run.string[max(0, run.start() - _CONTEXT) : run.start()]
    named = bool(re.search(_CARD_WORD, before))
    if not named and re.search(_OTHER_NUMBER, before):
        return run[0]
    parts = re.split(_PART, run[0])
    out, i = "", 0
    while i < len(parts):
        length = next(
            (n for n in _PARTS if i + n <= len(parts) and _is_card(parts[i : i + n], named=named)), 0
        )
        if length == 1 and _is_decimal(parts[max(0, i - 1) : i], parts[i + 1 : i + 3]):
            length = 0
        out += marks.hide("".join(parts[i : i + length]), "card number") if length else parts[i]
        i += length or 1
    return out


def _is_decimal(before: list[str], after: list[str]) -> bool:
    """Return True for digits of a decimal number or a version; `.0` ends a whole number."""
    return before == ["."] or (after[:1] == ["."] and after[1].strip("0") != "")


def _is_card(parts: list[str], *, named: bool) -> bool:
    groups = tuple(len(part) for part in parts[::2])
    if len(groups) > 1 and groups not in _GROUPS:
        return False
    digits = "".join(parts[::2])
    known = re.fullmatch(_ISSUERS, digits) or (named and re.fullmatch(_OLD_VISA, digits))
    return bool(known) and _has_valid_check_digit(digits)


def _has_valid_check_digit(digits: str) -> bool:
    """Return True if the last digit is the check digit of the others (Luhn algorithm)."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(doubled) + sum(int(digit) for digit in digits[::-2])) % 10 == 0
