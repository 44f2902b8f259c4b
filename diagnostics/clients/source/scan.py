"""Application of the rules to one file."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from diagnostics.clients.source.exclusions import is_migration, is_tooling
from diagnostics.clients.source.files import MAX_BYTES, content
from diagnostics.clients.source.module import Module
from diagnostics.clients.source.rules import RULES, Rule
from diagnostics.clients.source.suppressions import allow_comments, is_accepted
from diagnostics.clients.source.tree import NotPython
from diagnostics.clients.source.versions import needed_version, running_version

OF_INTEREST = re.compile(
    rb"requests|urllib|httplib2|httpx|aiohttp|psycopg|asyncpg|sqlalchemy|sqlmodel|execute|\.query|\.fetch|objects\.create"
    rb"|\.raw\(|stripe|adyen|mollie|braintree|square|razorpay|async def|Config|formatters|handlers|getconn"
    rb"|acquire"
    rb"|logging\.(?:config|handlers)|get_connection|hmac|verify|ssl|smtplib|boto3|Float|read_sql|Error|Deadlock"
    rb"|Serialization|RateLimit|TooManyRequests|Throttl|_live_|whsec_|AKIA|gh[pousr]_|xox[abpr]-|PRIVATE KEY"
    rb"|://[^\s/]{1,80}:[^\s/]{1,80}@|(?i:passw|pwd|secret|token|api_?key|private_?key)"
)
"""Names without which a file cannot have a hit; it is not parsed then."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Match of a rule at one line."""

    rule: Rule
    line: int
    allowed: str = ""
    """Reason in an allow comment; empty without one."""
    remark: str = ""
    """Note about an allow comment that is not valid, or about a linter that found the place."""
    text: str = ""
    """Line of the file, from which a fingerprint is made; it is not shown."""


@dataclass(frozen=True, slots=True)
class FileResult:
    """Hits in one file as names of rules, or the reason why it was not read."""

    path: Path
    hits: tuple[tuple[str, int, str, str, str], ...] = ()
    """Rule, line, reason of an allow comment, remark, text of the line."""
    reason: str = ""
    lines: int = 0
    is_syntax: bool = False
    """True if the file was read and its syntax is not that of this Python."""


def scan(source: bytes, rules: Sequence[Rule] = RULES, *, named: bool = False) -> Iterator[Hit]:
    """Yield all hits, in the order of the rules; `named` as in `Module`. Raises NotPython."""
    if not OF_INTEREST.search(source) or is_migration(source) or is_tooling(source):
        return
    module = Module(source, named=named)
    comments = allow_comments(source)
    texts = source.decode("utf-8", "replace").splitlines()
    for rule in rules:
        for line in _lines(rule, module):
            text = texts[line - 1] if line <= len(texts) else ""
            if is_accepted(text, rule.linter_codes):
                continue
            at_line = comments.get(line, ())
            comment = next((comment for comment in at_line if comment.rule == rule.name), None)
            remark = "its allow comment gives no reason" if comment and not comment.reason else ""
            yield Hit(rule, line, comment.reason if comment else "", remark, text.strip())


def scan_file(path: Path, *, named: bool = False) -> FileResult:
    """Return the hits of one file, or why it was not read; `named` as in `Module`."""
    source = b""
    try:
        source = content(path)
        if len(source) > MAX_BYTES:
            return FileResult(path, reason="it grew while it was read")
        hits = tuple(
            (hit.rule.name, hit.line, hit.allowed, hit.remark, hit.text) for hit in scan(source, named=named)
        )
        return FileResult(path, hits, lines=source.count(b"\n"))
    except OSError as error:
        return FileResult(path, reason=error.strerror or "cannot be read")
    except NotPython as error:
        version = needed_version(source, error.line)
        needs = f"; Python {version} would parse it, this is {running_version()}" if version else ""
        return FileResult(path, reason=f"cannot be parsed: {error}{needs}", is_syntax=True)


def _lines(rule: Rule, module: Module) -> list[int]:
    try:
        return sorted({getattr(node, "lineno", 1) for node in rule.find(module)})
    except RecursionError:
        raise NotPython("nested too deeply") from None
