"""One line for Nagios and compatible monitoring servers: `SERVICE STATUS: text | perfdata`.

Source: Monitoring Plugins Development Guidelines, chapters "Plugin Output for Nagios", "Performance data"
and "Plugin Return Codes". With this format the process exits with the return codes of plugins.
"""

from collections import Counter
from collections.abc import Iterator
from enum import IntEnum
from typing import get_args

from diagnostics.engine.events import Outcome
from diagnostics.exit_codes import ExitCode
from diagnostics.report.model import UNMATCHED, Diagnosis, Report, Verification
from diagnostics.report.verification_text import reasons, state_of
from diagnostics.terminal import Terminal

MAX_TEXT = 1000
"""Characters of the text; pagers show fewer."""
MAX_BYTES = 4000
"""Bytes of the line; Nagios and NRPE truncate longer ones, in the middle of a value."""
PLAIN = str.maketrans({"|": "/", "\n": " ", "\r": " "})
LABEL = str.maketrans({"=": "_", "'": "_", "|": "_", "\n": " ", "\r": " "})


class Status(IntEnum):
    """Return codes of plugins."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


def render(report: Report, _: Terminal) -> str:
    """Return the report as one line; performance data that does not fit is left out."""
    line = f"CLEARPAY {status_of(report).name}: {_text(report)}"
    separator = " | "
    for item in _perfdata(report):
        if len(f"{line}{separator}{item}".encode("utf-8", "replace")) > MAX_BYTES:
            break
        line, separator = f"{line}{separator}{item}", " "
    return f"{line}\n"


def status_of(report: Report) -> Status:
    """Return the status for the exit code of a report; WARNING stands for a finding with exit code 0."""
    if report.exit_code in {ExitCode.FOUND, ExitCode.STILL_FAILING}:
        return Status.CRITICAL
    if report.exit_code != ExitCode.OK:
        return Status.UNKNOWN
    return Status.WARNING if any(result.findings for result in report.results) else Status.OK


def error_line(message: str) -> str:
    """Return the line of a run that failed without a report; its status is UNKNOWN."""
    return f"CLEARPAY {Status.UNKNOWN.name}: {_short(message)}"


def _text(report: Report) -> str:
    diagnoses = [
        _diagnosis_text(diagnosis) for diagnosis in report.diagnoses if diagnosis.verdict != "ruled_out"
    ]
    head = [UNMATCHED.rstrip(".")] if report.is_unmatched else []
    if report.verification:
        head.append(_verification_text(report.verification))
    else:
        diagnoses = diagnoses or list(_undecided(report)) or [_outcome_counts(report)]
    return _short("; ".join([*head, *diagnoses]))


def _verification_text(verification: Verification) -> str:
    why = [f"{probe} {state}{reason}".strip() for probe, state, reason in reasons(verification)]
    state = state_of(verification).replace("_", " ")
    return f"{verification.entry} {state}" + (f": {'; '.join(why)}" if why and not verification.green else "")


def _undecided(report: Report) -> Iterator[str]:
    """Yield the probes without a conclusion, those of the same reason together."""
    probes: dict[tuple[str, str], list[str]] = {}
    for result in report.results:
        if result.outcome in {"unknown", "error"}:
            probes.setdefault((result.outcome, result.reason), []).append(result.key.probe)
    for (outcome, reason), names in probes.items():
        yield f"{', '.join(dict.fromkeys(names))} {outcome}: {reason}"


def _diagnosis_text(diagnosis: Diagnosis) -> str:
    target = f" on {diagnosis.target}" if diagnosis.target else ""
    page = f" {diagnosis.url}" if diagnosis.url else ""
    return f"{diagnosis.entry} {diagnosis.verdict}{target}: {diagnosis.statement}{page}"


def _outcome_counts(report: Report) -> str:
    counts = Counter(result.outcome for result in report.results)
    return ", ".join(f"{count} {outcome}" for outcome, count in counts.items()) or "nothing ran"


def _perfdata(report: Report) -> Iterator[str]:
    """Yield a count per outcome and a duration per probe that ran; quoted labels may contain spaces."""
    counts = Counter(result.outcome for result in report.results)
    yield from (f"{outcome}={counts[outcome]};;;0" for outcome in get_args(Outcome))
    for result in report.results:
        if result.ms:
            names = dict.fromkeys((result.key.target, result.key.endpoint, result.key.probe))
            label = " ".join(names).translate(LABEL)
            yield f"'{label}'={result.ms / 1000:.3f}s;;;0"


def _short(text: str) -> str:
    line = text.translate(PLAIN)
    return line if len(line) <= MAX_TEXT else f"{line[: MAX_TEXT - 1]}…"
