"""JSON within limits: values, or one line."""

import json
import math

import pytest

from kb.parsers.json_document import MAX_DEPTH, parse_json
from kb.parsers.malformed import Malformed


@pytest.mark.parametrize(
    "text", ["{}", '{"a": [1, 2.5, "x", null, true]}', '"\\ud83d\\ude00"', '"\\\\ud800"', "[[[]]]", '"[[["']
)
def test_a_document_is_what_the_standard_library_makes_of_it(text: str) -> None:
    assert parse_json(text) == json.loads(text)
    assert parse_json(text.encode()) == json.loads(text)
    assert parse_json(text.encode("utf-16")) == json.loads(text)


@pytest.mark.parametrize("text", ['"\\ud800"', '"\\udc00\\ud800"', '"\ud800"', '"\\\\\\ud800"'])
def test_a_half_of_a_surrogate_pair_becomes_a_character_that_can_be_encoded(text: str) -> None:
    assert "\ufffd" in parse_json(text).encode().decode()


@pytest.mark.parametrize("digits", [310, 5_000, 100_000])
def test_a_number_with_too_many_digits_is_infinite(digits: int) -> None:
    assert parse_json(f"[{'9' * digits}, 1]") == [math.inf, 1]


def test_nesting_is_counted_outside_of_texts() -> None:
    brackets = "[" * 1000

    assert parse_json(json.dumps({"a": brackets})) == {"a": brackets}
    assert parse_json("[" * MAX_DEPTH + "]" * MAX_DEPTH)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("[" * 101 + "]" * 101, "nested more than 100 levels deep: line 1"),
        ("\n" + '{"a":' * 60_000, "nested more than 100 levels deep: line 2"),
        ("[1,\n2", "Expecting ',' delimiter: line 2 column 2"),
        ("", "Expecting value: line 1 column 1"),
        (b"\xff{}", "not utf-8: byte 0"),
        (b'{"a": "\xc3("}', "not utf-8: byte 7"),
    ],
)
def test_anything_else_is_one_line_with_the_place(data: str | bytes, message: str) -> None:
    with pytest.raises(Malformed) as error:
        parse_json(data)

    assert str(error.value) == message


def test_size_is_limited() -> None:
    with pytest.raises(Malformed, match="longer than 10 characters"):
        parse_json(b'"0123456789"', max_chars=10)
