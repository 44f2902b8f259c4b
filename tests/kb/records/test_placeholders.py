"""Placeholders in fixes: values are quoted for the interpreter of the step, and unsafe ones are rejected."""

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.records.models import FixStep, StepKind
from kb.records.placeholders import PLACEHOLDERS, fill, fill_text, placeholders_in, quoted_placeholders

PRINTABLE = st.text(min_size=1).filter(str.isprintable)


def step(kind: StepKind, code: str, undo: str = "") -> FixStep:
    return FixStep(kind=kind, title="Do it for <role>", code=code, undo=undo)


@pytest.mark.parametrize(
    ("kind", "code", "filled"),
    [
        ("sql", "ALTER ROLE <role> LOGIN;", 'ALTER ROLE "o\'brien ""x""" LOGIN;'),
        ("sql", "SELECT 1 WHERE usename = '<role>';", "SELECT 1 WHERE usename = 'o''brien \"x\"';"),
        (
            "sql",
            "-- it's for <role>\nALTER ROLE <role>;",
            '-- it\'s for o\'brien "x"\nALTER ROLE "o\'brien ""x""";',
        ),
        ("shell", "psql -U <role>", "psql -U 'o'\"'\"'brien \"x\"'"),
        ("python", "role = <role>", "role = 'o\\'brien \"x\"'"),
        ("manual", "Ask for <role>.", "Ask for 'o'\"'\"'brien \"x\"'."),
        ("manual", "Run `psql -U <role>`.", "Run `psql -U 'o'\"'\"'brien \"x\"'`."),
        ("manual", "`ALTER ROLE <role>;` ends it.", '`ALTER ROLE "o\'brien ""x""";` ends it.'),
    ],
)
def test_a_value_is_quoted_for_its_step(kind: StepKind, code: str, filled: str) -> None:
    assert fill(step(kind, code), {"role": 'o\'brien "x"'}).code == filled


def test_commands_are_inserted_as_they_are() -> None:
    filled = fill(
        step("shell", "<restart_application>"), {"restart_application": "systemctl restart 'pay ments'"}
    )

    assert filled.code == "systemctl restart 'pay ments'"


def test_a_placeholder_without_a_value_stays() -> None:
    filled = fill(
        step("shell", "psql -h <host> -U <role>", undo="again <host>"), {"role": "app_user", "host": ""}
    )

    assert filled.code == "psql -h <host> -U app_user"
    assert filled.undo == "again <host>"
    assert filled.title == "Do it for app_user"


@pytest.mark.parametrize("value", ["a\nb", "a\0b", "a\x1b[31mb", "a\u2028b"])
def test_a_value_that_no_command_may_contain_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="<role>"):
        fill(step("manual", "Ask."), {"role": value})


def test_a_value_cannot_end_a_dollar_quoted_text() -> None:
    code = "DO $$ BEGIN EXECUTE '<role>'; END $$;"

    assert fill(step("sql", code), {"role": "x$$; DROP TABLE accounts; --"}).code == code


def test_holes_are_listed_once_in_order() -> None:
    assert placeholders_in("<role> at <host>, <role>; 1 < 2 > 0 <Not>") == ("role", "host")
    assert fill_text("<role> at <host>", {"host": "db"}) == "<role> at db"
    assert "role" in PLACEHOLDERS


def test_a_placeholder_in_quotes_of_a_shell_is_a_mistake() -> None:
    assert quoted_placeholders(step("shell", "psql -h '<host>' -U <role>")) == ("host",)
    assert quoted_placeholders(step("sql", "WHERE usename = '<role>'")) == ()


@given(PRINTABLE)
def test_python_reads_back_the_very_value(value: str) -> None:
    scope: dict[str, str] = {}

    exec(fill(step("python", "role = <role>"), {"role": value}).code, scope)  # noqa: S102  it is what is tested

    assert scope["role"] == value


def test_a_shell_reads_back_the_very_value() -> None:
    value = "a b'c\"d$(id)`id`\\ ;*"
    code = fill(step("shell", "printf %s <role>"), {"role": value}).code

    assert subprocess.run(["sh", "-c", code], capture_output=True, text=True, check=True).stdout == value
