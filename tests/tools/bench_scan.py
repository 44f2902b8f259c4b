"""Measure `scan` beside ripgrep with the same literals, on a log of which one line in a thousand is an error.

Usage: python -m tests.tools.bench_scan [MEGABYTES]
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kb.matching.literals import literals_of
from kb.matching.shipped_index import load_index
from kb.scan.prefilter import Prefilter

MEGABYTES = 256
ROUNDS = 3
BLOCK = 32_000_000
WITHOUT_HYPERSCAN = (
    "import sys; sys.modules['hyperscan'] = None; from diagnostics.cli.main import main; main(sys.argv[1:])"
)


def main() -> None:
    """Print the rows."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else MEGABYTES
    for row in rows(megabytes):
        print(f"{row[0]:<44} {row[1]:<44} {row[2]:>20}  {row[3]}")


def rows(megabytes: int = MEGABYTES) -> Iterator[tuple[str, str, str, str]]:
    """Yield the comparisons: processor time of one process each, and the largest memory."""
    with tempfile.TemporaryDirectory() as folder:
        log, patterns = Path(folder, "app.log"), Path(folder, "patterns")
        write_log(log, megabytes * 1_000_000)
        literals = Prefilter(literals_of(load_index()), "re").patterns
        patterns.write_bytes(b"\n".join(literals) + b"\n")
        program = shutil.which("rg")
        search = ["rg", "--threads", "1", "--count", "--ignore-case", "-F", "-f", str(patterns), str(log)]
        theirs = measured(search)[0] if program else 0.0
        arguments = ["scan", str(log), "--jobs", "1"]
        for name, command in (
            ("ahocorasick-rs", [sys.executable, "-c", WITHOUT_HYPERSCAN, *arguments]),
            ("hyperscan", [sys.executable, "-m", "diagnostics.cli", *arguments]),
        ):
            ours, memory = measured(command)
            ratio = f"{ours / theirs:.2f}x" if program else "absent"
            subject = f"scan of {megabytes} MB, one process, {name}"
            yield subject, f"rg -F -f, {len(literals)} literals", f"{ratio} ({ours:.1f} s)", "<= 2"
            yield f"{subject}, memory", "150 MB", f"{memory} MB", "<= 150"


def measured(command: list[str]) -> tuple[float, int]:
    """Return the least processor time of some runs, in seconds, and the largest memory, in MB."""
    best, most = float("inf"), 0
    for _ in range(ROUNDS):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        _, _, usage = os.wait4(process.pid, 0)
        best = min(best, usage.ru_utime + usage.ru_stime)
        most = max(most, usage.ru_maxrss // 1_000)
    return best, most


def write_log(path: Path, size: int) -> None:
    """Write lines of four programs; a block is repeated until the file has the size."""
    lines = _lines(random.Random(1))  # noqa: S311  not for secrets
    block = bytearray()
    while len(block) < min(size, BLOCK):
        block += next(lines).encode() + b"\n"
    with path.open("wb") as file:
        for _ in range(max(1, size // len(block))):
            file.write(block)


def _lines(draw: random.Random) -> Iterator[str]:
    time = datetime(2026, 11, 29, 12, tzinfo=UTC)
    while True:
        time += timedelta(milliseconds=draw.randint(1, 40))
        stamp = f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z"
        identifier = f"{draw.getrandbits(64):016x}"
        kind = draw.random()
        if kind < 0.0005:
            yield f"{stamp} ERROR db request={identifier} FATAL:  sorry, too many clients already"
        elif kind < 0.001:
            yield f"{stamp} ERROR payments.images id={identifier} thumbnail {draw.randint(1, 999)} failed"
        elif kind < 0.3:
            yield f"{stamp} INFO api request={identifier} POST /v1/payments 200 {draw.randint(1, 900)} ms"
        elif kind < 0.6:
            yield f'{{"ts":"{stamp}","level":"info","msg":"completed","status":200,"trace":"{identifier}"}}'
        elif kind < 0.9:
            address, size = f"10.1.2.{draw.randint(1, 254)}", draw.randint(1, 9999)
            yield f'{address} - - [29/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 {size}'
        else:
            yield f"{stamp} LOG:  checkpoint complete: wrote {draw.randint(1, 9999)} buffers (0.5%)"


if __name__ == "__main__":
    main()
