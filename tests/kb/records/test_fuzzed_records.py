"""Fuzzed records and target files are read, or rejected with a message."""

import contextlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagnostics.errors import UsageError
from diagnostics.targets import overrides, target_file
from diagnostics.targets.settings import TargetSettings
from diagnostics.targets.target import Target
from kb.records.dataclass_io import to_data
from kb.records.errors import InvalidRecord
from kb.records.loader import load_entries
from kb.records.models import Entry
from kb.records.validate import problems_of, read_folder
from tests.kb.records.test_validate import GOOD

SHIPPED = tuple(load_entries().values())
FIELDS = sorted(Entry.__slots__)
WORDS = st.sampled_from(
    [*FIELDS, "template", "samples", "kind", "code", "finding", "fix", "sqlstate 40P01", "<a>"]
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.dates(),
    st.binary(max_size=9),
    WORDS,
)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.one_of(WORDS, SCALARS), inner, max_size=4),
    max_leaves=12,
)
RECORDS = st.dictionaries(st.sampled_from(FIELDS), TREES, max_size=8)
SOME = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def refused_or_read(folder: Path, data: bytes) -> None:
    """Read a folder with one record and check that each problem is one line with the file or the entry."""
    path = folder / "database" / "db-own" / "entry.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    problems = problems_of(folder, SHIPPED)
    if not problems:
        assert "db-own" in read_folder(folder, SHIPPED)
        return
    with pytest.raises(InvalidRecord):
        read_folder(folder, SHIPPED)
    assert all("db-own" in line for line in problems), problems


@SOME
@given(tree=TREES)
def test_any_tree_is_a_record_or_refused(tree: Any, tmp_path: Path) -> None:
    refused_or_read(tmp_path, yaml.safe_dump(tree).encode("utf-8", "surrogatepass"))


@SOME
@given(record=RECORDS)
def test_any_values_of_fields_are_a_record_or_refused(record: dict[str, Any], tmp_path: Path) -> None:
    refused_or_read(
        tmp_path, yaml.safe_dump({**yaml.safe_load(GOOD), **record}).encode("utf-8", "surrogatepass")
    )


def places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of each value in a record."""
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [path, *(place for key, value in inner for place in places(value, (*path, key)))]


@SOME
@given(place=st.sampled_from(places(yaml.safe_load(GOOD))[1:]), put=TREES)
def test_a_good_record_with_one_other_value_is_a_record_or_refused(
    place: tuple[Any, ...], put: Any, tmp_path: Path
) -> None:
    tree = yaml.safe_load(GOOD)
    holder = tree
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = put

    refused_or_read(tmp_path, yaml.safe_dump(tree).encode("utf-8", "surrogatepass"))


@SOME
@given(data=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_any_bytes_are_a_record_or_refused(data: bytes, tmp_path: Path) -> None:
    refused_or_read(tmp_path, data)


KEYS = st.sampled_from(sorted(to_data(TargetSettings())))
INNER = st.sampled_from(
    ["url", "secret", "size", "env", "file", "aws", "paths", "health", "database", "leak_s"]
)
VALUES = st.sampled_from(
    [
        "1", "-1", "1e999", "nan", "true", '""', '"x"', '"postgresql://a:b@[::1"', '"https://h:99999/"',
        "[]", "{}", '["a"]', "1979-05-27", '{ env = "A" }', '{ url = "https://" }', '{ health = "http://[" }',
        '"\\u0000"',
    ]
)  # fmt: skip


@SOME
@given(fields=st.dictionaries(st.one_of(KEYS, st.tuples(KEYS, INNER).map(".".join)), VALUES, max_size=5))
def test_any_target_file_is_read_or_refused(fields: dict[str, str], tmp_path: Path) -> None:
    path = tmp_path / "clearpay-doctor.toml"
    path.write_text("[target.a]\n" + "".join(f"{key} = {value}\n" for key, value in fields.items()))

    with contextlib.suppress(InvalidRecord, UsageError):
        target_file.target_named("a", target_file.read(path))


@SOME
@given(
    key=st.one_of(KEYS, st.tuples(KEYS, INNER).map(".".join), st.text(max_size=9)),
    value=st.one_of(VALUES, st.text()),
)
def test_any_override_is_taken_or_refused(key: str, value: str) -> None:
    with contextlib.suppress(InvalidRecord, UsageError):
        overrides.with_overrides(Target("a", ()), {key: value})
