"""Measure how the time of matching grows with the size of its input, over many shapes of text.

Usage: python -m tests.tools.bench_matching [--kb N]

For each shape, the time of a text and of one that is four times as long are compared. The exponent is 1 if
the time grows as the text does, and 2 if it grows as its square.
"""

import argparse
import json
import math
import random
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from kb.matching.index import Index
from kb.matching.matcher import match, nearest
from kb.matching.shipped_index import load_index
from kb.records.placeholders import fill_text
from kb.text.ci_commands import defuse
from kb.text.code_spans import spans
from kb.text.commands import fill_command
from kb.text.logs.json_logs import expand
from kb.text.logs.log_prefixes import strip_prefix
from kb.text.markdown import escaped, prose
from kb.text.sanitize import Cleaned, clean, strip_controls
from kb.text.shell_syntax import plain_positions
from kb.text.signs import find_signs

FACTOR: Final = 4
MAX_EXPONENT: Final = 1.3
"""Exponent above which growth counts as worse than linear; the rest is noise and memory."""
MIN_SECONDS: Final = 0.05
"""Times below are not compared: they are mostly noise."""


class Growth(NamedTuple):
    """Time of one function on a text of one shape, and its growth."""

    function: str
    shape: str
    kilobytes: float
    seconds: float
    exponent: float


def shapes(seed: int = 0) -> Mapping[str, Callable[[int], str]]:
    """Return functions that make a text of about a number of characters, by the name of the shape."""
    choice = random.Random(seed).choice  # noqa: S311  the same texts each time

    def repeated(piece: str) -> Callable[[int], str]:
        return lambda size: (piece * (1 + size // len(piece)))[:size]

    def mixed(alphabet: str) -> Callable[[int], str]:
        return lambda size: "".join(choice(alphabet) for _ in range(size))

    return {
        "numbers in one line": lambda size: " ".join(str(number % 100_000) for number in range(size // 6)),
        "digits": repeated("1234567890"),
        "statuses": repeated("401 "),
        "letters": repeated("a"),
        "dotted name": repeated("ab."),
        "underscores": repeated("_"),
        "camel case": repeated("aB"),
        "exceptions": repeated("psycopg2.errors.DeadlockDetected "),
        "distinct exceptions": lambda size: " ".join(f"m{n}.TimeoutError" for n in range(size // 19)),
        "distinct errors": lambda size: " ".join(f"error: e_{n}" for n in range(size // 12)),
        "double quotes": repeated('"'),
        "single quotes": repeated("'"),
        "backticks": repeated("`"),
        "mixed quotes": repeated("\"'`"),
        "quoted words": repeated('"a" '),
        "opening brackets": repeated("["),
        "braces": repeated("{"),
        "parentheses": repeated("("),
        "bracket pairs": repeated("[a] "),
        "angles": repeated("<a> "),
        "spaces": repeated(" "),
        "tabs": repeated("\t"),
        "words": repeated("deadlock detected while the password is wrong "),
        "colons": repeated(": "),
        "equals": repeated("a=b "),
        "percent": repeated("%3D"),
        "at signs": repeated("a@"),
        "urls": repeated("postgresql://a:b@c/d "),
        "slashes": repeated("/"),
        "dashes": repeated("-"),
        "hashes": repeated("#"),
        "dollars": repeated("$("),
        "backslashes": repeated("\\"),
        "escapes": repeated("\x1b["),
        "controls": repeated("\x01"),
        "unicode": repeated("ü名\u200b"),
        "dates": repeated("2026-11-22 02:00:00 "),
        "prefixes": repeated("[a] 2026-11-22 02:00:00,000 "),
        "errors in lines": repeated("2026-11-22 02:00:00 ERROR deadlock detected\n"),
        "other lines": repeated("2026-11-22 02:00:00 INFO payment 17 stored\n"),
        "tracebacks": repeated(
            'Traceback (most recent call last):\n  File "a.py", line 1, in b\nKeyError: 1\n'
        ),
        "causes": repeated("Caused by: java.net.ConnectException: Connection refused\n"),
        "attempts": repeated('connection to server at "a" (127.0.0.1), port 5432 failed: FATAL: x\n'),
        "empty lines": repeated("\n"),
        "log objects": repeated('{"message": "deadlock detected", "level": "error", "a": {"b": [1, 2]}}\n'),
        "one log object": lambda size: json.dumps({f"key{number}": "a b" for number in range(size // 16)}),
        "nested objects": lambda size: '{"a":' * (size // 6) + "1" + "}" * (size // 6),
        "nested lists": lambda size: '{"a":' + "[" * (size // 2) + "]" * (size // 2) + "}",
        "nested messages": nested_messages,
        "random letters": mixed("abcdefgh \n"),
        "random marks": mixed("\"'`[](){}<>:;,.=/\\-_ 01\n"),
        "random bytes": lambda size: "".join(chr(choice(range(1, 0x250))) for _ in range(size)),
    }


def nested_messages(size: int) -> str:
    """Return a log object whose message is a log object, and so on, until the text has the size."""
    text = "deadlock detected"
    while len(text) < size:
        text = json.dumps({"message": text, "a": "b c"})
    return text


def functions(index: Index) -> Mapping[str, Callable[[str], object]]:
    """Return the functions that read text from outside, by name."""
    return {
        "match": lambda text: match(Cleaned(text), index),
        "nearest": lambda text: nearest(Cleaned(text), index),
        "find_signs": lambda text: find_signs(text.split("\n")),
        "clean": clean,
        "strip_controls": strip_controls,
        "strip_prefix": strip_prefix,
        "expand": lambda text: list(expand(text.split("\n"), strip_controls)),
        "defuse": defuse,
        "spans": lambda text: list(spans(text)),
        "escaped": escaped,
        "prose": prose,
        "plain_positions": plain_positions,
        "fill_text": lambda text: fill_text(f"{text} <host> `psql -h <host>`", {"host": "db"}),
        "fill_command": lambda text: fill_command(f"psql -h <host> {text}", "shell", {"host": "db"}),
        "fill_sql": lambda text: fill_command(f"SELECT <role> {text}", "sql", {"role": "db"}),
    }


def measured(size: int, only: str = "") -> Iterator[Growth]:
    """Yield the growth of each function over each shape, from `size` characters to four times as many."""
    index = load_index()
    made = {name: (make(size), make(size * FACTOR)) for name, make in shapes().items()}
    for function, call in functions(index).items():
        for shape, (short, long) in made.items():
            if only in f"{function} {shape}":
                few, many = seconds(call, short), seconds(call, long)
                ratio = many / max(few, MIN_SECONDS / FACTOR)
                yield Growth(function, shape, len(long) / 1000, many, max(0.0, math.log(ratio, FACTOR)))


def seconds(call: Callable[[str], object], text: str) -> float:
    """Return the processor time of a call, the better of two for a short one."""
    times: list[float] = []
    while len(times) < (2 if sum(times) < 1 else 1):
        began = time.process_time()
        call(text)
        times.append(time.process_time() - began)
    return min(times)


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Yield the row of the benchmark: the worst growth of matching from 50 to 200 KB."""
    worst = max(measured(50_000, "match"), key=lambda row: row.exponent)
    subject = f"match, {worst.kilobytes:.0f} KB of {worst.shape}"
    yield subject, f"{worst.kilobytes / FACTOR:.0f} KB", f"n^{worst.exponent:.2f}", f"< n^{MAX_EXPONENT}"


def main() -> None:
    """Print what grows worse than linearly, else the largest exponent and the slowest time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kb", type=int, default=50, help="size of the shorter text in kilobytes")
    parser.add_argument("--only", default="", help="part of `function shape`")
    options = parser.parse_args()
    rows = list(measured(options.kb * 1000, options.only))
    worse = [row for row in rows if row.exponent > MAX_EXPONENT and row.seconds > MIN_SECONDS]
    for row in sorted(worse or rows, key=lambda row: -row.exponent)[: None if worse else 3]:
        print(
            f"{row.function:<16} {row.shape:<22} {row.kilobytes:6.0f} KB {row.seconds:7.2f} s  "
            f"exponent {row.exponent:.2f}"
        )
    print(f"{len(rows)} measured, {len(worse)} worse than linear")


if __name__ == "__main__":
    main()
