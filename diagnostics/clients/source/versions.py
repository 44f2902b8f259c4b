"""Version of Python that a file needs which this interpreter cannot parse."""

import re
import sys

SYNTAX = (
    (
        re.compile(
            r"^\s*print\s+[^(=\s]|^\s*except\s+[\w.]+\s*,\s*\w+\s*:|^\s*exec\s+['\"]|\braise\s+\w+\s*,"
        ),
        "2.7",
    ),
    (re.compile(r"\bt[\"']|\bt[\"']{3}"), "3.14"),
    (re.compile(r"^\s*except\*?\s+[\w.]+\s*(?:,\s*[\w.]+\s*)+:"), "3.14"),
    (re.compile(r"^\s*type\s+\w+\s*(?:\[.*\])?\s*="), "3.12"),
    (re.compile(r"^\s*(?:async\s+)?(?:def|class)\s+\w+\s*\["), "3.12"),
    (re.compile(r"\bf[\"']"), "3.12"),
)
"""Syntax by a pattern of the line of the error, with the first version that has it (2.7: the last one).

PEP 750 and PEP 758 are of 3.14, PEP 695 and PEP 701 of 3.12.
"""
LOWER_NAME = re.compile(r"except\s+[\w.]+\s*,\s*(?:[a-z]\w*|[A-Z])\s*:")
"""`except Error, error:` of Python 2; after PEP 758 a second class follows, in capitals."""


def needed_version(source: bytes, line: int | None) -> str:
    """Return the version that would parse a file with a syntax error at `line`; empty if none is known."""
    lines = source.decode("utf-8", "replace").splitlines()
    if line is None or not 0 < line <= len(lines):
        return ""
    text = lines[line - 1]
    for pattern, version in SYNTAX:
        if pattern.search(text):
            if version == "2.7" and "except" in text and not LOWER_NAME.search(text):
                continue
            return version if version == "2.7" or _number(version) > sys.version_info[:2] else ""
    return ""


def running_version() -> str:
    """Return the version of Python that runs this program."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _number(version: str) -> tuple[int, int]:
    major, minor = version.split(".")
    return int(major), int(minor)
