"""Masking of secrets in untrusted text: readable tokens take their place, in linear time."""

from typing import Final

from kb.text.masking.cards import hide_cards
from kb.text.masking.keyed import hide_keyed_values
from kb.text.masking.marks import Marks
from kb.text.masking.patterns import PATTERNS, Guarded
from kb.text.masking.private_keys import hide_private_keys

_RULES: Final[tuple[Guarded, ...]] = (
    (("private key-----",), hide_private_keys),
    *PATTERNS,
    (("pass", "pwd", "secret", "token", "key"), hide_keyed_values),
    (tuple("0123456789"), hide_cards),
)


def mask_and_count(text: str, *, in_message: bool = False) -> tuple[str, int]:
    """Replace secrets by tokens such as `<password>` and return the text with the number of secrets.

    Tokens that the text already has, `<password>` or `<password:1>`, stay as they are. `in_message` is True
    for a message of this program: a sentence after a name and a colon is not the value of the name.
    """
    marks = Marks(in_message=in_message)
    text = marks.read(text)
    lowered = text.lower()
    for hints, rule in _RULES:
        if any(hint in lowered for hint in hints):
            text = rule(marks, text)
    return marks.restore(text), marks.count


def mask_private_keys(text: str) -> tuple[str, int]:
    """Mask private key blocks only: the one kind of secret that spans lines."""
    if "PRIVATE KEY-----" not in text:
        return text, 0
    marks = Marks()
    text = hide_private_keys(marks, marks.read(text))
    return marks.restore(text), marks.count
