"""Search the last megabyte of a log for secrets and card numbers.

The patterns are those that mask the doctor's own output (kb.text.masking), so the two cannot differ.
Source: PCI DSS 4.0, requirement 3.3 (card numbers) and OWASP Logging Cheat Sheet, "Data to exclude".
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from diagnostics.engine.deadline import Deadline
from diagnostics.errors import CannotTell
from kb.text.sanitize import mask_secrets

MAX_BYTES = 1_000_000
MAX_LINE_CHARS = 4000
"""Characters of a line that are searched."""
CARD = "card number"
GROUP = 200
"""Lines that are searched together."""
SECRETS = ("password", "token", "api key", "access key", "secret", "private key", "cookie", "password hash")
_TOKEN = re.compile(rf"<({'|'.join((CARD, *SECRETS))})>")
_GROUPED_DIGITS = re.compile(r"\d{4}[ .\u00a0-]\d{4,6}[ .\u00a0-]\d")
_CARD_WORDS = re.compile(r"(?i)card|\bpan\b|visa|amex|\bcc\b")


@dataclass(frozen=True, slots=True)
class Leaks:
    """Numbers of lines with secrets or card numbers."""

    secrets: Counter[str]
    """By kind of secret."""
    cards: int
    maybe_cards: int
    """Lines with digits like a card number without another sign of one: order numbers look the same."""
    last: int
    """Position of the last such line, counted from the end; 0 without one."""
    lines: int
    """Lines that were searched."""


def scan_log(path: Path, deadline: Deadline) -> Leaks:
    """Search the end of a log. Raises CannotTell if it cannot be read or the deadline has passed."""
    lines = list(_tail(path))
    secrets: Counter[str] = Counter()
    cards = maybe = last = 0
    for from_end, line in _candidates(lines, deadline):
        kinds = _kinds(line)
        secrets.update(kinds - {CARD})
        certain = bool(_GROUPED_DIGITS.search(line) or _CARD_WORDS.search(line))
        cards += CARD in kinds and certain
        maybe += CARD in kinds and not certain
        last = last or (from_end if kinds else 0)
    return Leaks(secrets, cards, maybe, last, len(lines))


def _candidates(lines: list[str], deadline: Deadline) -> Iterator[tuple[int, str]]:
    """Yield the lines of groups with a match, the last first: most groups have none and cost one search."""
    backwards = list(enumerate(reversed(lines), 1))
    for start in range(0, len(backwards), GROUP):
        deadline.within(1.0)
        group = backwards[start : start + GROUP]
        if _kinds("\n".join(line for _, line in group)):
            yield from group


def _kinds(text: str) -> set[str]:
    """Return the kinds of secrets in a text; values that are masked already do not count."""
    return set(_TOKEN.findall(mask_secrets(text))) - set(_TOKEN.findall(text))


def _tail(path: Path) -> Iterator[str]:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - MAX_BYTES))
            data = file.read(MAX_BYTES)
    except OSError as error:
        raise CannotTell(f"{path}: cannot be read: {error.strerror}") from None
    return (line[:MAX_LINE_CHARS] for line in data.decode("utf-8", "replace").splitlines())
