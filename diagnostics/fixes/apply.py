"""A fix, applied: steps in their order, each with consent, then the probes again until they pass.

What was done is known at any moment, so that an interruption can say it.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from diagnostics.diagnosis.exit_status import verify_code
from diagnostics.diagnosis.verification import verification_of
from diagnostics.engine.deadline import Deadline
from diagnostics.errors import CannotTell
from diagnostics.exit_codes import ExitCode
from diagnostics.fixes.dialogue import Dialogue, Offer
from diagnostics.fixes.file_copies import preview
from diagnostics.fixes.plan import PID, FixPlan, PlannedStep, masked
from diagnostics.fixes.run_step import StepRun, Table
from diagnostics.fixes.step_ids import is_alternative
from diagnostics.report.fix_record import FixedStep, FixRecord, FixState, StepState
from diagnostics.report.model import Report, Verification
from diagnostics.report.verification_text import reasons
from diagnostics.run.examination import Examination, Observer, examine

PAUSE_S = 2.0
"""Seconds between two verifications."""
Recorder = Callable[[str, FixedStep], None]
"""Function that writes an event of a step, `fix_step_started` or `fix_step_ended`, to the history."""


@dataclass(slots=True)
class Application:
    """Application of a plan, step by step; `record` returns its state at any moment."""

    plan: FixPlan
    examination: Examination
    report: Report
    """Report of the run that confirmed the finding; later the one of the last verification."""
    dialogue: Dialogue
    write: Recorder
    wait_s: float
    """Seconds for which verification is repeated."""
    observers: Sequence[Observer] = ()
    terminal: int | None = None
    steps: list[FixedStep] = field(default_factory=list)
    verification: Verification | None = None
    tries: int = 0
    runs: list[tuple[int, StepRun]] = field(default_factory=list)
    """Steps that were run, with what undoes them, by their positions."""
    ended: bool = False
    """True once all that was to be done is done."""
    _sessions: tuple[str, ...] | None = None
    _started: float = 0.0
    _stopped: bool = False
    _passes: bool = False
    """True if the probes passed after the last step that was run."""

    def __post_init__(self) -> None:
        self.steps = [step.shown() for step in self.plan.steps]

    def run(self) -> None:
        """Offer and run the steps, verify, and offer the undo of each where the error is still there."""
        self._started = time.monotonic()
        for number, step in enumerate(self.plan.steps):
            self._take(number, step)
        failed = any(step.state == "failed" for step in self.steps)
        by_hand = self._copied and not self._stopped
        if (by_hand and self.dialogue.carried_out(has_run=self._has_run)) or self._has_run:
            self._verify(0.0 if failed and not self._changed else self.wait_s)
            self._go_on()
        self.ended = True

    def _go_on(self) -> None:
        """Verify again or offer the undo, as long as the error is there and somebody wants it."""
        while self.verification and not self.verification.green:
            found = [
                f"{probe} {state}{reason}".strip() for probe, state, reason in reasons(self.verification)
            ]
            match self.dialogue.still_red(found):
                case "verify":
                    self._verify(0.0)
                case "undo":
                    return self._offer_undo()
                case _:
                    return None
        return None

    @property
    def _has_run(self) -> bool:
        return any(step.changes and step.state in {"done", "failed", "interrupted"} for step in self.steps)

    @property
    def _changed(self) -> bool:
        return any(step.changes and step.state == "done" for step in self.steps)

    @property
    def _copied(self) -> bool:
        return any(step.state == "copy" and step.changes for step in self.steps)

    def record(self) -> FixRecord:
        """Return what was done so far."""
        diagnosis, interrupted = self.plan.diagnosis, bool(self._started) and not self.ended
        steps = tuple(
            replace(step, state="not run") if interrupted and step.state == "ready" else step
            for step in self.steps
        )
        return FixRecord(
            entry=diagnosis.entry,
            finding=diagnosis.finding,
            target=diagnosis.target,
            sentence=diagnosis.sentence,
            evidence=diagnosis.for_,
            state="interrupted" if interrupted else self._state(),
            reason=self._interruption() if interrupted else "",
            steps=steps,
            tries=self.tries,
            seconds=round(time.monotonic() - self._started, 1) if self._started else 0.0,
        )

    def _state(self) -> FixState:
        if not self._started:
            return "planned"
        if self.verification is None:
            declined = any(step.changes and step.state in {"declined", "not run"} for step in self.steps)
            return "declined" if declined else "nothing_to_run"
        if self.verification.green:
            return "verified"
        return "still_failing" if self.verification.failing else "not_verified"

    def _interruption(self) -> str:
        done = [step.id for step in self.steps if step.changes and step.state == "done"]
        cut = [step.id for step in self.steps if step.state == "interrupted"]
        parts = [f"done: {', '.join(done)}" if done else "no step that changes anything was completed"]
        parts += [f"interrupted while it ran, its effect is not known: {', '.join(cut)}"] if cut else []
        parts += ["" if self.verification and self.verification.green else "not verified"]
        return "; ".join(filter(None, parts))

    def _take(self, number: int, step: PlannedStep) -> None:
        """Offer one step, and run it with consent."""
        if self._stopped:
            if self.steps[number].state == "ready":
                self._end(number, "not run")
            return
        if is_alternative(step.written.title) and self._changed and self._is_green():
            self._end(number, "not needed", "the probes pass already")
            return
        if step.place is None:
            self.dialogue.copies(self.steps[number])
            return
        run = StepRun(self.plan, step, self.examination.redactor, self.terminal)
        if offer := self._prepared(number, run):
            self._ask(number, run, offer)

    def _prepared(self, number: int, run: StepRun) -> Offer | None:
        """Return the offer of a step; None, with the reason in its state, if it cannot be run here."""
        step, redactor = run.step, self.examination.redactor
        try:
            run.prepare()
            difference = masked(preview(step.written, self.plan.values), redactor)
        except CannotTell as error:
            self._end(number, "copy", masked(str(error), redactor))
            self.dialogue.copies(self.steps[number])
            return None
        if run.undo_statements:
            exact = ", ".join(f"`{statement};`" for statement in run.undo_statements)
            self.steps[number] = replace(self.steps[number], undo=f"{exact}, as it was before")
        if step.needs_pid and not self._sessions:
            self._end(number, "not needed", "the step before shows no session that it is for")
            return None
        return Offer(
            step=self.steps[number],
            target=self.plan.target.name,
            production=self.plan.target.production,
            rights=step.filled.rights,
            undo=step.undo,
            undo_statements=run.undo_statements,
            preview=difference,
            sessions=self._sessions or (),
            needs_pid=step.needs_pid,
        )

    def _ask(self, number: int, run: StepRun, offer: Offer) -> None:
        sessions: Sequence[str] = ()
        if offer.needs_pid:
            sessions = self.dialogue.choose_sessions(offer)
            if unknown := [pid for pid in sessions if pid not in offer.sessions]:
                self._end(number, "declined", f"the step before does not show {', '.join(unknown)}")
                return
            if not sessions:
                self._end(number, "declined")
                return
            command = self.steps[number].command.replace(f"<{PID}>", " ".join(sessions))
            self.steps[number] = replace(self.steps[number], command=command)
            offer = replace(offer, step=self.steps[number])
        match self.dialogue.choose(offer) if offer.step.changes or run.step.filled.kind != "sql" else "run":
            case "run":
                self._run(number, run, sessions)
            case "skip":
                self._end(number, "declined")
            case _:
                self._stopped = True
                self._end(number, "declined")

    def _run(self, number: int, run: StepRun, sessions: Sequence[str]) -> None:
        self.steps[number] = replace(self.steps[number], state="interrupted")  # until it has ended
        self._passes = False
        self.write("fix_step_started", self.steps[number])
        self.dialogue.begins(self.steps[number])
        self.runs.append((number, run))
        begun, reason = time.monotonic(), ""
        rows: Table = ()
        try:
            rows = run.run(sessions, self.dialogue.line)
        except CannotTell as error:
            reason = str(error) or "it failed"
        except BaseException:
            self.steps[number] = replace(self.steps[number], seconds=round(time.monotonic() - begun, 3))
            self.write("fix_step_ended", self.steps[number])
            raise
        if rows:
            self.dialogue.table(rows)
        if run.step.filled.kind == "sql" and not run.step.filled.changes:
            self._sessions = tuple(str(row[0]) for row in rows[1:])
        self.steps[number] = replace(self.steps[number], seconds=round(time.monotonic() - begun, 3))
        self._end(number, "failed" if reason else "done", reason)
        self.write("fix_step_ended", self.steps[number])
        if reason and run.step.filled.changes:
            self._stopped = True

    def _end(self, number: int, state: StepState, reason: str = "") -> None:
        self.steps[number] = replace(self.steps[number], state=state, reason=reason)
        if state != "copy":
            self.dialogue.ends(self.steps[number])

    def _is_green(self) -> bool:
        """Return True if the probes pass after the steps so far; they run once after a step."""
        if not self._passes:
            self._verify(0.0)
            self._passes = bool(self.verification and self.verification.green)
            self.verification = None
        return self._passes

    def _verify(self, wait_s: float) -> None:
        """Run the probes of the entry again, until they pass or the time is over."""
        # A password that was rejected before the fix may be accepted after it.
        examination = replace(self.examination, rejected=set())
        catalogue, deadline = examination.catalogue, Deadline(wait_s)
        entry = catalogue.entries[self.plan.diagnosis.entry]
        while True:
            self.tries += 1
            self.dialogue.verifies(self.tries, deadline.left)
            self.report = examine(examination, self.observers, self.report)
            verification = verification_of(self.report, entry, catalogue, examination.targets)
            self.verification = verification
            if verify_code(verification) == ExitCode.OK or deadline.left <= 0:
                return
            time.sleep(min(PAUSE_S, deadline.left))

    def _offer_undo(self) -> None:
        """Offer to undo what was run, the last step first."""
        for number, run in reversed(self.runs):
            step = self.steps[number]
            if not step.changes or run.step.undo == "not needed":
                continue
            if step.state != "done" and not run.copies.changed:  # a statement that failed was rolled back
                continue
            if not (way := run.way_back):
                self.steps[number] = replace(step, undone="by hand")
                continue
            self._undo(number, run, way)

    def _undo(self, number: int, run: StepRun, way: str) -> None:
        step = self.steps[number]
        if not self.dialogue.undoes(step, way):
            self.steps[number] = replace(step, undone="declined")
            return
        try:
            run.undo(self.dialogue.line)
            self.steps[number] = replace(step, undone="done")
        except CannotTell as error:
            self.steps[number] = replace(step, undone="failed", reason=str(error))
        self.write("fix_step_undone", self.steps[number])
        self.dialogue.ends(self.steps[number])
