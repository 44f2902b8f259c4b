"""One step of a fix, run at its place, and the way back from it."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from diagnostics.errors import CannotTell
from diagnostics.fixes.file_copies import Copies
from diagnostics.fixes.operator_session import (
    OperatorSession,
    administrator_variables,
    as_table,
    operator_session,
    pooler_variables,
)
from diagnostics.fixes.places import ADMINISTRATOR, Place
from diagnostics.fixes.plan import PID, FixPlan, PlannedStep, masked, masked_lines
from diagnostics.fixes.process import python_words, run_process, shell_words
from diagnostics.redaction import Redactor
from kb.records.placeholders import fill

Table = Sequence[Sequence[str]]


@dataclass(slots=True)
class StepRun:
    """A planned step with what is kept to undo it. `redactor` masks all that is shown."""

    plan: FixPlan
    step: PlannedStep
    redactor: Redactor
    terminal: int | None = None
    """Descriptor of a terminal that a command may use, for the password of sudo."""
    copies: Copies = field(default_factory=Copies)
    undo_statements: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """Place of the step, which has one."""
        if self.step.place is None:
            raise CannotTell(self.step.reason)
        return self.step.place

    def prepare(self) -> None:
        """Copy the files that it names, and read what its undo will put back. Raises CannotTell."""
        if not self.step.filled.changes:
            return
        self.copies = Copies.of(self.step.written, self.plan.values)
        if self.step.filled.kind == "sql" and self.step.filled.undo_code:
            with self._session() as session:
                answer = session.read(self.step.filled.undo_code)
            self.undo_statements = tuple(str(row[0]) for row in answer.rows if row[0])

    def run(self, sessions: Sequence[str], show: Callable[[str], None]) -> Table:
        """Run the step and return the rows of its answer, masked. Raises CannotTell if it fails.

        `sessions` are the process ids that it acts on, `show` is called with each line of its output.
        """
        try:
            if self.step.filled.kind == "sql":
                return self._run_sql(sessions)
            self._run_program(self.step.code, show)
            return ()
        finally:
            self.copies.step_has_run()

    @property
    def way_back(self) -> str:
        """Commands or files that an undo runs or writes; empty if none is possible from here."""
        if self.undo_statements:
            return "\n".join(self.undo_statements)
        if self.step.filled.kind != "sql" and self.step.filled.undo_code:
            return masked(self.step.filled.undo_code, self.redactor)
        changed = ", ".join(str(path) for path in self.copies.changed)
        return f"write back the copy of {changed}" if changed and self.step.undo == "possible" else ""

    def undo(self, show: Callable[[str], None]) -> None:
        """Undo the step. Raises CannotTell if that fails."""
        if self.undo_statements:
            with self._session() as session:
                for statement in self.undo_statements:
                    session.run(statement)
        elif self.step.filled.kind != "sql" and self.step.filled.undo_code:
            self._run_program(self.step.filled.undo_code, show, in_shell=True)
        else:
            self.copies.put_back()

    def _session(self) -> AbstractContextManager[OperatorSession]:
        operator = self.place.operator
        if operator is None:
            raise CannotTell("the target has no operator")
        return operator_session(operator, self.plan.target, self.redactor)

    def _run_sql(self, sessions: Sequence[str]) -> Table:
        codes = [self.step.code]
        if self.step.needs_pid:
            values = self.plan.values
            codes = [fill(self.step.written, {**values, PID: pid}).code for pid in sessions]
        tables: list[Sequence[str]] = []
        with self._session() as session:
            for code in codes:
                answer = session.run(code) if self.step.filled.changes else session.read(code)
                rows = [masked_lines(row, self.redactor) for row in as_table(answer)]
                tables += rows if not tables else rows[1:]
        if self.step.needs_pid and len(tables) <= 1:
            raise CannotTell("no session with this process id is in that state any more; nothing was changed")
        return tables

    def _run_program(self, code: str, show: Callable[[str], None], *, in_shell: bool = False) -> None:
        variables = dict(self.place.variables)
        if self.place.operator and ADMINISTRATOR in code:
            variables |= administrator_variables(self.place.operator, self.plan.target, self.redactor)
        if self.place.pooler:
            variables |= pooler_variables(self.plan.target, self.redactor)
        words = shell_words(code) if in_shell or self.step.filled.kind == "shell" else python_words(code)
        try:
            run_process(
                words,
                self.plan.target.folder,
                variables,
                lambda line: show(masked(line, self.redactor)),
                terminal=self.terminal,
            )
        except CannotTell as error:
            raise CannotTell(masked(str(error), self.redactor)) from None
