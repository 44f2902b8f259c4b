"""One line for Nagios and its kin: `SERVICE STATUS: text | perfdata`.

Source: Monitoring Plugins Development Guidelines, chapters "Plugin Output for Nagios", "Performance data"
and "Plugin Return Codes". In this format alone the process exits with the codes of that table.
"""

from collections import Counter
from collections.abc import Iterator
from enum import IntEnum
from typing import get_args

from diagnostics.engine.events import Outcome
from diagnostics.exit_codes import ExitCode
from diagnostics.report.model import Diagnosis, Report
from diagnostics.terminal import Terminal

MOST_TEXT = 1000
"""Characters of the text; a pager shows fewer."""
MOST_BYTES = 4000
"""Bytes of the line: Nagios and NRPE cut what is longer, in the middle of a value."""
PLAIN = str.maketrans({"|": "/", "\n": " ", "\r": " "})
LABEL = str.maketrans({"=": "_", "'": "_", "|": "_", "\n": " ", "\r": " "})


class Status(IntEnum):
    """The return codes of plugins."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


def render(report: Report, _: Terminal) -> str:
    """The report in one line."""
    line = f"CLEARPAY {status_of(report).name}: {_text(report)}"
    separator = " | "
    for item in _perfdata(report):
        if len(f"{line}{separator}{item}".encode("utf-8", "replace")) > MOST_BYTES:
            break
        line, separator = f"{line}{separator}{item}", " "
    return f"{line}\n"


def status_of(report: Report) -> Status:
    """The status of a report: its exit code, and WARNING where that is 0 in spite of a finding."""
    if report.exit_code in {ExitCode.FOUND, ExitCode.STILL_FAILING}:
        return Status.CRITICAL
    if report.exit_code != ExitCode.OK:
        return Status.UNKNOWN
    return Status.WARNING if any(result.findings for result in report.results) else Status.OK


def complaint(text: str) -> str:
    """The line of a run that gave no report: the status is UNKNOWN."""
    return f"CLEARPAY {Status.UNKNOWN.name}: {_short(text)}"


def _text(report: Report) -> str:
    told = [_diagnosis(one) for one in report.diagnoses if one.verdict != "ruled_out"]
    undecided = [
        f"{result.key.probe} {result.outcome}: {result.reason}"
        for result in report.results
        if result.outcome in {"unknown", "error"}
    ]
    return _short("; ".join(told or undecided) or _counted(report))


def _diagnosis(one: Diagnosis) -> str:
    where = f" on {one.target}" if one.target else ""
    page = f" {one.url}" if one.url else ""
    return f"{one.entry} {one.verdict}{where}: {one.statement}{page}"


def _counted(report: Report) -> str:
    counts = Counter(result.outcome for result in report.results)
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items()) or "nothing ran"


def _perfdata(report: Report) -> Iterator[str]:
    """Counts by outcome, then the seconds of each probe that ran; a label in quotes may hold spaces."""
    counts = Counter(result.outcome for result in report.results)
    yield from (f"{outcome}={counts[outcome]};;;0" for outcome in get_args(Outcome))
    for result in report.results:
        if result.ms:
            names = dict.fromkeys((result.key.target, result.key.endpoint, result.key.probe))
            label = " ".join(names).translate(LABEL)
            yield f"'{label}'={result.ms / 1000:.3f}s;;;0"


def _short(text: str) -> str:
    line = text.translate(PLAIN)
    return line if len(line) <= MOST_TEXT else f"{line[: MOST_TEXT - 1]}…"
