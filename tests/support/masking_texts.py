"""Texts with secrets and harmless texts, for the tests of masking: see tests/data/masking/README.md."""

import base64
import random
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "data" / "masking"
WINDOW = 6
"""Characters of a secret in a row that must not be shown."""
_PLACEHOLDER = re.compile("«([^»]*)»")
_CHARACTERS = {
    "a": string.ascii_letters + string.digits,
    "u": string.ascii_uppercase + string.digits,
    "l": string.ascii_lowercase + string.digits,
    "h": "0123456789abcdef",
    "d": string.digits,
    "b": string.ascii_letters + string.digits + "+/",
    "w": string.ascii_letters + string.digits + "-_",
}
_CONTROLS = str.maketrans({"⏎": "\n", "⇥": "\t", "⍽": "\u00a0"})


@dataclass(frozen=True, slots=True)
class Sample:
    """A text and the secrets in it."""

    kind: str
    source: str
    line: str
    """The text with its placeholders."""
    text: str
    secrets: tuple[str, ...]

    def leaks(self, masked: str) -> list[str]:
        """Return the parts of secrets that a masked text shows."""
        return [part for secret in self.secrets for part in _parts(secret) if part in masked]


def samples(name: str) -> Iterator[Sample]:
    """Yield the texts of a collection, the placeholders filled."""
    kind = source = ""
    for line in (FOLDER / f"{name}.txt").read_text("utf-8").splitlines():
        if line.startswith("# "):
            kind, _, source = line[2:].partition(" | ")
        elif line:
            yield _sample(kind, source, line)


def _sample(kind: str, source: str, line: str) -> Sample:
    generator = random.Random(line)  # noqa: S311  invented values
    secrets = []

    def fill(placeholder: re.Match[str]) -> str:
        value = _value(placeholder[1], generator).translate(_CONTROLS)
        secrets.append(value)
        return value

    text = _PLACEHOLDER.sub(fill, line).translate(_CONTROLS)
    return Sample(kind, source, line, text, tuple(secrets))


def _value(form: str, generator: random.Random) -> str:
    if form.startswith("="):
        return form[1:]
    if form.startswith("card:"):
        _, start, length, separator = form.split(":", 3)
        return _card(start, int(length), separator, generator)
    size = int(form[1:])
    if form[0] == "e":
        return base64.b64encode(generator.randbytes(size)).decode()
    while True:
        value = "".join(generator.choices(_CHARACTERS[form[0]], k=size))
        # Words and numbers by chance would be harmless texts.
        if form[0] in "dh" or size < 8 or (re.search(r"\d", value) and re.search(r"[A-Za-z]", value)):
            return value


def _card(start: str, length: int, separator: str, generator: random.Random) -> str:
    """Return a card number with a valid check digit, grouped as its length is on a card."""
    digits = start + "".join(generator.choices(string.digits, k=length - len(start) - 1))
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[::-2])
    digits += str(-(doubled + sum(int(digit) for digit in digits[-2::-2])) % 10)
    groups = {14: (4, 6, 4), 15: (4, 6, 5), 18: (4, 4, 4, 4, 2), 19: (4, 4, 4, 4, 3)}.get(
        length, (4, 4, 4, 4)
    )
    out, at = [], 0
    for group in groups:
        out.append(digits[at : at + group])
        at += group
    return separator.join(out)


def _parts(secret: str) -> Iterator[str]:
    digits = re.sub(r"\D", "", secret)
    if len(secret) <= WINDOW:
        yield secret
    for start in range(len(secret) - WINDOW + 1):
        yield secret[start : start + WINDOW]
    if len(digits) >= 12 and re.fullmatch(r"[\d\W]+", secret):
        yield from (digits[start : start + WINDOW] for start in range(len(digits) - WINDOW + 1))
