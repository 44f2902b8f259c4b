"""Statements of others are shown without what they carry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.clients.postgres.views.statement_text import masked, normalised
from tests.support.growth import growth_of


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (
            "UPDATE accounts SET balance = 12.50\n WHERE id = 7",
            "UPDATE accounts SET balance = ? WHERE id = ?",
        ),
        ("SELECT 'it''s', E'a\\'b', t1.c2 FROM t1", "SELECT ?, ?, t1.c2 FROM t1"),
        ("SELECT $$secret$$, $x$a $$ b$x$, $1", "SELECT ?, ?, $1"),
        ("SELECT 1 -- card 4111\n, /* token */ 2", "SELECT ? , ?"),
        ("INSERT INTO t VALUES ('cut off in the mid", "INSERT INTO t VALUES (?"),
        (
            """SELECT a AS "Customer's note" FROM t WHERE mail <> 'jane@example.com'""",
            'SELECT a AS "Customer\'s note" FROM t WHERE mail <> ?',
        ),
        ("""SELECT "a""'b" FROM t WHERE x = 'one'""", """SELECT "a""'b" FROM t WHERE x = ?"""),
        (
            """SELECT U&"d\\0061t'a" , U&'d\\0061ta', N'x', B'01', X'1F'""",
            """SELECT U&"d\\0061t'a" , ?, ?, ?, ?""",
        ),
        ("SELECT 1 /* a /* 'b' */ jane@example.com */, 2", "SELECT ? , ?"),
        ("SELECT /* not closed /* jane */ jane", "SELECT"),
        ("SELECT 'a' -- it's\n, 'b'", "SELECT ? , ?"),
        ("SELECT '--', '/*', 'jane', \"--\", 7", 'SELECT ?, ?, ?, "--", ?'),
        ("SELECT a$b$c, $1$2, $äß$jane$äß$ FROM t", "SELECT a$b$c, $1$2, ? FROM t"),
        ("SELECT .5, -1.5e3, 0xFF, 1_000, t1.c2, $1", "SELECT ?, -?, ?, ?, t1.c2, $1"),
        (r"SELECT 'it\'s jane', 'x' FROM t", "SELECT ?"),
        ('SELECT 1 AS "cut off', 'SELECT ? AS "cut off'),
    ],
)
def test_literals_and_comments_are_masked(statement: str, expected: str) -> None:
    assert normalised(statement) == expected


def test_a_long_statement_is_cut() -> None:
    assert len(normalised("SELECT " + "a, " * 200)) == 200


@pytest.mark.parametrize("unit", ["/* ", "'", '"', "$a$ $", "E'\\\\", "--", "1 ", "/* */", "$$", "a'"])
def test_the_time_of_a_long_statement_grows_with_its_length_only(unit: str) -> None:
    assert not growth_of(masked, unit)


@given(st.text("ab'\"/*-$\\\\\n 1E"))
def test_any_text_is_masked(statement: str) -> None:
    assert "\n" not in masked(statement)
