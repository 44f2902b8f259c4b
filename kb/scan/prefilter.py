"""Search for many literals at once, by the fastest library that is installed."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock
from typing import Any, Final, NamedTuple, TypeAlias

Engine: TypeAlias = "Callable[[bytes], list[tuple[int, int]]]"
"""Function that returns the number of each literal that occurs in bytes, with the position of its end."""

ERROR: Final = ""
"""Name under which literals of error lines are kept, beside the ids of entries."""
ERROR_LITERALS: Final = (
    "error", "fatal", "panic", "critical", "exception", "traceback", "severe", "emerg", "segfault",
    "oom-kill", "erreur", "fehler", "ошибка", "错误", "エラー",
    *(f'"level"{colon}{number}' for colon in (":", ": ", " : ") for number in (50, 60)),
    *(f'"priority"{colon}"{number}"' for colon in (":", ": ", " : ") for number in range(4)),
)  # fmt: skip
"""Literals of lines that may report an error: levels by word, by number (bunyan, pino) and by journald."""
ENGINES: Final = ("hyperscan", "ahocorasick", "re")
"""Names of the engines, the fastest first; the last one is always there."""


class Hit(NamedTuple):
    """Occurrence of a literal: the position of its end, and the number of the literal."""

    end: int
    literal: int


class Prefilter:
    """Literals of entries and of error lines, compiled for one engine."""

    def __init__(self, literals: Mapping[str, Iterable[str]], engine: str = "") -> None:
        """Compile the literals of each entry id. `engine` names one of `ENGINES`; default: the fastest."""
        owners: dict[bytes, set[str]] = {}
        for owner, texts in (*literals.items(), (ERROR, ERROR_LITERALS)):
            for text in texts:
                for form in _forms(text):
                    owners.setdefault(form, set()).add(owner)
        self.patterns = sorted(owners)
        plain = [pattern for pattern in self.patterns if pattern.isascii()]
        other = [pattern for pattern in self.patterns if not pattern.isascii()]
        self.patterns = [*plain, *other]
        self.names_entry = [bool(owners[pattern] - {ERROR}) for pattern in self.patterns]
        """True for each literal that belongs to an entry."""
        self.engine, self._search = _compile(plain, engine)
        self._search_other = _compile(other, self.engine)[1] if other else None
        self._shift = len(plain)

    def hits(self, data: bytes) -> list[Hit]:
        """Return the occurrences of literals in bytes, whatever their case, by position.

        Literals that are not ASCII have an automaton of their own: without their bytes, the one that reads
        most logs is smaller and faster by a quarter.
        """
        found = [Hit(end, literal) for literal, end in self._search(data)]
        if self._search_other and not data.isascii():
            found += [Hit(end, literal + self._shift) for literal, end in self._search_other(data)]
        return sorted(found)


def _forms(text: str) -> set[bytes]:
    """Return the forms of a literal to search in bytes of which only ASCII letters are folded."""
    lower = text.lower()
    forms = {lower} if text.isascii() else {lower, lower[:1].upper() + lower[1:], lower.upper()}
    return {form.encode().lower() for form in forms if form}


def _compile(patterns: Sequence[bytes], engine: str) -> tuple[str, Engine]:
    """Return the name and the search of the engine, or of the fastest one that is installed."""
    for name in (engine,) if engine else ENGINES:
        try:
            return name, _COMPILERS[name](patterns)
        except ImportError:
            if engine:
                raise
    raise AssertionError("the engine of the standard library is always there")


def _with_hyperscan(patterns: Sequence[bytes]) -> Engine:
    import hyperscan  # noqa: PLC0415  the extra `logs`

    database, lock = hyperscan.Database(), Lock()
    database.compile(
        expressions=[b"".join(b"\\x%02x" % byte for byte in pattern) for pattern in patterns],
        ids=list(range(len(patterns))),
        elements=len(patterns),
        flags=[hyperscan.HS_FLAG_CASELESS] * len(patterns),
    )

    def search(data: bytes) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []

        def note(literal: int, _start: int, end: int, _flags: int, _context: Any) -> None:
            found.append((literal, end))

        with lock:  # a database has memory for one scan at a time
            database.scan(data, match_event_handler=note)
        return found

    return search


def _with_ahocorasick(patterns: Sequence[bytes]) -> Engine:
    from ahocorasick_rs import BytesAhoCorasick, Implementation  # noqa: PLC0415  for scans only

    automaton = BytesAhoCorasick(list(patterns), implementation=Implementation.DFA)

    def search(data: bytes) -> list[tuple[int, int]]:
        found = automaton.find_matches_as_indexes(data.lower(), overlapping=True)
        return [(literal, end) for literal, _start, end in found]

    return search


def _with_re(patterns: Sequence[bytes]) -> Engine:
    """Return a search by one regular expression for lines, and by `in` for the literals of such a line."""
    lines = re.compile(b"|".join(re.escape(pattern) for pattern in patterns))

    def search(data: bytes) -> list[tuple[int, int]]:
        lowered = data.lower()
        found: list[tuple[int, int]] = []
        at = 0
        while match := lines.search(lowered, at):
            end = lowered.find(b"\n", match.start())
            end = len(lowered) if end < 0 else end
            start = lowered.rfind(b"\n", 0, match.start()) + 1
            line = lowered[start:end]
            for literal, pattern in enumerate(patterns):
                found += [(literal, start + hit.end()) for hit in re.finditer(re.escape(pattern), line)]
            at = end
        return found

    return search


_COMPILERS: Final[Mapping[str, Callable[[Sequence[bytes]], Engine]]] = {
    "hyperscan": _with_hyperscan,
    "ahocorasick": _with_ahocorasick,
    "re": _with_re,
}
