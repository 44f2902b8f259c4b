"""Reports for people: targets first, skipped and blocked probes in one line each, no reason twice."""

import json
import re
from dataclasses import replace

import pytest

from diagnostics.engine.events import Finding, Key, Outcome
from diagnostics.history.replay import replay
from diagnostics.report.formats import FORMATS
from diagnostics.report.formats.json import document
from diagnostics.report.formats.ndjson import end_line, start_line
from diagnostics.report.head import RUN_COMMAND
from diagnostics.report.model import (
    UNMATCHED,
    Diagnosis,
    Report,
    Result,
    Verification,
    VerifiedProbe,
)
from diagnostics.terminal import Terminal

ACTIVE = f"active, so it never runs by itself. {RUN_COMMAND}clearpay-doctor check x --active"
DENIED = "pg_read_all_stats is missing after 12 ms: GRANT pg_monitor TO doctor"


def result(probe: str, outcome: Outcome, reason: str = "", by: str = "", endpoint: str = "db") -> Result:
    return Result(Key("prod", endpoint, probe), outcome, reason, by, ms=12.0 if outcome == "pass" else 0.0)


REPORT = Report(
    tool_version="0.1.0",
    run_id="20260101T000000Z-abc",
    started="2026-01-01T00:00:00+00:00",
    targets=("prod",),
    target_file="/etc/clearpay-doctor.toml",
    results=(
        result("connect", "pass"),
        result("tls", "skipped", "the server offers no TLS"),
        result("rotation", "skipped", ACTIVE),
        replace(result("login", "fail"), findings=(Finding(code="login.expired"),)),
        result("kills", "blocked", by="login"),
        result("pool", "blocked", by="login"),
        result("statements", "unknown", DENIED),
        result("conflicts", "unknown", DENIED.replace("12", "15")),
        result("webhook", "skipped", ACTIVE, endpoint="hook"),
    ),
    exit_code=1,
)
VERIFICATION = Verification(
    entry="db-deadlock",
    green=False,
    failing=False,
    probes=(
        VerifiedProbe(target="prod", endpoint="db", probe="connect", state="green"),
        VerifiedProbe(target="prod", probe="webhook", state="not applicable", reason="no such endpoint"),
        VerifiedProbe(
            target="prod", endpoint="db", probe="conflicts", state="unknown", open=True, reason=DENIED
        ),
    ),
)


def human(report: Report) -> list[str]:
    return FORMATS["human"](report, Terminal(width=100)).splitlines()


def test_the_first_lines_name_target_and_file() -> None:
    lines = human(replace(REPORT, targets=("prod", "postgresql://app@db/pay")))

    assert lines[:3] == ["target  prod, postgresql://app@db/pay", "file    /etc/clearpay-doctor.toml", ""]
    page = FORMATS["markdown"](REPORT, Terminal()).splitlines()
    assert page[2:4] == ["Target: prod  ", "File: /etc/clearpay-doctor.toml  "]


def test_a_text_without_a_match_comes_before_the_targets() -> None:
    lines = human(replace(REPORT, text_matched=False))

    assert lines[0] == f"? unmatched  {UNMATCHED}"
    assert lines[2].startswith("target  prod")


def test_skipped_probes_share_one_line_with_a_hint() -> None:
    text = "\n".join(human(REPORT))

    assert text.count("skipped") == 1
    assert "  · skipped  tls; with --active: rotation, webhook; --format json has the reasons" in text
    assert "never runs by itself" not in text
    assert "hook\n" not in text  # an endpoint all of whose probes were skipped has no heading
    assert len(document(REPORT)["results"]) == len(REPORT.results)


def test_a_skipped_probe_that_the_command_named_has_its_reason() -> None:
    text = "\n".join(human(replace(REPORT, selected=("rotation",))))

    assert "rotation     · skipped\n               active, so it never runs by itself" in text
    assert "  · skipped  tls; with --active: webhook; " in text


def test_a_skipped_probe_that_would_decide_has_its_reason() -> None:
    undecided = result(
        "login", "unknown", "rejected while a rotation is unfinished; the probe `rotation` tries it"
    )

    text = " ".join("\n".join(human(replace(REPORT, results=(*REPORT.results[:3], undecided)))).split())

    assert ACTIVE in text
    assert "· skipped tls; --format json" in text


def test_if_every_probe_was_skipped_the_reasons_are_the_result() -> None:
    only = replace(REPORT, results=REPORT.results[1:3])

    text = "\n".join(human(only))

    assert "the server offers no TLS" in text
    assert "never runs by itself" in text


def test_probes_that_one_probe_blocks_share_one_line() -> None:
    assert "  ⊘ blocked by login  kills, pool" in human(REPORT)
    alone = replace(REPORT, results=(*REPORT.results[:5], REPORT.results[6]))
    assert "  kills        ⊘ blocked by login" in human(alone)


def test_a_reason_of_the_same_kind_is_printed_once() -> None:
    text = "\n".join(human(REPORT))

    assert text.count("pg_monitor") == 1
    assert "conflicts    ? unknown\n               as above" in text


def test_a_reason_of_a_diagnosis_is_not_repeated_below() -> None:
    suspected = Diagnosis(
        entry="db-deadlock",
        title="t",
        verdict="suspected",
        against=(f"statements ended unknown: {DENIED}", f"conflicts ended unknown: {DENIED}"),
    )

    text = "\n".join(human(replace(REPORT, diagnoses=(suspected,))))

    assert text.count("pg_monitor") == 1
    assert "conflicts ended unknown: as above" in text


def test_markdown_folds_and_shortens_too() -> None:
    page = FORMATS["markdown"](REPORT, Terminal())

    assert page.count("kipped") == 1
    assert "\nSkipped: tls; with --active: rotation, webhook; --format json has the reasons.\n" in page
    assert page.count("pg\\_monitor") == 1
    assert "| prod | db | conflicts | unknown |  | as above |" in page


def test_nagios_names_probes_of_one_reason_together() -> None:
    same = replace(
        REPORT, results=tuple(result(name, "unknown", DENIED) for name in ("kills", "pool")), exit_code=3
    )

    line = FORMATS["nagios"](same, Terminal())

    assert line.startswith(f"CLEARPAY UNKNOWN: kills, pool unknown: {DENIED} | ")


def test_a_verification_names_each_probe_that_is_not_green() -> None:
    report = replace(REPORT, verification=VERIFICATION, exit_code=3)

    lines = human(report)
    page = FORMATS["markdown"](report, Terminal())

    assert lines[3:6] == [
        "? not verified  db-deadlock",
        f"  conflicts    unknown: {DENIED}",
        "  webhook      does not apply: no such endpoint",
    ]
    assert "\n".join(lines).count("pg_monitor") == 1
    assert (
        f"## Not verified: db-deadlock\n\n- `conflicts`: unknown: {DENIED.replace('_', chr(92) + '_')}\n"
        in page
    )
    assert FORMATS["nagios"](report, Terminal()).startswith(
        f"CLEARPAY UNKNOWN: db-deadlock not verified: conflicts unknown: {DENIED}; webhook does not apply: "
    )


@pytest.mark.parametrize(
    ("green", "failing", "line"),
    [
        (True, False, "✓ verified  db-deadlock"),
        (False, True, "✗ still failing  db-deadlock"),
        (False, False, "? not verified  db-deadlock"),
    ],
)
def test_the_state_of_a_verification_is_one_line(green: bool, failing: bool, line: str) -> None:
    verification = Verification(entry="db-deadlock", green=green, failing=failing)

    assert human(replace(REPORT, verification=verification))[3:5] == [line, ""]


def test_the_history_keeps_targets_and_verification() -> None:
    report = replace(REPORT, results=(), selected=("connect",), verification=VERIFICATION)

    recorded = replay(json.loads(start_line(report)), [end_line(report).encode()]).report

    assert (recorded.target_file, recorded.selected) == (report.target_file, report.selected)
    assert recorded.verification == VERIFICATION


def test_colour_does_not_change_where_lines_break() -> None:
    many = tuple(result(f"probe{number}", "skipped", "x") for number in range(30))
    report = replace(REPORT, results=(*REPORT.results, *many), verification=VERIFICATION, text_matched=False)

    coloured = FORMATS["human"](report, Terminal(colour=True))

    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == FORMATS["human"](report, Terminal())
