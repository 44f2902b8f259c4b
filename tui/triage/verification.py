"""Verification of a fix: the probes of an entry run repeatedly until they pass, as one run of the history."""

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NamedTuple, Protocol

from diagnostics.engine.events import Event
from diagnostics.report.model import Report, by_probe
from diagnostics.report.story import Act, ActKind, ProbeChange, Story, TriedProbe, Try
from diagnostics.report.verification_text import reasons, state_of
from diagnostics.run.examination import now
from tui.shared.history_types import Record, RunRecorder
from tui.triage.probe_changes import changes_of, results_by_key
from tui.triage.session import TriageSession

Schedule = Callable[[float, Callable[[], None]], Callable[[], object]]
"""Calls a function after some seconds; returns a function that cancels the call."""


class RunEntry(Protocol):
    """Starts a run of the probes of an entry."""

    def __call__(self, entry: str, *, active: bool) -> object:
        """Start the run; `active` includes active probes."""


class Attempt(NamedTuple):
    """Result of one attempt."""

    text: str
    verified: bool = False


class TriesRecord:
    """The record of all tries of one verification, in one run of the history.

    The first try begins it on the thread of its run; `finish` writes its last line.
    """

    def __init__(self, begin: RunRecorder | None) -> None:
        self._begin = begin
        self._record: Record | None = None
        self._ended = False

    def begin_try(self, blank: Report) -> "TriesRecord":
        """Return this record for the events of another try, which `blank` begins."""
        if self._record is None and self._begin and not self._ended:
            self._record = self._begin(blank)
        return self

    def observe(self, event: Event) -> None:
        """Write an event."""
        if self._record and not self._ended:
            self._record.observe(event)

    def finish(self, report: Report) -> Report:
        """Return the report of a try, which ends no record."""
        return report

    def end(self, report: Report) -> None:
        """Write the end of the verification."""
        if self._record and not self._ended:
            self._record.finish(report)
        self._ended = True


class Verification:
    """The current verification, if any. It knows no screen: it is given functions that start runs."""

    def __init__(self, run_entry: RunEntry, schedule: Schedule) -> None:
        self._run_entry, self._schedule = run_entry, schedule
        self.entry = ""
        """The entry that is being verified; empty if there is none."""
        self.record = TriesRecord(None)
        self._session: TriageSession | None = None
        self._active = False
        self._cancel_next: Callable[[], object] | None = None
        self._began = 0.0
        self._before: Report | None = None
        self._tries: list[Try] = []
        self._started = ""
        """Start of the current try."""

    def start(self, session: TriageSession, entry: str, *, active: bool) -> None:
        """Start to verify an entry; `active` is the user's consent to its active probes."""
        self.stop()
        self.entry, self._active, self._session = entry, active, session
        self.record = TriesRecord(session.state.recorder)
        self._began, self._before, self._tries = time.monotonic(), session.report, []
        session.begin_verification()
        self.try_now()

    def try_now(self) -> None:
        """Start the next attempt without a pause, if an entry is being verified."""
        self._cancel_scheduled()
        if self.entry:
            self._started = now()
            self._run_entry(self.entry, active=self._active)
            self.update_story()

    def result(self, session: TriageSession) -> Attempt:
        """Evaluate an attempt whose run has ended; schedule the next one unless the entry is green."""
        entry, pause_s = self.entry, session.state.pause_s
        green = session.is_green(entry)
        self._tries.append(self._try(session))
        self.update_story(verified_at=now() if green else "")
        if green:
            self._end()
            return Attempt(f"verified: {entry} is green", verified=True)
        self._cancel_next = self._schedule(pause_s, self.try_now)
        problem = "not green" if session.is_failing(entry) else "no answer"
        lines = (
            f"; {probe} {state}{reason}" for probe, state, reason in reasons(session.verification(entry))
        )
        why = next(lines, "")
        return Attempt(f"{problem} yet: {entry}; again in {pause_s:g} s, x cancels{why}")

    def stop(self) -> None:
        """Stop verifying, and write the end of the record."""
        self._cancel_scheduled()
        if self.entry:
            self._end()

    def update_story(self, verified_at: str = "") -> None:
        """Give the session the story so far."""
        if self._session and self.entry:
            self._session.story = self._story(self._session, verified_at)

    def _end(self) -> None:
        session, self.entry = self._session, ""
        if session:
            session.verifying = False
            report = session.final_report()
            self.record.end(report or session.blank_report())

    def _try(self, session: TriageSession) -> Try:
        own = [result for result in session.own_results(self.entry) if result.outcome != "skipped"]
        probes = [TriedProbe(probe=name, outcome=outcome) for name, outcome in by_probe(own).items()]
        return Try(
            number=len(self._tries) + 1,
            started=self._started,
            state=state_of(session.verification(self.entry)),
            probes=tuple(probes),
        )

    def _story(self, session: TriageSession, verified_at: str) -> Story:
        entry = session.entry(self.entry)
        confirmed_at, diagnosis = session.confirmations.get(self.entry, ("", None))
        known = Story(
            entry=entry.id,
            title=entry.title,
            target=session.state.target.name if session.state.target else "",
            acts=tuple(session.acts),
            changes=tuple(self._changes(session)),
            tries=tuple(self._tries),
            verified_at=verified_at,
            seconds=round(time.monotonic() - self._began, 1),
        )
        if diagnosis is None:
            return known
        return replace(
            known,
            finding=diagnosis.finding,
            sentence=diagnosis.sentence,
            confirmed_at=confirmed_at,
            evidence=diagnosis.for_,
            fix=diagnosis.fix,
        )

    def _changes(self, session: TriageSession) -> Iterable[ProbeChange]:
        names = session.state.catalogue.probes_of(session.entry(self.entry))
        before = results_by_key(self._before, names)
        if not before and session.first_try:
            before = results_by_key(session.first_try, names)
        return changes_of(before, results_by_key(session.last_try, names))

    def _cancel_scheduled(self) -> None:
        if self._cancel_next:
            self._cancel_next()
            self._cancel_next = None


def act(kind: ActKind, text: str = "") -> Act:
    """Return an act of this moment."""
    return Act(at=now(), kind=kind, text=text)
