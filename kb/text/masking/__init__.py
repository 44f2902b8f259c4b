"""Masking of secrets in untrusted text: readable tokens take their place, in linear time."""

from typing import Final

from kb.text.masking.cards import hide_cards
from kb.text.masking.commands import COMMANDS
from kb.text.masking.keyed import hide_keyed_values
from kb.text.masking.kubernetes import hide_kubernetes_data
from kb.text.masking.marks import Marks
from kb.text.masking.pairs import hide_pairs
from kb.text.masking.patterns import CUSTOMER_DATA, FILES, HEADERS, SENTENCES, SQL, STRUCTURES, URLS
from kb.text.masking.private_keys import hide_private_keys
from kb.text.masking.shapes import Guarded, Shape, rule_of
from kb.text.masking.vendors import hide_vendor_tokens

HINTS_KEYS: Final = ("private",)
HINTS_KUBERNETES: Final = ("secret",)
HINTS_PAIRS: Final = ("value", "form-data", "<", "&lt;", "variable")
HINTS_NAMES: Final = (
    *("pass", "pwd", "pw", "pswd", "secret", "token", "key", "auth", "sess", "sid", "sig", "code"),
    *("kennwort", "senha"),
)
HINTS_CARDS: Final = tuple("0123456789")
SURROUNDINGS: Final[tuple[Shape, ...]] = (*HEADERS, *FILES, *SQL, *COMMANDS, *CUSTOMER_DATA)
"""Shapes of secrets that their surroundings identify, in the order in which they apply."""
_STRUCTURES: Final[tuple[Guarded, ...]] = (
    (HINTS_KEYS, hide_private_keys),
    (HINTS_KUBERNETES, hide_kubernetes_data),
    (HINTS_PAIRS, hide_pairs),
    *(rule_of(shape) for shape in STRUCTURES),
)
"""Rules for secrets that their place in a structure identifies, which an expansion of JSON would lose."""
_RULES: Final[tuple[Guarded, ...]] = (
    *_STRUCTURES,
    *(rule_of(shape) for shape in URLS),
    (("",), hide_vendor_tokens),
    *(rule_of(shape) for shape in SURROUNDINGS),
    (HINTS_NAMES, hide_keyed_values),
    *(rule_of(shape) for shape in SENTENCES),
    (HINTS_CARDS, hide_cards),
)


def mask_and_count(text: str, *, in_message: bool = False) -> tuple[str, int]:
    """Replace secrets by tokens such as `<password>` and return the text with the number of secrets.

    Tokens that the text already has, `<password>` or `<password:1>`, stay as they are. `in_message` is True
    for a message of this program: a sentence after a name and a colon is not the value of the name.
    """
    return _apply(_RULES, text, in_message=in_message)


def mask_structures(text: str) -> tuple[str, int]:
    """Mask private keys, the data of Kubernetes Secrets and pairs of name and value only."""
    return _apply(_STRUCTURES, text)


def _apply(rules: tuple[Guarded, ...], text: str, *, in_message: bool = False) -> tuple[str, int]:
    marks = Marks(in_message=in_message)
    text = marks.read(text)
    lowered = text.lower()
    for hints, rule in rules:
        if any(hint in lowered for hint in hints):
            text = rule(marks, text)
    return marks.restore(text), marks.count
