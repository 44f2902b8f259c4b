"""Rules of ruff that add to ours: for blocking subprocesses, and in files newer than this Python.

They were chosen by measuring on public repositories, see the page of `check source`. S105, S106, S107 and
S608 were dropped: nearly all of their hits were names, templates and identifiers.
"""

import importlib.util
import json
import subprocess
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

TIMEOUTS = {"S113": "http_no_timeout"}
VERIFICATION = {"S501": "tls_verify_off"}
BLOCKING = {"ASYNC210": "blocking_call_in_async", "ASYNC251": "blocking_call_in_async"}
COVERED = {**TIMEOUTS, **VERIFICATION, **BLOCKING}
"""Rules of ruff by which only those files are examined that our rules cannot parse: there ours find more."""
ADDED = dict.fromkeys(("ASYNC220", "ASYNC221", "ASYNC222"), "blocking_call_in_async")
"""Rules of ruff for things that ours do not know."""
BATCH = 400
"""Files of one command line."""
MAX_ANSWER = 50_000_000


class LinterHit(NamedTuple):
    """Place that ruff reports, with the name of our rule."""

    path: Path
    line: int
    rule: str
    code: str


def is_installed() -> bool:
    """Return True if the package ruff is installed beside this program."""
    return importlib.util.find_spec("ruff") is not None


def linter_hits(paths: Sequence[Path], unparsed: Collection[Path], seconds: float) -> Iterator[LinterHit]:
    """Yield what ruff finds in files, isolated from any configuration, without a cache, for some seconds.

    Raises OSError if ruff cannot be started, TimeoutExpired after `seconds`, ValueError for an answer that is
    not JSON.
    """
    from ruff.__main__ import find_ruff_bin  # noqa: PLC0415  the extra `source`

    rules = {**COVERED, **ADDED}
    command = [find_ruff_bin(), "check", "--isolated", "--no-cache", "--quiet", "--exit-zero"]
    command += ["--output-format", "json", "--target-version", "py314", "--select", ",".join(rules)]
    for start in range(0, len(paths), BATCH):
        names = [str(path.absolute()) for path in paths[start : start + BATCH]]
        output = subprocess.run([*command, "--", *names], capture_output=True, timeout=seconds, check=False)
        for item in json.loads(output.stdout[:MAX_ANSWER] or b"[]"):
            code, path = item["code"] or "", Path(item["filename"])
            is_needed = code in ADDED or (code in COVERED and path in unparsed)
            if is_needed and not _unpacks(path, item):
                yield LinterHit(path, item["location"]["row"], rules[code], code)


def _unpacks(path: Path, item: dict[str, dict[str, int]]) -> bool:
    """Return True if the call has `**`, which may bring the timeout that ruff misses."""
    lines = path.read_text("utf-8", "replace").splitlines()
    start, end = item["location"]["row"] - 1, item["end_location"]["row"] + 10
    call, depth = "", 0
    for text in lines[start:end]:
        call += text
        depth += text.count("(") - text.count(")")
        if depth <= 0:
            break
    return "**" in call
