"""Reading of one record of a log: the entries that it proves, or the template of its error."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Final, NamedTuple

from kb.matching.index import Index
from kb.matching.matcher import match
from kb.scan.masking import template_of
from kb.text.logs.json_logs import expand
from kb.text.logs.log_prefixes import strip_prefix
from kb.text.logs.records import Record, records_of
from kb.text.logs.times import find_stamp
from kb.text.masking import mask_structures
from kb.text.sanitize import clean, mask_secrets, one_line, strip_controls

MAX_TEXT: Final = 300
"""Characters of a line that are kept as an example."""
_MAX_MASKED: Final = 2_000
"""Characters of a line in which secrets are masked; of them, `MAX_TEXT` are kept."""
_MAX_SOURCE: Final = 80
_ERROR_LEVELS: Final = frozenset(("error", "critical", "fatal"))
_QUIET_LEVELS: Final = frozenset(("debug", "trace"))
"""Levels of records that report no error, whatever they quote."""
_ERROR_WORD: Final = re.compile(
    r"(?i)\b(?:\w*error|\w*exception|fatal|panic|traceback|critical|severe|fehler|erreur)\b|ошибка|错误|エラー"
)
_JSON_TIME: Final = re.compile(
    r"\"(?:@timestamp|timestamp|time|ts|asctime|datetime|@t|t)\" ?: ?"
    r"(?:\"([^\"]{8,40})\"|(\d{10}(?:\.\d+)?)\b)"
)


@dataclass(frozen=True, slots=True)
class ScanSettings:
    """Index and options of a scan: everything that its result depends on besides the logs."""

    index: Index
    now: datetime
    """Time that gives the year to stamps without one."""
    zone: tzinfo = UTC
    """Zone of times that name none."""
    since: float = float("-inf")
    """Seconds since 1970 before which records are left out."""
    until: float = float("inf")
    """Seconds since 1970 after which records are left out."""
    engine: str = ""
    """Engine of the prefilter; empty for the fastest one that is installed."""


class Reading(NamedTuple):
    """Properties of a record that it shares with all records of the same key."""

    entries: tuple[str, ...] = ()
    """Entries that the record proves, each by evidence of its own."""
    alternatives: tuple[tuple[str, str], ...] = ()
    """Pairs of an entry and another one that the same evidence would prove."""
    template: str = ""
    """Template of the group of an error record that no entry knows; empty for other records."""
    text: str = ""
    """Line with the proof or the error. Secrets are not masked: `example_of` does it for those that stay."""
    source: str = ""
    is_timed: bool = False


def read_record(text: str, settings: ScanSettings, *, names_entry: bool) -> Reading:
    """Read a record; only one that has a literal of an entry (`names_entry`) is matched."""
    records = records_of(text, zone=settings.zone, now=settings.now)
    source = _source(records)
    level = next((record.level for record in records if record.level), "")
    is_timed = any(record.time for record in records)
    proofs = _proofs(records, settings) if names_entry and level not in _QUIET_LEVELS else []
    if proofs:
        entries, alternatives = _by_evidence(proofs)
        return Reading(entries, alternatives, "", proofs[0].text[:_MAX_MASKED], source, is_timed)
    template, line = _error(records) if _is_error(records, level) else ("", "")
    return Reading((), (), template, line[:_MAX_MASKED], source, is_timed)


def source_of(text: str, settings: ScanSettings) -> str:
    """Return the pod, unit, host or logger that a record names, or an empty text."""
    return _source(records_of(text, zone=settings.zone, now=settings.now))


def time_of_line(line: str, settings: ScanSettings) -> float | None:
    """Return the time of a line, in seconds since 1970, by its stamp or by the field of a JSON object."""
    if line.startswith("{"):
        if (found := _JSON_TIME.search(line)) is None:
            return time_of_record(line, settings)
        if found[2]:
            return float(found[2])
        line = found[1]
    stamp = find_stamp(line, settings.now, settings.zone)
    return stamp.time.timestamp() if stamp and stamp.time else None


def time_of_record(text: str, settings: ScanSettings) -> float | None:
    """Return the first time that the lines of a record have, in seconds since 1970."""
    records = records_of(text, zone=settings.zone, now=settings.now)
    return next((record.time.timestamp() for record in records if record.time), None)


class _Proof(NamedTuple):
    """Entry that a record proves: the evidence, and the line with it."""

    entry: str
    signs: frozenset[str]
    text: str


def _proofs(records: Sequence[Record], settings: ScanSettings) -> list[_Proof]:
    proofs = []
    for record in records:
        cleaned = clean(record.text)
        proofs += [
            _Proof(result.entry, frozenset(result.signs), cleaned.lines[max(0, result.line - 1)])
            for result in match(cleaned, settings.index)
            if result.proves
        ]
    return proofs


def _by_evidence(proofs: Sequence[_Proof]) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Return the entries with evidence of their own, and those that share all of it with an earlier one."""
    owners: dict[str, str] = {}
    alternatives: dict[tuple[str, str], None] = {}
    for proof in proofs:
        others = {owners[sign] for sign in proof.signs if sign in owners}
        if proof.signs - owners.keys():
            owners.update((sign, proof.entry) for sign in proof.signs if sign not in owners)
        else:
            alternatives.update(((other, proof.entry), None) for other in sorted(others - {proof.entry}))
    return tuple(dict.fromkeys(owners.values())), tuple(alternatives)


def _is_error(records: Sequence[Record], level: str) -> bool:
    if level:
        return level in _ERROR_LEVELS
    return any(_ERROR_WORD.search(record.text) for record in records)


def _error(records: Sequence[Record]) -> tuple[str, str]:
    """Return the template of an error record and its line: the exception of a traceback, else the first.

    Secrets are masked in the template, which has no digits any more: so records of one key have one template.
    """
    lines = _lines(records)
    line = next((line for line in reversed(lines) if _is_exception(line)), lines[0] if lines else "")
    return _masked(template_of(strip_prefix(line))), line


def _lines(records: Sequence[Record]) -> list[str]:
    """Return the lines of records that are not blank, JSON objects as their messages, keys masked."""
    text, _ = mask_structures(strip_controls("\n".join(record.text for record in records)))
    return [line for line in expand(text.split("\n"), strip_controls) if line.strip()]


def _is_exception(line: str) -> bool:
    """Return True for the last line of a traceback: a class and its message, without a prefix."""
    name = line.partition(":")[0]
    return name.endswith(("Error", "Exception")) and " " not in name


def _source(records: Sequence[Record]) -> str:
    source = next((record.source for record in records if record.source), "")
    return one_line(_masked(strip_controls(source)))[:_MAX_SOURCE]


def example_of(line: str) -> str:
    """Return a line as an example for a report: secrets masked, at most `MAX_TEXT` characters."""
    return one_line(_masked(line.strip()))[:MAX_TEXT]


@lru_cache(maxsize=_MAX_MASKED)
def _masked(text: str) -> str:
    return mask_secrets(text)
