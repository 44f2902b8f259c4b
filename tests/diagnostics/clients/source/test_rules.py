"""Each rule finds its flaw and does not match similar code without it."""

import ast
from pathlib import Path

import pytest

from diagnostics.clients.source.module import Module
from diagnostics.clients.source.rules import RULES
from diagnostics.clients.source.scan import scan
from diagnostics.clients.source.tree import NotPython

SAMPLES = Path(__file__).parents[4] / "tests" / "data" / "source"
"""Samples with and without the flaw, one file per rule, separated by lines of `# ---`."""


def samples(kind: str) -> list[tuple[str, str]]:
    """Return each sample with the name of its rule."""
    return [
        (path.stem, sample)
        for path in sorted((SAMPLES / kind).glob("*.txt"))
        for sample in path.read_text("utf-8").split("# ---\n")
    ]


def rules_of(source: str) -> list[str]:
    return [hit.rule.name for hit in scan(source.encode())]


@pytest.mark.parametrize("kind", ["flaws", "clean"])
def test_every_rule_has_samples(kind: str) -> None:
    assert {rule for rule, _ in samples(kind)} == {rule.name for rule in RULES}


@pytest.mark.parametrize(("rule", "source"), samples("flaws"))
def test_a_rule_finds_its_flaw(rule: str, source: str) -> None:
    assert rule in rules_of(source)


@pytest.mark.parametrize(("rule", "source"), samples("clean"))
def test_a_rule_does_not_match_similar_code(rule: str, source: str) -> None:
    assert rule not in rules_of(source)


def test_a_hit_names_the_line_of_the_flaw() -> None:
    (hit,) = scan(b"import requests\n\n\nrequests.get(url)\n")

    assert hit.line == 4


def test_an_allow_comment_with_a_reason_is_accepted() -> None:
    beside = (
        b"import requests\nrequests.get(u)  # clearpay-doctor: allow http_no_timeout the caller has one\n"
    )
    above = b"import requests\n# clearpay-doctor: allow http_no_timeout it is a test\nrequests.get(u)\n"

    assert [hit.allowed for hit in scan(beside)] == ["the caller has one"]
    assert [hit.allowed for hit in scan(above)] == ["it is a test"]


def test_an_allow_comment_without_a_reason_or_for_another_rule_is_not() -> None:
    bare = b"import requests\nrequests.get(u)  # clearpay-doctor: allow http_no_timeout\n"
    other = b"import requests\nrequests.get(u)  # clearpay-doctor: allow tls_verify_off because\n"
    text = b"import requests\nrequests.get('# clearpay-doctor: allow http_no_timeout no comment')\n"

    assert [(hit.allowed, hit.remark) for hit in scan(bare)] == [("", "its allow comment gives no reason")]
    assert [(hit.allowed, hit.remark) for hit in scan(other)] == [("", "")]
    assert [(hit.allowed, hit.remark) for hit in scan(text)] == [("", "")]


@pytest.mark.parametrize(
    "source",
    [
        b"def f(:\n",
        b"x = '\x00'",
        b"# coding: no-such-codec\nx = 1",
        b"x = " + b"-" * 100_000 + b"1",
        b"x = " + b"(" * 5000 + b")" * 5000,
        b"c.execute('SELECT 1' + " + b" + ".join([b"a"] * 50_000) + b")",
    ],
    ids=["syntax", "nul", "codec", "signs", "brackets", "sum"],
)
def test_code_that_cannot_be_parsed_is_refused(source: bytes) -> None:
    with pytest.raises(NotPython):
        list(scan(source + b"\nimport requests\n"))


def test_others_warnings_are_not_repeated() -> None:
    Module(b"x = '\\d'")  # pytest would make an error of its SyntaxWarning


def test_a_name_is_followed_through_its_imports() -> None:
    module = Module(b"import psycopg2.pool as p\nfrom psycopg2 import connect as c\nc()\np.X()\n(1).y()")

    assert [module.name_of(call.func) for call in module.all(ast.Call)] == [
        "psycopg2.connect",
        "psycopg2.pool.X",
        "",
    ]
