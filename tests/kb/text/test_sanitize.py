"""Sanitizing: no escapes, controls or secrets remain, the words stay, and the time is linear."""

import json
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.text.sanitize import MAX_CHARS, MAX_LINE, clean, decode, looks_binary, one_line

HOSTILE = st.one_of(
    st.text(),
    st.lists(
        st.sampled_from(
            [
                *(
                    "\x1b[31m",
                    "\x1b]52;c;AAAA\x07",
                    "\x1b]8;;http://x\x1b\\",
                    "\x1bP",
                    "\x9b",
                    "\x9d",
                    "\u202e",
                    "a",
                ),
                *(
                    "\u2066",
                    "\u200b",
                    "\x00",
                    "\r\n",
                    "\r",
                    "\t",
                    "\u2028",
                    "{",
                    '{"msg":"',
                    '"}',
                    "\ud800",
                    "\n",
                    " ",
                ),
                *("password=", "\\n", '{"msg": "x y", "token": "z"}', "-----BEGIN PRIVATE KEY-----"),
            ]
        ),
        max_size=20,
    ).map("".join),
)


def is_control(char: str) -> bool:
    return (
        unicodedata.category(char) in ("Cc", "Cs")
        or char in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )


@given(HOSTILE)
def test_one_line_is_one_line_without_controls(text: str) -> None:
    line = one_line(text)

    assert not [char for char in line if is_control(char)]
    assert len(line) <= MAX_LINE
    assert one_line(line) == line


@given(HOSTILE)
def test_cleaned_text_has_no_controls_but_line_ends_and_tabs(text: str) -> None:
    cleaned = clean(text).text

    assert not [char for char in cleaned if is_control(char) and char not in "\n\t"]


@given(HOSTILE)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean(text)

    assert clean(once.text).text == once.text


def test_escapes_go_and_words_stay() -> None:
    text = (
        "\x1b[1;31mERROR\x1b[0m \x1b]8;;https://x.example\x1b\\link\x1b]8;;\x1b\\ \x1b]52;c;ZXZpbA==\x07done"
    )

    assert one_line(text) == "ERROR link done"


def test_directions_that_hide_text_are_shown() -> None:
    assert one_line("ab\u202ecd") == "ab\ufffdcd"


def test_masked_secrets_are_counted() -> None:
    cleaned = clean("password=one\ntoken=two2\n")

    assert cleaned.text == "password=<password>\ntoken=<token>\n"
    assert cleaned.masked == 2


def test_a_traceback_in_a_json_field_becomes_lines() -> None:
    traceback = 'Traceback (most recent call last):\n  File "x.py", line 1\nValueError: password=one'
    line = json.dumps({"level": "error", "msg": "payment failed", "exc_info": traceback, "sqlstate": "40P01"})

    assert clean(line).lines == [
        "payment failed",
        "Traceback (most recent call last):",
        '  File "x.py", line 1',
        "ValueError: password=<password>",
        "sqlstate=40P01",
    ]


def test_docker_lines_that_wrap_json_lines_are_read_through() -> None:
    inner = json.dumps({"message": "deadlock detected here"})
    line = json.dumps({"log": inner + "\n", "stream": "stderr", "time": "2022-11-22T02:00:07Z"})

    assert clean(line).text == "deadlock detected here"


def test_a_json_value_with_spaces_is_masked_to_its_end() -> None:
    assert "canary" not in clean('{"msg": "login of app", "password": "one two canary"}').text


def test_a_huge_text_keeps_its_ends() -> None:
    text = "first\n" + "x" * 99 + "\n" + ("y" * 99 + "\n") * 30_000 + "last"

    cleaned = clean(text)

    assert len(cleaned.text) <= MAX_CHARS
    assert cleaned.text.startswith("first\n")
    assert cleaned.text.endswith("\nlast")
    assert cleaned.left_out > 1_900_000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_is_decoded_by_its_mark(encoding: str) -> None:
    assert decode("grüße".encode(encoding)) == "grüße"


def test_bytes_that_are_no_text_are_told_from_text() -> None:
    assert looks_binary(b"\x7fELF\x02\x01\x01\x00\x00")
    assert not looks_binary("\x1b[31mred\x1b[0m grüße\r\n".encode())
    assert not looks_binary("text".encode("utf-16"))
    assert not looks_binary(b"")


UNITS = [
    *(
        "password=",
        'password="',
        'password=\\"x ',
        "token: ",
        "://a:b",
        "://",
        "-----BEGIN PRIVATE KEY-----\n",
    ),
    *(
        "eyJaaaaaaaaaaaa.",
        "4111 ",
        "1-",
        "Key (a)=(",
        "[parameters: ",
        "a",
        "--",
        "\\",
        "\x1b[",
        "\x1b]",
        "{",
    ),
    *(
        "bearer a",
        "authorization: bearer ",
        '"',
        "cookie: ",
        "$1 = '",
        "failing row contains (",
        "<password>",
    ),
    *(
        "MIIEMIIEMIIEMIIE\n",
        "password=,a",
        '\\"password\\":\\"a\\",',
        "?a=1&token=",
        "connection to server at ",
    ),
]


@pytest.mark.parametrize("unit", UNITS)
def test_the_time_grows_with_the_text_and_no_faster(unit: str) -> None:
    small, factor = 4_000, 16

    short, long = (fastest(unit * (size // len(unit))) for size in (small, small * factor))

    assert long < max(short, 0.001) * factor * 5  # quadratic would be 256 times


def fastest(text: str) -> float:
    times = []
    for _ in range(3):
        start = time.process_time()
        clean(text)
        times.append(time.process_time() - start)
    return min(times)
