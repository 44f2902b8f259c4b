"""What the lines of a kept run say, one after the other: its events, its rounds, its report."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from diagnostics.engine.events import Event, Finished, Key
from diagnostics.exit_codes import ExitCode
from diagnostics.history.append_log import Damaged, parse_line
from diagnostics.history.line_parser import checked, diagnoses_of, event_of, time_of
from diagnostics.probes import PROBES
from diagnostics.report.formats.ndjson import start_line
from diagnostics.report.model import Report, Result, fold
from diagnostics.report.worst_round import WORSE, worst_round
from kb.records.dataclass_io import to_data

BEGINNING = ("tool_version", "run_id", "started", "targets")
END = ("notes", "exit_code")
State = Literal["finished", "running", "cut short"]


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """One run of the history."""

    report: Report
    state: State
    """`running` where its process still has the file open, `cut short` where that process is gone."""
    events: tuple[Event, ...] = ()
    """All of them: `verify` tries again and again, and the report is of its last try."""
    lines: tuple[str, ...] = ()
    """What its file says, those that can be read, made harmless."""

    @property
    def seconds(self) -> float:
        """How long probes ran, without the pauses between two tries."""
        return sum(max(event.at for event in one) for one in tries(self.events))


def tries(events: Iterable[Event]) -> list[list[Event]]:
    """The events of each try: a probe that speaks after it ended has been asked again."""
    found: list[list[Event]] = []
    ended: set[Key] = set()
    for event in events:
        if not found or event.key in ended:
            found.append([])
            ended = set()
        found[-1].append(event)
        if isinstance(event.body, Finished):
            ended.add(event.key)
    return found


def replay(first: Mapping[str, Any], lines: Iterable[bytes]) -> RecordedRun:
    """The run of its first line and the others; those that cannot be read are counted.

    Raises Damaged where the first one is.
    """
    state = _Replay(_blank(first))
    for line in lines:
        try:
            state.take(parse_line(line))
        except Damaged:
            state.damaged += 1
    return state.run()


def _blank(data: Mapping[str, Any]) -> Report:
    report: Report = checked(Report, {**_chosen(data, BEGINNING), "started": time_of(data)})
    return replace(report, exit_code=int(ExitCode.UNDETERMINED))


class _Replay:
    """What a file has said up to a line of it."""

    def __init__(self, blank: Report) -> None:
        self.damaged = 0
        self._report = blank
        self._ended = False
        self._rounds: list[Report] = []
        """Each round of `--repeat`, without its results."""
        self._events: list[list[Event]] = [[]]
        """Those of each round."""
        self._lines = [start_line(blank)]

    def take(self, data: Mapping[str, Any]) -> None:
        """One line. Raises Damaged."""
        match data["event"]:
            case "run_finished":
                self._report, self._ended = _ended(self._report, data), True
            case "round_started":
                self._begin_round(data)
            case "round_finished":
                self._end_round(data)
            case _ if event := event_of(data):
                self._events[-1].append(event)
        self._lines.append(json.dumps(data, ensure_ascii=False) + "\n")

    def run(self) -> RecordedRun:
        """All that was said."""
        events = tuple(event for one in self._events for event in one)
        notes = (*self._report.notes, *_notes(self.damaged, ended=self._ended))
        state: State = "finished" if self._ended else "cut short"
        return RecordedRun(replace(self._summed(), notes=notes), state, events, tuple(self._lines))

    def _begin_round(self, data: Mapping[str, Any]) -> None:
        undecided = int(ExitCode.UNDETERMINED)
        self._rounds.append(replace(self._report, started=time_of(data), exit_code=undecided))
        self._events.append([])

    def _end_round(self, data: Mapping[str, Any]) -> None:
        if not self._rounds or data.get("exit_code") not in WORSE:
            raise Damaged("ends no round")
        self._rounds[-1] = replace(self._rounds[-1], exit_code=int(data["exit_code"]))

    def _summed(self) -> Report:
        """The report with its results: of the worst round, or of the last try where there are no rounds."""
        report = self._report
        if not self._rounds:
            return replace(report, results=_results(self._events[-1], report.targets))
        results = [_results(events, report.targets) for events in self._events[1:]]
        done = [replace(one, results=found) for one, found in zip(self._rounds, results, strict=True)]
        worst = worst_round(report, done)
        return replace(report, results=worst.results, rounds=worst.rounds)


def _results(events: Sequence[Event], targets: Sequence[str]) -> tuple[Result, ...]:
    last = [event for one in tries(events)[-1:] for event in one]
    return tuple(_in_order(fold(last), targets))


def _ended(blank: Report, data: Mapping[str, Any]) -> Report:
    """The report with what the last line says, which is checked before it is believed."""
    said: Report = checked(Report, {**_chosen(to_data(blank), BEGINNING), **_chosen(data, END)})
    return replace(said, diagnoses=diagnoses_of(data))


def _chosen(data: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: data[name] for name in names if name in data}


def _notes(damaged: int, *, ended: bool) -> Iterator[str]:
    if not ended:
        yield "this run has not come to its end; what it found until then stands here"
    if damaged:
        yield f"{damaged} line(s) of its file cannot be read"


def _in_order(results: Iterable[Result], targets: Sequence[str]) -> list[Result]:
    """By target and endpoint as they came, then by probe as the table has them."""
    listed = list(results)
    places = list(dict.fromkeys((result.key.target, result.key.endpoint) for result in listed))
    names = list(PROBES)

    def place(result: Result) -> tuple[int, int, int]:
        key = result.key
        target = targets.index(key.target) if key.target in targets else len(targets)
        probe = names.index(key.probe) if key.probe in names else len(names)
        return target, places.index((key.target, key.endpoint)), probe

    return sorted(listed, key=place)
