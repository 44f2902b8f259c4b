"""A team's folder with many generated entries."""

from pathlib import Path
from typing import Final

WORDS: Final = ("ledger", "refund", "payout", "invoice", "chargeback", "webhook", "settlement", "wallet")
RECORD: Final = """\
title: "{name} worker {number} stopped: the queue {number} grows"
severity: medium
since: 0.1.0
error_names: [{camel}Error{number}]
summary: The {name} worker {number} has stopped. Its queue grows until it is started again.
impact: Payments of group {number} wait.
symptoms:
  - template: "{name} worker {number} stopped after <count> jobs"
    samples:
      - {{kind: observed, source: our logs, text: "{name} worker {number} stopped after 3 jobs"}}
      - {{kind: observed, source: our logs, text: "ERROR {name} worker {number} stopped after 17 jobs"}}
      - {{kind: reported, source: a clerk, text: "the {name} list {number} does not move any more"}}
user_phrases: ["the {name} list {number} does not move", "group {number} waits for its {name}"]
causes:
  - finding: manual.{name}_worker_{number}
    sentence: The {name} worker {number} does not run.
    manual_check:
      - {{do: Look for the process., run: "pgrep -f {name}-{number}"}}
    fix:
      - kind: manual
        title: Start the worker again
        code: Start {name}-{number} from the console of the queue.
        changes: true
        undo: Stop it there.
        why_manual: The console has no interface.
prevent: [Watch the age of the oldest job of queue {number}.]
"""


def write_entries(folder: Path, count: int) -> Path:
    """Write entries to a folder as `--kb` reads it, and return the folder."""
    for number in range(count):
        name = WORDS[number % len(WORDS)]
        path = folder / "service" / f"{name}-worker-{number}" / "entry.yaml"
        path.parent.mkdir(parents=True)
        record = RECORD.format(name=name, camel=name.capitalize(), number=number)
        path.write_text(record, "utf-8")
    return folder
