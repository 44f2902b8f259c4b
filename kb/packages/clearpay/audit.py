"""Audit of the application's log: each payment must be logged, and no secret."""

import logging
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CARD = re.compile(r"\b\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{4}\b")
TOKEN = re.compile(r"Bearer \w{16,}")


class Error(Exception):
    """The log lacks a payment or has a secret."""


def check(config: Mapping[str, Any], trace: str, *loggers: str) -> None:
    """Raise Error if a logger is disabled, the log lacks the line of a payment, or it has a secret."""
    for name in loggers:
        if logging.getLogger(name).disabled:
            raise Error(f"logging configuration: logger {name} is silent")
    log = Path(config["handlers"]["file"]["filename"])
    lines = log.read_text("utf-8").splitlines()
    if not any(trace in line for line in lines):
        raise Error(f"logging configuration: {trace} left no trace in {log.name}")
    for number, line in enumerate(lines, 1):
        if CARD.search(line) or TOKEN.search(line):
            raise Error(f"logging configuration: line {number} of {log.name} holds a secret")
