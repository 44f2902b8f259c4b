"""Tests of the proof on the pages: its day, its environments, and differences between them."""

from dataclasses import replace

from site_docs.generate import generate
from site_docs.page_types.evidence import environment_names
from site_docs.proof import Environment, Proof, Row, Transcript
from tests.site.shipped import FACTS, shipped_files

ENTRY, CAUSE = "tls-certificate", "tls.strict"
WARNS = Row(CAUSE, ENTRY, (), green=True, printed="", warning=True)
FAILS = replace(WARNS, confirmed=(ENTRY,), warning=False)


def environment(python: str, postgresql: str, *rows: Row) -> Environment:
    name = f"Python {python}, PostgreSQL {postgresql}"
    return Environment(name, {row.finding: row for row in rows}, python, postgresql)


def pages(*environments: Environment) -> dict[str, str]:
    files = generate(replace(FACTS, proof=Proof("2026-01-02", environments)))
    return {path: file.text for path, file in files.items()}


def test_environments_are_told_in_few_words() -> None:
    three = [environment("3.11.7", "15.1"), environment("3.11.7", "18.6"), environment("3.13.0", "15.1")]

    names = "Python 3.11.7 with PostgreSQL 15.1 and 18.6; Python 3.13.0 with PostgreSQL 15.1"
    assert environment_names(three) == names
    assert environment_names(three, with_database=False) == "Python 3.11.7 and 3.13.0"


def test_an_entry_is_proven_where_each_of_its_causes_was() -> None:
    causes = [cause.finding for cause in FACTS.entries["config-currency"].causes]
    rows = [Row(name, "config-currency", ("config-currency",), green=True, printed="") for name in causes]
    text = pages(environment("3.11.7", "15.1", *rows), environment("3.13.0", "15.1", *rows[1:]))

    assert "[2026-01-02](../matrix.md) on Python 3.11.7</span>" in text["errors/config-currency.md"]


def test_a_fault_that_fails_here_and_warns_there_is_an_exception_with_both() -> None:
    text = pages(environment("3.11.7", "15.1", WARNS), environment("3.13.0", "15.1", FAILS))["matrix.md"]

    warns = "warns on Python 3.11.7 with PostgreSQL 15.1"
    assert f"- **{warns}; proven on Python 3.13.0 with PostgreSQL 15.1**: " in text


def test_what_was_measured_twice_is_told() -> None:
    text = pages(environment("3.13.0", "15.1", replace(FAILS, tries=2)))["matrix.md"]

    assert "proven at try 2" in text


def test_a_fault_that_confirms_another_entry_is_not_called_proven() -> None:
    off = replace(FAILS, confirmed=("api-unavailable",))
    text = pages(environment("3.13.0", "15.1", off, Row("reach.refused", "api-unavailable", (), True, "")))

    assert "1 of 2 faults confirm another entry than their own." in text["matrix.md"]
    assert "not proven" in text["matrix.md"]
    assert "not yet" in text["errors/tls-certificate.md"]


def test_the_first_captured_output_of_an_entry_is_shown() -> None:
    captured = {FACTS.entries["db-deadlock"].causes[0].finding: Transcript("all is well", "it fails")}
    text = generate(replace(FACTS, proof=Proof("2026-01-02", (), captured)))["errors/db-deadlock.md"].text

    assert "it fails" in text
    assert "all is well" in text


def test_changes_name_what_is_new_renamed_and_retired() -> None:
    entries = {**FACTS.entries}
    entries["db-deadlock"] = replace(entries["db-deadlock"], since="0.12.0", aliases=("db-old-name",))
    entries["tls-certificate"] = replace(entries["tls-certificate"], retired="Nobody uses it.")
    text = generate(replace(FACTS, entries=entries))["changes.md"].text

    new, others, renamed, retired = [line for line in text.splitlines() if line.startswith("- **")][:4]
    assert new == "- **New in 0.12.0** [`db-deadlock`](errors/db-deadlock.md)"
    assert others.startswith("- **New in 0.1.0** ")
    assert renamed == "- **Renamed** `db-old-name` is [`db-deadlock`](errors/db-deadlock.md)"
    assert retired.endswith("Nobody uses it.")


def test_the_history_of_an_entry_names_the_points_that_are_about_it() -> None:
    changelog = "# Changelog\n\nAll.\n\n## 2.0\n\n- `db-deadlock` names the statement\n  that waits.\n"
    text = generate(replace(FACTS, changelog=changelog))["errors/db-deadlock.md"].text

    assert "- 2.0: [`db-deadlock`](db-deadlock.md) names the statement that waits." in text
    assert "names the statement" not in shipped_files()["errors/db-deadlock.md"].text
