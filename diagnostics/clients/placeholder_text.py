"""Texts that stand in examples where a secret belongs."""

import re

_EXAMPLE = re.compile(
    r"x{6,}|\*{3,}|\.{3,}|your[_-]|change[_-]?me|replace[_-]?me|<[^>]*>|\$\{?\w+\}?$|12345678|example|placeholder|"
    r"todo|dummy|insert[_-]",
    re.IGNORECASE,
)


def is_placeholder(value: str) -> bool:
    """Whether a value is what an example has in the place of one."""
    return bool(_EXAMPLE.search(value))
