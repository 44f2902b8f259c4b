"""Values that stand in the place of a secret: those of examples, of development and of tests."""

import re
from typing import Final

_PLACEHOLDER: Final = re.compile(
    r"x{5,}|\*{3,}|\.{3,}|your[_ -]|change[_-]?(?:me|this|it)|replace[_-]?(?:me|this|with)?|<[^>]*>|"
    r"\$\{?\w+\}?$|"
    r"\{\{|12345|abc123|example|placeholder|todo|dummy|fake|insert[_-]|secret[_-]?here|key[_-]?here|_here$|foobar|"
    r"^(?:sk|pk|rk)_(?:test|live)_?(?:test|key|secret|\w{0,3})$|^whsec_\w{0,3}$|^(?:test|none|null|secret|password|"
    r"topsecret|supersecret|mysecret|my[_-]\w+|todo|n/?a|tbd|value|key|token|test[_-](?:key|secret|token)|"
    r"not[_-]\w+|unset|empty|default)$",
    re.IGNORECASE,
)
MIN_DISTINCT: Final = 6
"""Different characters of a generated secret, at least."""


def is_placeholder(value: str) -> bool:
    """Return True if a value looks like the placeholder of an example."""
    return bool(_PLACEHOLDER.search(value.strip()))


def is_generated(value: str) -> bool:
    """Return True if a value looks like a secret that a program has made: long, of digits and letters."""
    value = value.strip()
    if len(value) < 16 or is_placeholder(value) or re.search(r"\s|://", value):  # noqa: PLR2004
        return False
    plain = re.sub(r"^(?:sk|pk|rk|whsec|access|live|test|cp)_(?:live_|test_)?", "", value)
    mixed = any(map(str.isdigit, plain)) and any(map(str.isalpha, plain))
    return mixed and len(set(plain)) >= MIN_DISTINCT
