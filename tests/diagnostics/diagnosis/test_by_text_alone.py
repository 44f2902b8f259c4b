"""Causes that no probe can see: a text proves them, the verdict is `past`, and a person checks them."""

import json
from pathlib import Path

import pytest

from diagnostics import diagnose
from diagnostics.lab.lab import Lab
from tests.diagnostics.cli.test_main import NOWHERE
from tests.diagnostics.runbooks.team_runbook import inside
from tests.kb.records.test_validate import GOOD, written

FULL = 'ERROR:  could not extend file "base/16384/24601": No space left on device'


def test_a_text_that_proves_the_cause_is_past_with_its_manual_check() -> None:
    report = diagnose(FULL)

    (diagnosis,) = report.diagnoses
    assert (diagnosis.entry, diagnosis.verdict) == ("db-disk-full", "past")
    assert diagnosis.finding == "manual.disk_full"
    assert diagnosis.sentence.startswith("The file system under the tables")
    assert diagnosis.manual_check[0].run == "df -h"
    assert diagnosis.fix
    assert report.exit_code == 1


def test_words_about_it_are_a_suspicion() -> None:
    report = diagnose("since midnight the data volume is at one hundred percent, pg_wal keeps growing")

    verdicts = {(each.entry, each.verdict, each.manual_check) for each in report.diagnoses}
    assert ("db-disk-full", "suspected", ()) in verdicts


@pytest.mark.usefixtures("own_place")
@pytest.mark.parametrize("format_", ["human", "markdown"])
def test_reports_for_people_have_its_steps(format_: str) -> None:
    Path("error.log").write_text(FULL, "utf-8")

    done = inside("diagnose", "error.log", "--format", format_)

    assert "Check by hand" in done.stdout
    assert "df -h" in done.stdout
    assert "FROM pg_stat_archiver" in done.stdout


@pytest.mark.usefixtures("own_place")
def test_the_json_document_has_its_steps() -> None:
    Path("error.log").write_text(FULL, "utf-8")

    done = inside("diagnose", "error.log", "--format", "json")

    (diagnosis,) = json.loads(done.stdout)["diagnoses"]
    assert diagnosis["manual_check"][0]["run"] == "df -h"


@pytest.mark.usefixtures("own_place")
def test_an_entry_of_a_team_without_a_probe_is_past_and_names_verify() -> None:
    written(Path("kb"), GOOD)

    report = diagnose("the ledger bridge refused batch from db7", NOWHERE, kb=Path("kb"))

    (diagnosis,) = report.diagnoses
    assert (diagnosis.verdict, diagnosis.finding) == ("past", "manual.trouble")
    assert [step.do for step in diagnosis.manual_check] == ["Look."]
    assert diagnosis.next[0].startswith("clearpay-doctor verify db-own --target ")


@pytest.mark.usefixtures("own_place")
def test_verify_prints_the_manual_check_of_an_entry_without_a_probe_and_ends_with_3() -> None:
    written(Path("kb"), GOOD)

    done = inside("verify", "db-own", "--kb", "kb", "--target", NOWHERE)

    assert done.returncode == 3
    assert "manual.trouble has no probe; check it by hand: It is in trouble." in done.stdout
    assert "1. Look." in done.stdout


@pytest.mark.lab
@pytest.mark.usefixtures("own_place")
def test_verify_is_not_green_where_only_the_probes_are(healthy: Lab) -> None:
    config = ("--config", str(healthy.target_file), "--target", "lab")

    done = inside("verify", "db-disk-full", *config, "--format", "json")

    verification = json.loads(done.stdout)["verification"]
    assert done.returncode == 3
    assert [probe["state"] for probe in verification["probes"]] == ["green"]
    assert (verification["green"], verification["failing"]) == (False, False)
    assert verification["manual_check"][0]["run"] == "df -h"
