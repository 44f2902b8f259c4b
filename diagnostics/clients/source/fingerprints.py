"""Fingerprints of hits, which stay the same when lines move."""

import re
from collections import Counter
from hashlib import sha256
from pathlib import Path

LITERAL = re.compile(r"""'[^']*'?|"[^"]*"?""")
LENGTH = 16
"""Hexadecimal digits of a fingerprint."""


class Fingerprints:
    """Fingerprints of the hits of one run: rule, path below the root, text of the line, and its repetition.

    Literals are left out of the text: a digest of a short secret could be guessed.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._counts: Counter[str] = Counter()

    def of(self, rule: str, path: Path, text: str) -> str:
        """Return the fingerprint of a hit; equal lines of a file get different ones, in their order."""
        name = path.relative_to(self._root).as_posix() if path.is_relative_to(self._root) else path.name
        key = "\0".join((rule, name, " ".join(LITERAL.sub("", text).split())))
        self._counts[key] += 1
        return sha256(f"{key}\0{self._counts[key]}".encode()).hexdigest()[:LENGTH]
