"""Lines of a fix in the report for a terminal."""

from collections.abc import Iterator

from diagnostics.report.fix_record import FixRecord
from diagnostics.report.fix_text import CODE, state_text, step_lines, summary
from diagnostics.terminal import Terminal
from kb.text.wrapping import wrap, wrap_lines

LABEL = 7


def fix_lines(record: FixRecord, terminal: Terminal) -> Iterator[str]:
    """Yield the lines of a fix: its state, then its steps."""
    title = f"{terminal.paint('Fix', 'strong')} of {record.finding or record.entry} on {record.target}"
    yield f"{title}: {summary(record)}"
    if record.sentence:
        yield from (f"  {line}" for line in wrap(record.sentence, terminal.width - 2))
    for number, step in enumerate(record.steps, 1):
        mark = terminal.paint("changes", "warn") if step.changes else terminal.paint("reads only", "dim")
        yield f"  {number}. {step.title} ({step.kind})  {mark}"
        if step.place and step.changes:
            yield from _labelled("id", step.id, terminal)
        yield from _labelled("state", state_text(step), terminal)
        left_out = record.state != "planned" and step.state not in {"done", "failed", "interrupted"}
        for label, text in () if left_out else step_lines(step):
            yield from _labelled(label, text, terminal)


def _labelled(label: str, text: str, terminal: Terminal) -> Iterator[str]:
    indent = " " * (5 + LABEL)
    name = terminal.paint(label.ljust(LABEL), "dim")
    lines = text.splitlines() if label in CODE else list(wrap_lines(text, terminal.width - len(indent), ""))
    for position, line in enumerate(lines or [""]):
        yield f"     {name}{line}" if position == 0 else f"{indent}{line}".rstrip()
