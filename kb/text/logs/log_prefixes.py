"""Prefixes that loggers, container runtimes and exception groups put before a line."""

import re
from typing import Final

_PREFIX: Final = re.compile(
    r"(?:[ \t]*(?:"
    r"\[[^\[\]\"'\n]{1,90}\]:?"  # [pid], [pod/app], [time: LEVEL/worker]
    r"|\(?\d{4}-\d\d-\d\d[T ,]{1,2}\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?"  # ISO 8601, with its zone
    r"(?:[ ]?(?:Z\b|[A-Z]{3,4}\b|[+-]\d\d:?(?:\d\d)?))?[\]),:]{0,2}"
    r"|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d [\w.-]+"  # syslog, with its host
    r"|[\w./-]{1,60}\[\d{1,10}\]:"  # program[pid]:
    r"|[\w.-]{1,60}[ ]{1,20}\|(?=[ \t]|$)"  # docker compose
    r"|[\w.-]*@[\w.-]+(?= {1,2}[A-Z]+:)"  # PostgreSQL's user@database
    r"|std(?:out|err) [FP](?=[ ])"  # Kubernetes
    r"|[|│]|\+(?:-\+)?-{4,}.*"  # frames of exception groups
    r"))+"
)


def strip_prefix(line: str) -> str:
    """Return a line without its prefix: time, level, process, host or container name."""
    prefix = _PREFIX.match(line)
    return line[prefix.end() :] if prefix else line
