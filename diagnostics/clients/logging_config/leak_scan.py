"""What a log must not hold: secrets and card numbers in its last megabyte.

The patterns are those that mask the doctor's own output (kb.text.masking), so that the two never differ.
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
LONGEST = 4000
"""Characters of a line that are looked at."""
CARD = "card number"
GROUP = 200
"""Lines that are looked at together."""
SECRETS = ("password", "token", "api key", "access key", "secret", "private key", "cookie", "password hash")
_TOKEN = re.compile(rf"<({'|'.join((CARD, *SECRETS))})>")
_GROUPED = re.compile(r"\d{4}[ -]\d{4,6}[ -]\d")
_SPEAKS_OF_CARDS = re.compile(r"(?i)card|\bpan\b|visa|amex|\bcc\b")


@dataclass(frozen=True, slots=True)
class Leaks:
    """How many lines have what, by its kind; and the last such line, counted from the end."""

    secrets: Counter[str]
    cards: int
    maybe_cards: int
    """Lines with digits that would be a card's, but nothing says that they are: numbers of orders look so."""
    last: int
    lines: int


def scan(path: Path, deadline: Deadline) -> Leaks:
    """Look at the end of a log. Raises CannotTell where it cannot be read or time is up."""
    lines = list(_tail(path))
    secrets: Counter[str] = Counter()
    cards = maybe = last = 0
    for from_end, line in _suspects(lines, deadline):
        found = _found(line)
        secrets.update(found - {CARD})
        certain = bool(_GROUPED.search(line) or _SPEAKS_OF_CARDS.search(line))
        cards += CARD in found and certain
        maybe += CARD in found and not certain
        last = last or (from_end if found else 0)
    return Leaks(secrets, cards, maybe, last, len(lines))


def _suspects(lines: list[str], deadline: Deadline) -> Iterator[tuple[int, str]]:
    """Lines of the groups that hold anything, the last first: most groups hold nothing, and cost one look."""
    backwards = list(enumerate(reversed(lines), 1))
    for start in range(0, len(backwards), GROUP):
        deadline.within(1.0)
        group = backwards[start : start + GROUP]
        if _found("\n".join(line for _, line in group)):
            yield from group


def _found(text: str) -> set[str]:
    """Kinds of secrets in a text, beside tokens that already stand there."""
    return set(_TOKEN.findall(mask_secrets(text))) - set(_TOKEN.findall(text))


def _tail(path: Path) -> Iterator[str]:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - MAX_BYTES))
            data = file.read(MAX_BYTES)
    except OSError as error:
        raise CannotTell(f"{path}: cannot be read: {error.strerror}") from None
    return (line[:LONGEST] for line in data.decode("utf-8", "replace").splitlines())
