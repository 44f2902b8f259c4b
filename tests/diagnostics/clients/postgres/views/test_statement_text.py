"""Statements of others are shown without what they carry."""

import pytest

from diagnostics.clients.postgres.views.statement_text import normalised


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
    ],
)
def test_literals_and_comments_are_masked(statement: str, expected: str) -> None:
    assert normalised(statement) == expected


def test_a_long_statement_is_cut() -> None:
    assert len(normalised("SELECT " + "a, " * 200)) == 200
