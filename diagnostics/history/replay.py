"""Replay of a run's lines to its events, rounds and report."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.engine.events import Event, Finished, Key
from diagnostics.exit_codes import ExitCode
from diagnostics.history.append_log import Damaged, parse_line
from diagnostics.history.line_parser import checked, diagnoses_of, event_of, time_of
from diagnostics.probes import PROBES
from diagnostics.report.formats.ndjson import start_line
from diagnostics.report.model import Report, Result, fold
from diagnostics.report.worst_round import WORSE, worst_round
from kb.records.dataclass_io import to_data
from kb.records.loader import load_entries
from kb.text.ci_commands import defuse_json

START_FIELDS = ("tool_version", "run_id", "started", "targets", "target_file", "text_matched", "selected")
END_FIELDS = ("verification", "fix", "story", "notes", "exit_code")
State = Literal["finished", "running", "cut short"]


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """A run of the history."""

    report: Report
    state: State
    """`running` while its process has the file open, `cut short` if that process ended before the run."""
    events: tuple[Event, ...] = ()
    """Events of all attempts: `verify --wait` repeats the probes, and the report is of the last attempt."""
    lines: tuple[str, ...] = ()
    """Readable lines of the file, control characters removed."""

    @property
    def seconds(self) -> float:
        """Seconds that probes ran, without the pauses between two attempts."""
        return sum(max(event.at for event in attempt) for attempt in attempts(self.events))


def attempts(events: Iterable[Event]) -> list[list[Event]]:
    """Group events by attempt: an event of a probe that has ended is the first of the next attempt."""
    groups: list[list[Event]] = []
    ended: set[Key] = set()
    for event in events:
        if not groups or event.key in ended:
            groups.append([])
            ended = set()
        groups[-1].append(event)
        if isinstance(event.body, Finished):
            ended.add(event.key)
    return groups


def replay(first: Mapping[str, Any], lines: Iterable[bytes]) -> RecordedRun:
    """Build the run from the object of its first line and from its other lines.

    Damaged lines are counted. Raises Damaged if the first line is damaged.
    """
    state = _Replay(_blank(first))
    for line in lines:
        try:
            state.take(parse_line(line))
        except Damaged:
            state.damaged += 1
    return state.run()


def _blank(data: Mapping[str, Any]) -> Report:
    report: Report = checked(Report, {**_chosen(data, START_FIELDS), "started": time_of(data)})
    return replace(report, exit_code=int(ExitCode.UNDETERMINED))


class _Replay:
    """State of the run after some of its lines."""

    def __init__(self, blank: Report) -> None:
        self.damaged = 0
        self._report = blank
        self._has_ended = False
        self._rounds: list[Report] = []
        """Reports of the rounds of `--repeat`, without results."""
        self._events: list[list[Event]] = [[]]
        """Events before the first round, then those of each round."""
        self._lines = [start_line(blank)]

    def take(self, data: Mapping[str, Any]) -> None:
        """Apply the object of one line. Raises Damaged."""
        match data["event"]:
            case "run_finished":
                self._report, self._has_ended = _ended_report(self._report, data), True
            case "round_started":
                self._begin_round(data)
            case "round_finished":
                self._end_round(data)
            case _ if event := event_of(data):
                self._events[-1].append(event)
        self._lines.append(defuse_json(json.dumps(data, ensure_ascii=False)) + "\n")

    def run(self) -> RecordedRun:
        """Return the run of the lines so far."""
        events = tuple(event for group in self._events for event in group)
        notes = (*self._report.notes, *_notes(self.damaged, ended=self._has_ended))
        state: State = "finished" if self._has_ended else "cut short"
        return RecordedRun(
            replace(self._report_with_results(), notes=notes), state, events, tuple(self._lines)
        )

    def _begin_round(self, data: Mapping[str, Any]) -> None:
        exit_code = int(ExitCode.UNDETERMINED)
        self._rounds.append(replace(self._report, started=time_of(data), exit_code=exit_code))
        self._events.append([])

    def _end_round(self, data: Mapping[str, Any]) -> None:
        if not self._rounds or data.get("exit_code") not in WORSE:
            raise Damaged("does not end a round")
        self._rounds[-1] = replace(self._rounds[-1], exit_code=int(data["exit_code"]))

    def _report_with_results(self) -> Report:
        """Return the report with the results of the worst round; without rounds, of the last attempt."""
        report = self._report
        if not self._rounds:
            return replace(report, results=_results(self._events[-1], report.targets))
        results = [_results(events, report.targets) for events in self._events[1:]]
        rounds = [replace(item, results=own) for item, own in zip(self._rounds, results, strict=True)]
        worst = worst_round(report, rounds)
        return replace(report, results=worst.results, rounds=worst.rounds)


def _results(events: Sequence[Event], targets: Sequence[str]) -> tuple[Result, ...]:
    last = [event for attempt in attempts(events)[-1:] for event in attempt]
    return tuple(_in_order(fold(last), targets))


def _ended_report(blank: Report, data: Mapping[str, Any]) -> Report:
    """Return the report with the fields of the last line. Raises Damaged."""
    report: Report = checked(Report, {**_chosen(to_data(blank), START_FIELDS), **_chosen(data, END_FIELDS)})
    return replace(report, diagnoses=diagnoses_of(data))


def _chosen(data: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: data[name] for name in names if name in data}


def _notes(damaged: int, *, ended: bool) -> Iterator[str]:
    if not ended:
        yield "this run has not ended; the report has its results so far"
    if damaged:
        yield f"{damaged} line(s) of its file cannot be read"


def _in_order(results: Iterable[Result], targets: Sequence[str]) -> list[Result]:
    """Sort results by target and endpoint in their order of appearance, then by probe as in PROBES."""
    unsorted = list(results)
    endpoints = list(dict.fromkeys((result.key.target, result.key.endpoint) for result in unsorted))
    names = list(Catalogue(load_entries(), PROBES).probes)

    def position(result: Result) -> tuple[int, int, int]:
        key = result.key
        target = targets.index(key.target) if key.target in targets else len(targets)
        probe = names.index(key.probe) if key.probe in names else len(names)
        return target, endpoints.index((key.target, key.endpoint)), probe

    return sorted(unsorted, key=position)
