"""Five formats are read into one tree with lines; hostile files are refused, and nothing is run."""

import json
import os
import string
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagnostics.clients.config.document import MAX_BYTES, READERS, read
from diagnostics.clients.config.readers.env import read_env
from diagnostics.clients.config.readers.json import read_json
from diagnostics.clients.config.readers.python import read_python
from diagnostics.clients.config.readers.toml import read_toml
from diagnostics.clients.config.readers.yaml import read_yaml
from diagnostics.clients.config.tree import Document, EnvRef, Node, Unknown, Unreadable
from diagnostics.clients.logging_config.trial import plain_value
from diagnostics.errors import CannotTell
from tests.support.deadlines import ends_within

SAME = {
    ".py": 'CONFIG = {\n    "read_timeout": 10,\n    "hosts": ["a", "b"],\n}\n',
    ".toml": '[CONFIG]\nread_timeout = 10\nhosts = ["a", "b"]\n',
    ".json": '{"CONFIG": {\n    "read_timeout": 10,\n    "hosts": ["a", "b"]\n}}\n',
    ".yaml": "CONFIG:\n  read_timeout: 10\n  hosts: [a, b]\n",
}


def config(document: Document) -> dict[str, Node]:
    table = document.root["CONFIG"].value
    assert isinstance(table, dict)
    return table


@pytest.mark.parametrize("suffix", SAME)
def test_every_format_gives_the_same_values_on_the_same_lines(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"config{suffix}"
    path.write_text(SAME[suffix], "utf-8")

    root = config(read(path))

    assert {key: (plain_value(node), node.line) for key, node in root.items()} == {
        "read_timeout": (10, 2),
        "hosts": (["a", "b"], 3),
    }


def test_an_environment_file_keeps_its_names_and_has_typed_values() -> None:
    text = "# c\nexport CLEARPAY_READ_TIMEOUT=10 # s\nAPI_KEY='a b '\nMIN_AMOUNT_USD=1.10\nSECRET=${S}\n"

    root = read_env(
        text + 'X=${Y:-z}\nKEY="-----BEGIN\nabc\n-----END" # end\nSUPPORTED=USD, EUR\nBARE\n'
    ).root

    assert {key: node.line for key, node in root.items()} == {
        "CLEARPAY_READ_TIMEOUT": 2,
        "API_KEY": 3,
        "MIN_AMOUNT_USD": 4,
        "SECRET": 5,
        "X": 6,
        "KEY": 7,
        "SUPPORTED": 10,
        "BARE": 11,
    }
    assert (root["CLEARPAY_READ_TIMEOUT"].value, root["API_KEY"].value) == (10, "a b ")
    assert root["MIN_AMOUNT_USD"].value == Decimal("1.10")
    assert (root["SECRET"].value, root["X"].value) == (EnvRef("S"), EnvRef("Y", "z"))
    assert root["KEY"].value == "-----BEGIN\nabc\n-----END"
    assert (root["SUPPORTED"].value, root["BARE"].value) == ("USD, EUR", EnvRef("BARE"))


def test_python_is_read_and_never_run(tmp_path: Path) -> None:
    marker = tmp_path / "was_run"
    text = f"""
import os
from decimal import Decimal
open({str(marker)!r}, "w")
CONFIG = {{
    "key": os.environ["KEY"], "other": os.getenv("OTHER", "x"), "limit": Decimal("1.10"),
    "size": 10 * 1024, "low": -5, "made": dict(a=1), "called": compute("s3cret"), "set": {{1}},
}}
"""

    root = config(read_python(text))

    assert not marker.exists()
    assert (root["key"].value, root["other"].value) == (EnvRef("KEY"), EnvRef("OTHER", "x"))
    assert (root["limit"].value, root["size"].value, root["low"].value) == (Decimal("1.10"), 10240, -5)
    assert root["called"].value == Unknown("a call of compute")
    assert plain_value(root["made"]) == {"a": 1}


@pytest.mark.parametrize(
    "document",
    [
        read_python('CONFIG = {\n"a": 1,\n"a": 2}'),
        read_json('{"CONFIG": {\n"a": 1,\n"a": 2}}'),
        read_yaml("CONFIG:\n  a: 1\n  a: 2\n"),
    ],
    ids=["python", "json", "yaml"],
)
def test_a_repeated_key_is_reported_with_both_lines(document: Document) -> None:
    (duplicate,) = document.duplicates

    assert (duplicate.key, duplicate.second - duplicate.first) == ("a", 1)
    assert config(document)["a"].value == 2


def test_json_with_tabs_has_the_lines_of_its_keys_and_items() -> None:
    root = read_json('{\n\t"a": [\n\t\t1,\n\t\t{"b:": "{"}\n\t],\n\t"c"\n:\n2}').root

    items = root["a"].value
    assert isinstance(items, list)
    assert [item.line for item in items] == [3, 4]
    assert plain_value(items[1]) == {"b:": "{"}
    assert (root["a"].line, root["c"].line) == (2, 6)


def test_aliases_that_expand_too_far_are_refused_and_merged_keys_are_read() -> None:
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{new}: &{new} [{', '.join(['*' + old] * 10)}]\n" for old, new in zip("abcde", "bcdef", strict=True)
    )

    with pytest.raises(Unreadable, match="aliases"):
        read_yaml(bomb)
    assert plain_value(read_yaml("base: &b {x: 1, y: 1}\nCONFIG: {<<: *b, y: 2}\n").root["CONFIG"]) == {
        "x": 1,
        "y": 2,
    }


def test_an_alias_of_itself_ends() -> None:
    with pytest.raises((Unreadable, RecursionError)):
        read_yaml("a: &a [*a]\n")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("unary.py", b"A = " + b"-" * 100_000 + b"1"),
        ("brackets.py", b"A = " + b"[" * 300 + b"]" * 300),
        ("nul.py", b"A = 1\0"),
        ("deep.json", b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
        ("deep.yaml", b"a: " + b"[" * 20_000 + b"]" * 20_000),
        ("tag.yaml", b"a: !!python/object/apply:os.system [id]\nb: {"),
        ("list.json", b"[1]"),
        ("digits.json", b'{"a": ' + b"9" * 5000 + b"}"),
        ("digits.toml", b"a = " + b"9" * 5000),
        ("twice.toml", b"a = 1\na = 2\n"),
        ("latin.env", b"A=\xe9\n"),
        ("words.env", b"this is no line\n"),
        ("large.env", b"#" * (MAX_BYTES + 1)),
        ("config.ini", b"[a]\nno pair\n"),
        ("config.xml", b"<a/>"),
    ],
)
def test_a_hostile_file_ends_as_a_reason_with_its_name(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(CannotTell, match=name):
        read(path)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "network.toml")

    with ends_within(30), pytest.raises(CannotTell, match=r"network\.toml: not a regular file"):
        read(tmp_path / "network.toml")


def test_a_tag_that_would_make_an_object_makes_none() -> None:
    root = read_yaml("a: !!python/name:os.system\nb: !secret s3cret\n").root

    assert isinstance(root["a"].value, Unknown)
    assert root["b"].value == Unknown("a value tagged !secret")


TEXTS = st.text(st.characters(codec="utf-8"), max_size=200) | st.text(
    string.ascii_letters + string.digits + "{}[]()\"':=,.#&*!<>|-+ \n\t\\", max_size=300
)
CALM = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.parametrize("suffix", READERS)
@CALM
@given(text=TEXTS)
def test_any_text_is_read_or_refused(suffix: str, text: str) -> None:
    try:
        document = READERS[suffix](text)
    except Unreadable:
        return

    assert all(node.line >= 1 for node in document.root.values())


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20)
)
TREES = st.dictionaries(
    st.text(string.ascii_letters, min_size=1, max_size=8),
    st.recursive(
        SCALARS,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text(string.ascii_lowercase, min_size=1, max_size=5), inner, max_size=3)
        ),
        max_leaves=8,
    ),
    max_size=5,
)


@CALM
@given(tree=TREES)
def test_values_that_python_and_json_write_are_read_back(tree: dict[str, object]) -> None:
    assert plain_value(read_python(f"CONFIG = {tree!r}\n").root["CONFIG"]) == tree
    assert plain_value(Node(read_json(json.dumps(tree, indent=1)).root, 1)) == tree
    assert plain_value(Node(read_yaml(json.dumps(tree, ensure_ascii=False)).root, 1)) == tree


@CALM
@given(tree=st.dictionaries(st.text(string.ascii_letters, min_size=1), st.integers(0, 9) | st.booleans()))
def test_values_of_toml_are_read_back(tree: dict[str, int]) -> None:
    text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in tree.items())

    root = read_toml(text).root

    assert {key: node.value for key, node in root.items()} == tree
    assert [node.line for node in root.values()] == list(range(1, len(tree) + 1))
