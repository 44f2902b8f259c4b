"""TOML within limits: values, or one line with the place."""

import tomllib

import pytest

from kb.parsers.malformed import Malformed
from kb.parsers.toml_document import parse_toml, parse_toml_value
from tests.support.deadlines import ends_within

GOOD = """
[a.b]
"quoted.key" = "[[[[ text with # and \\" in it"
long = '''
[[[ ''x'' '''
more = \"\"\"a "quoted" \\\"\"\" text\"\"\"
day = 2020-01-01T00:00:00.5+01:00
list = [1, [2, {c.d = 1.5}]] # comment [[[[
hex = 0xff
"""


def test_a_document_is_what_the_standard_library_makes_of_it() -> None:
    assert parse_toml(GOOD.encode()) == tomllib.loads(GOOD)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"a{'.a' * 200_000} = 1", "a key of more than 16 parts (at line 1)"),
        ("\na" + '."b"' * 16 + " = 1", "a key of more than 16 parts (at line 2)"),
        (f"[{'a.' * 20}a]", "a key of more than 16 parts (at line 1)"),
        (f"a = {'[' * 900}{']' * 900}", "nested more than 32 levels deep (at line 1)"),
        (f"a = {'{b = ' * 900}", "nested more than 32 levels deep (at line 1)"),
        (f"\n\na = {'1' * 5_000}", "a number or a key of more than 200 characters (at line 3)"),
        (f"a = 0x{'f' * 5_000}", "a number or a key of more than 200 characters (at line 1)"),
        (f"a = 0x{'f' * 100}", "a: an integer beyond 64 bits"),
        ("a.b = [1, 99999999999999999999]", "a.b: an integer beyond 64 bits"),
        ("a = ", "Invalid value (at end of document)"),
        ("#" * 1_000_001, "larger than 1000000 characters"),
    ],
)
def test_anything_else_is_one_line_with_the_place_and_at_once(text: str, message: str) -> None:
    with ends_within(2), pytest.raises(Malformed) as error:
        parse_toml(text)

    assert str(error.value) == message


def test_bytes_that_are_not_utf_8_have_a_line() -> None:
    with pytest.raises(Malformed, match=r"not UTF-8 \(at line 2\)"):
        parse_toml(b"a = 1\nb = '\xff'")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.5", 1.5),
        ("'a'", "a"),
        ("a", "a"),
        ("[1]", [1]),
        ("http://[::1", "http://[::1"),
        ("1\nb = 2", "1\nb = 2"),
    ],
)
def test_a_value_is_toml_or_the_text_itself(text: str, value: object) -> None:
    assert parse_toml_value(text) == value


@pytest.mark.parametrize("text", ["9" * 5_000, "[" * 900, "a" + ".a" * 20, "9" * 30])
def test_a_value_beyond_a_limit_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse_toml_value(text)
