"""Supporting findings: the flawed code of an entry makes it suspected, the correct code does not."""

from pathlib import Path

import pytest

from diagnostics.clients.source.rules import RULES
from diagnostics.report.model import Report
from diagnostics.targets.target import Target, endpoint
from kb.records.loader import ENTRIES
from kb.records.models import Entry
from tests.support.proof import CATALOGUE, check_target

WITH_CODE = [entry for entry in CATALOGUE.entries.values() if entry.before_code]
NOT_SHOWN = frozenset(
    {
        "source.executemany_is_a_loop",
        "source.connection_not_released",
        "source.offset_pagination",
        "source.serialization_swallowed",
        "source.deadlock_swallowed",
        "source.secret_in_log",
        "source.money_as_float",
        "source.no_idempotency_key",
        "source.retry_no_backoff",
    }
)
"""Other causes than that of the entry's code; tests/data/source/flaws has examples."""


def program(entry: Entry, which: str) -> Path:
    return ENTRIES / entry.layer / entry.id / f"{entry.id.replace('-', '_')}_{which}.py"


def read(path: Path) -> Report:
    target = Target(str(path), (endpoint(str(path)),), bare=True)
    return check_target(target, ["source"])


def supports_of(entry: Entry) -> set[str]:
    return {code for cause in entry.causes for code in cause.supported_by if code.startswith("source.")}


def test_rules_and_records_name_each_other() -> None:
    of_rules = {f"source.{rule.name}": [rule.entry] for rule in RULES if rule.entry}
    of_records = {code: [claim.entry.id for claim in claims] for code, claims in CATALOGUE.supports.items()}

    assert of_rules == {code: ids for code, ids in of_records.items() if code.startswith("source.")}


@pytest.mark.parametrize(
    "entry", [entry for entry in WITH_CODE if supports_of(entry) - NOT_SHOWN], ids=lambda entry: entry.id
)
def test_the_flawed_code_makes_its_entry_suspected_by_every_rule_that_supports_it(entry: Entry) -> None:
    report = read(program(entry, "before"))

    (result,) = report.results
    codes = {finding.code for finding in result.findings}
    assert supports_of(entry) - NOT_SHOWN <= codes
    assert {finding.level for finding in result.findings} == {"warn"}
    (diagnosis,) = (each for each in report.diagnoses if each.entry == entry.id)
    assert diagnosis.verdict == "suspected"
    assert any(f"_before.py:{hit}" in reason for reason in diagnosis.for_ for hit in range(1, 60))
    assert diagnosis.fix == ()
    assert diagnosis.next == (f"clearpay-doctor explain {entry.id}",)


@pytest.mark.parametrize("entry", WITH_CODE, ids=lambda entry: entry.id)
def test_the_right_code_raises_no_suspicion_at_all(entry: Entry) -> None:
    report = read(program(entry, "after"))

    (result,) = report.results
    assert (result.outcome, result.findings, report.diagnoses) == ("pass", (), ())
