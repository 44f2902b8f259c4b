"""Fuzzer of the records of `--kb` and of runbooks: a record, or one line for each problem.

Usage: python -m tests.tools.fuzz_records --seconds 60 --seed 1
"""

import random
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

from kb.parsers.characters import unsafe_character
from kb.records.errors import InvalidRecord
from kb.records.loader import entry_files
from kb.records.validate import read_entry
from kb.runbook_model.loader import read_runbook, runbook_files
from tests.support.fuzzing import WORDS, main, mutated

YAML_WORDS: Final = (
    *WORDS, b"&x [a, a, a, a, a, a, a, a, a, a]", b"*x", b"2024-99-99", b"!!timestamp x", b"!!binary x",
    b"!!python/object:os.system x", b"? ", b"- ", b"\n  ", b"|\n", b">\n", b"---\n", b"...\n",
    b"%YAML 9.9\n", b"{a: ",
    b'"\\e]0;x\\a"', b'"\\u202e"', b"!!float " + b"1:" * 300, b"~", b"yes", b".inf", b"<<: *x",
)  # fmt: skip


@cache
def _samples() -> tuple[tuple[Path, bytes], ...]:
    return tuple((path, path.read_bytes()) for path in (*entry_files()[:12], *runbook_files()[:3]))


def attempt(source: random.Random) -> None:
    """Read a mutated record or runbook."""
    path, data = source.choice(_samples())
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, *path.parts[-3:])
        place.parent.mkdir(parents=True)
        place.write_bytes(mutated(data, source, YAML_WORDS))
        try:
            title = (read_entry if path.name == "entry.yaml" else read_runbook)(place).title
        except InvalidRecord as error:
            if not all(problem and len(problem) <= 1000 for problem in error.problems):
                raise AssertionError("a problem without a text, or a very long one") from None
        else:
            if unsafe_character(title):
                raise AssertionError(f"unsafe characters in {title!a}")


if __name__ == "__main__":
    sys.exit(main("fuzz_records", attempt))
