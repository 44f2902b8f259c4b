"""Exit code of a runbook's end, from the outcomes of its steps."""

from typing import Literal

import pytest

from diagnostics.runbooks.incident import Break, Incident, exit_code_of
from diagnostics.runbooks.incident_report import markdown
from kb.runbook_model.advance import StepRecord
from kb.runbook_model.loader import load_runbooks
from kb.runbook_model.model import OUTCOMES, Kind, StepOutcome

WHEN = "2026-01-01T00:00:00+00:00"
OUTCOME: dict[str, StepOutcome] = {word: word for word in OUTCOMES}
What = Literal["interrupted", "terminated", "no answer", "resumed"]


def visits(*outcomes: str) -> list[StepRecord]:
    """Return steps with these outcomes and a question; `step=outcome` names the step."""
    records = []
    for number, text in enumerate(outcomes):
        step, _, outcome = text.rpartition("=")
        records.append(
            StepRecord(
                step=step or f"s{number}", started=WHEN, ended=WHEN, who="ada", outcome=OUTCOME[outcome]
            )
        )
    return [*records, StepRecord(step="asked", started=WHEN, ended=WHEN, who="ada", answer="yes")]


@pytest.mark.parametrize(
    ("kind", "outcomes", "code"),
    [
        ("green", (), 0),
        ("green", ("pass", "warn", "skipped"), 0),
        ("green", ("a=fail", "a=pass"), 0),
        ("green", ("a=unknown", "a=pass"), 0),
        ("green", ("pass", "unknown"), 3),
        ("green", ("pass", "error"), 3),
        ("green", ("skipped",), 3),
        ("escalate", (), 1),
        ("escalate", ("fail", "unknown"), 1),
        ("escalate", ("unknown", "skipped", "error"), 3),
        ("fix", ("fail",), 1),
        ("fix", ("unknown",), 1),
        ("fix", (), 1),
    ],
)
def test_an_end_has_the_code_of_what_was_seen_on_the_way(
    kind: Kind, outcomes: tuple[str, ...], code: int
) -> None:
    assert exit_code_of(kind, visits(*outcomes)) == code


def incident(*breaks: What) -> Incident:
    return Incident(
        tool_version="0.1.0",
        run_id="r",
        runbook="payments-slow",
        title="Payments *are* slow",
        targets=("<script>prod</script>",),
        started=WHEN,
        who="ada",
        breaks=tuple(Break(at=WHEN, what=what, step="connection", who="ada") for what in breaks),
    )


@pytest.mark.parametrize(
    ("breaks", "code"),
    [((), 3), (("interrupted",), 130), (("interrupted", "resumed", "terminated"), 143), (("no answer",), 2)],
)
def test_a_run_without_an_end_has_the_code_of_what_stopped_it(breaks: tuple[What, ...], code: int) -> None:
    assert incident(*breaks).exit_code == code


def test_what_comes_from_outside_is_shown_on_the_page_and_never_obeyed() -> None:
    page = markdown(incident("interrupted"), load_runbooks()["payments-slow"])

    assert "<script>" not in page
    assert r"Payments \*are\* slow: &lt;script&gt;prod" in page
    assert "interrupted at step `connection`, by ada" in page
