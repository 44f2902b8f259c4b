"""Lines about the steps of a fix on standard error: standard output has the report alone."""

from collections.abc import Sequence
from typing import Final, TextIO

from diagnostics.report.fix_record import FixedStep
from diagnostics.report.fix_text import CODE, state_text, step_lines
from diagnostics.terminal import Terminal, encodable, print_line, show_progress, terminal_of
from kb.text.wrapping import wrap_lines

INDENT: Final = "   "
LABEL: Final = 7
MAX_CELL: Final = 60


class StepOutput:
    """The half of a dialogue that shows; its texts have no secrets."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._progress = stream.isatty()

    @property
    def _terminal(self) -> Terminal:
        return terminal_of(self._stream)

    def say(self, text: str) -> None:
        """Print a line, in place of the progress line."""
        if self._progress:
            show_progress("")
        print_line(text, self._stream)
        self._stream.flush()

    def code(self, text: str) -> None:
        """Print code as it is, indented."""
        for line in text.splitlines():
            self.say(f"{INDENT}  {line}")

    def describe(self, step: FixedStep) -> None:
        """Print a step: title, place, command and undo."""
        mark = self._terminal.paint("changes", "warn") if step.changes else "reads only"
        self.say("")
        self.say(f"{self._terminal.paint(step.title, 'strong')} ({step.kind})  {mark}")
        for label, text in step_lines(step):
            self.labelled(label, text)

    def labelled(self, label: str, text: str) -> None:
        """Print a text with its label; code keeps its lines."""
        width = self._terminal.width - len(INDENT) - LABEL
        lines = text.splitlines() if label in CODE else list(wrap_lines(text, width, ""))
        for number, line in enumerate(lines or [""]):
            head = self._terminal.paint(label.ljust(LABEL), "dim") if number == 0 else " " * LABEL
            self.say(f"{INDENT}{head}{line}")

    def copies(self, step: FixedStep) -> None:
        """Show a step that has no place here, with the reason."""
        self.describe(step)
        self.labelled("note", f"to carry out by hand{f': {step.reason}' if step.reason else ''}")

    def begins(self, step: FixedStep) -> None:
        """Say that a step runs."""
        self.say(f"{INDENT}running {step.id}, as {step.account}")

    def line(self, text: str) -> None:
        """Show a line of output."""
        self.say(f"{INDENT}| {text}")

    def table(self, rows: Sequence[Sequence[str]]) -> None:
        """Show rows in columns."""
        cells = [[cell.replace("\n", " ")[:MAX_CELL] for cell in row] for row in rows]
        widths = [max(len(cell) for cell in column) for column in zip(*cells, strict=True)]
        for row in cells:
            text = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.line(encodable(text.rstrip(), self._stream))
        if len(rows) == 1:
            self.line("(no rows)")

    def ends(self, step: FixedStep) -> None:
        """Say how a step ended."""
        self.say(f"{INDENT}{step.id}: {state_text(step)}")

    def verifies(self, number: int, left_s: float) -> None:
        """Say that the probes run again."""
        text = f"verifying, try {number}{f', {left_s:.0f} s left' if left_s else ''}"
        if self._progress:
            show_progress(text)
        elif number == 1:
            self.say(text)
