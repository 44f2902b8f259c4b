"""The lint of checks beyond their SQL, and the record that `entry new --check` writes."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from kb.checks.lint import check_problems, fault_problems
from kb.checks.model import Check, ConfigCheck, DeclaredFault, Expectation, HttpCheck
from kb.checks.versions import includes, is_range
from kb.records.errors import InvalidRecord
from kb.records.loader import load_entries
from kb.records.skeletons.plain import skeleton
from kb.records.validate import problems_of, read_folder

GOOD = Check(sql="SELECT 1 WHERE 2 > %(most)s", thresholds={"most": 1})


@pytest.mark.parametrize(
    ("checks", "problem"),
    [
        ({"Two words": (GOOD,)}, "write lower-case words"),
        ({"a": ()}, "is empty"),
        ({"a": (GOOD, GOOD)}, "each of several blocks needs `versions`"),
        ({"a": (Check(),)}, "give exactly one of sql, http, config"),
        ({"a": (replace(GOOD, http=HttpCheck(path="/")),)}, "give exactly one of sql, http, config"),
        ({"a": (replace(GOOD, sql="DELETE FROM a"),)}, "sql: begins with DELETE"),
        ({"a": (replace(GOOD, thresholds={}),)}, "%(most)s is neither a threshold nor a parameter"),
        ({"a": (replace(GOOD, thresholds={"most": 1, "least": 0}),)}, "least: the query does not use it"),
        ({"a": (replace(GOOD, params={"most": "<most>"}),)}, "most: is a threshold and a parameter"),
        ({"a": (replace(GOOD, thresholds={}, params={"most": "most"}),)}, "is not a hole such as <table>"),
        ({"a": (replace(GOOD, versions="15+"),)}, "is not a range"),
        ({"a": (replace(GOOD, window_s=5),)}, "window_s and increase: give both"),
        ({"a": (replace(GOOD, window_s=500, increase={"n": "most"}),)}, "is not between 0 and 30"),
        ({"a": (replace(GOOD, window_s=5, increase={"n": "no"}),)}, "'no' is not one of the thresholds"),
        ({"a": (Check(http=HttpCheck(path="x")),)}, "beginning with /"),
        ({"a": (Check(http=HttpCheck(path="/x", within_s=60)),)}, "within_s"),
        ({"a": (Check(http=HttpCheck(path="/x", expect=Expectation(json={"a": 1}))),)}, "JSON Pointer"),
        ({"a": (Check(http=HttpCheck(path="/x"), needs=("pg_monitor",)),)}, "needs: only a check with sql"),
        ({"a": (Check(config=ConfigCheck(file="network", key="a b")),)}, "write names joined by dots"),
        ({"a": (GOOD,), "b": (replace(GOOD, thresholds={"most": 2}),)}, "most is 1 and 2; write two names"),
    ],
)
def test_a_mistake_is_named(checks: Mapping[str, tuple[Check, ...]], problem: str) -> None:
    assert problem in "\n".join(check_problems(checks))


def test_a_good_check_has_no_problem() -> None:
    assert list(check_problems({"a": (GOOD,)})) == []


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (DeclaredFault(summary="x", prints="y"), "give at least one of"),
        (DeclaredFault(summary="x", sql=("SELECT 1",)), "give either prints"),
        (DeclaredFault(summary="x", replica_sql=("SELECT 1",), prints="y"), "needs `replica: true`"),
    ],
)
def test_a_mistake_of_a_fault_is_named(fault: DeclaredFault, problem: str) -> None:
    assert problem in "\n".join(fault_problems(fault))


@pytest.mark.parametrize(
    ("text", "major", "expected"),
    [("", 13, True), (">=15", 15, True), (">=15", 14, False), (">=13,<17", 17, False), ("!=16", 16, False)],
)
def test_a_range_includes_versions(text: str, major: int, expected: bool) -> None:
    assert includes(text, major) is expected


def test_a_range_has_conditions_on_major_versions() -> None:
    assert is_range(">=13, <17")
    assert not is_range("15.2")


def written(folder: Path, kind: str) -> Path:
    path = folder / "database" / "db-new-thing" / "entry.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(skeleton("db-new-thing", code=False, check=kind)["entry.yaml"], "utf-8")
    return path


@pytest.mark.parametrize("kind", ["sql", "http", "config"])
def test_the_record_of_entry_new_passes_the_lint_as_it_is(kind: str, tmp_path: Path) -> None:
    written(tmp_path, kind)

    assert problems_of(tmp_path, load_entries().values()) == []
    assert read_folder(tmp_path, load_entries().values())["db-new-thing"].checks


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"sql": "SELECT pg_sleep(1)", "thresholds": {}}, "checks.missing_table: sql: calls pg_sleep()"),
        ({"as": "superuser"}, "is not one of 'application' or 'monitor'"),
        ({"lvel": "warn"}, "unknown field; did you mean level?"),
    ],
)
def test_a_mistake_in_a_record_is_named_with_its_place(
    change: dict[str, Any], problem: str, tmp_path: Path
) -> None:
    path = written(tmp_path, "sql")
    record = yaml.safe_load(path.read_text("utf-8"))
    record["checks"]["missing_table"].update(change)
    path.write_text(yaml.safe_dump(record), "utf-8")

    with pytest.raises(InvalidRecord) as refused:
        read_folder(tmp_path, load_entries().values())
    assert problem in "\n".join(refused.value.problems)


def test_an_unclaimed_check_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, "sql")
    record = yaml.safe_load(path.read_text("utf-8"))
    record["checks"]["other"] = {"sql": "SELECT 1"}
    path.write_text(yaml.safe_dump(record), "utf-8")

    assert "no cause claims db-new-thing.other" in "\n".join(problems_of(tmp_path, load_entries().values()))
