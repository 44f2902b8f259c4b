"""Runner of the fuzzers: seeded inputs against one boundary, each in time and with the expected errors alone.

Each fuzzer is a program: python -m tests.tools.fuzz_toml --seconds 60 --seed 1
"""

import argparse
import faulthandler
import io
import random
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass, field
from typing import Final

Attempt = Callable[[random.Random], None]
"""Make one input from a source of random numbers and try it; raises what the boundary must not raise."""
LINE_SHARE: Final = 0.4
"""Share of mutations at the beginning of a line."""
HANG_S: Final = 60.0
"""Seconds after which a single input ends the whole program with a traceback."""
WORDS: Final = (
    b"\x1b]0;owned\x07", b"\x00", b"\xff\xfe", "\u202e".encode(), b"\\ud800", b"9" * 5000, b"-1", b"1e999",
    b"NaN", b"[" * 900, b"{" * 900, b"]", b"}", b'"', b"'", b'"""', b"\\", b"#", b"=", b":", b".", b",",
    b"\n", b"\t",
    b"\r\n", b"\r", b"@", b"%", b"//", b"http://[::1", b"&a", b"*a", b"!!int ", b"<<: ", b"${HOME}", b"0x",
    b"- " * 200,
    b"a." * 400, b"true", b"null", b"[]", b"{}", b"\x80", b"\xc3\x28", b"\xed\xa0\x80", b"1:" * 300,
)  # fmt: skip
"""Pieces that mutations insert."""


@dataclass(slots=True)
class Tally:
    """Result of one fuzzer."""

    name: str
    limit_s: float
    inputs: int = 0
    slowest_s: float = 0.0
    failures: list[str] = field(default_factory=list)
    """Number and error of each input that took too long, crashed, or printed a traceback."""

    def __str__(self) -> str:
        failed = f"{len(self.failures)} failures, slowest {self.slowest_s:.2f} s"
        head = f"{self.name}: {self.inputs} inputs, {failed}"
        return "\n".join([head, *self.failures[:20]])


def fuzz(
    name: str,
    attempt: Attempt,
    *,
    seed: int,
    count: int = sys.maxsize,
    seconds: float = 1e9,
    limit_s: float = 3.0,
) -> Tally:
    """Try inputs until their number or the time is reached. Input n of a seed is always the same."""
    tally, until = Tally(name, limit_s), time.monotonic() + seconds
    while tally.inputs < count and time.monotonic() < until:
        number = tally.inputs
        tally.inputs += 1
        faulthandler.dump_traceback_later(HANG_S, exit=True)
        began, printed, error = time.process_time(), io.StringIO(), ""
        try:
            with redirect_stderr(printed):
                attempt(random.Random(f"{seed}:{number}"))  # noqa: S311  repeatable by intention
        except Exception as crash:  # noqa: BLE001  the purpose of this program
            place = traceback.extract_tb(crash.__traceback__)[-1]
            error = f"{type(crash).__name__} at {place.filename}:{place.lineno}: {str(crash)[:200]!a}"
        took = time.process_time() - began
        tally.slowest_s = max(tally.slowest_s, took)
        error = error or ("traceback on stderr" if "Traceback" in printed.getvalue() else "")
        error = error or (f"took {took:.1f} s" if took > limit_s else "")
        if error:
            tally.failures.append(f"  input {number} of seed {seed}: {error}")
    faulthandler.cancel_dump_traceback_later()
    return tally


def mutated(data: bytes, source: random.Random, words: Sequence[bytes] = WORDS) -> bytes:
    """Return the bytes with one to six mutations: bytes changed, removed, repeated, words inserted."""
    for _ in range(source.randint(1, 6)):
        at = source.randrange(len(data) + 1)
        if source.random() < LINE_SHARE:
            at = data.find(b"\n", at) + 1  # 0 where no line begins after it
        end = min(len(data), at + source.choice((1, 1, 2, 4, 16, 200)))
        piece = source.choice((
            b"", bytes([source.randrange(256)]), source.choice(words), source.choice(words), data[at:end] * 2,
            data[at:end] * source.choice((3, 50)), source.choice(words) * source.choice((1, 3, 100)),
        ))  # fmt: skip
        data = data[:at] + piece + data[source.choice((at, end)) :]
    return data[:2_000_000]


def text_of(data: bytes) -> str:
    """Return bytes as a text; those that are not UTF-8 become halves of surrogate pairs."""
    return data.decode("utf-8", "surrogateescape")


def main(name: str, attempt: Attempt, *, limit_s: float = 3.0) -> int:
    """Run a fuzzer as a program. Returns 1 if an input failed."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.tools.{name}")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    tally = fuzz(name, attempt, seed=options.seed, seconds=options.seconds, limit_s=limit_s)
    sys.stdout.write(f"{tally}\n")
    return bool(tally.failures)
