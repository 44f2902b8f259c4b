"""DER is decoded strictly: one encoding, to the last byte."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.clients.certificates.der import (
    GENERALIZED_TIME,
    INTEGER,
    OID,
    SEQUENCE,
    UTC_TIME,
    Unreadable,
    Value,
    parse_boolean,
    parse_integer,
    parse_oid,
    parse_small_integer,
    parse_time,
    read,
    read_whole,
)
from diagnostics.lab.certificates.malformed import encode
from tests.support.deadlines import ends_within


@given(st.integers(0, 30), st.binary(max_size=70_000), st.binary(max_size=9))
def test_what_is_written_is_read_and_what_follows_is_left(tag: int, content: bytes, rest: bytes) -> None:
    value, left = read(encode(tag, content) + rest)

    assert (value.tag, value.content, left) == (tag, content, rest)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_value_or_unreadable(data: bytes) -> None:
    try:
        value, rest = read(data)
    except Unreadable:
        return
    assert value.raw + rest == data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x02",
        b"\x02\x05\x01",  # shorter than its length
        b"\x02\x80\x00\x00",  # indefinite length
        b"\x02\x81\x01\x00",  # a long length for a short value
        b"\x02\x82\x00\x81" + bytes(129),  # a zero before the length
        b"\x1f\x20\x00",  # a tag of several bytes
    ],
)
def test_what_der_forbids_is_unreadable(data: bytes) -> None:
    with pytest.raises(Unreadable):
        read(data)


def test_bytes_after_the_end_are_unreadable() -> None:
    with pytest.raises(Unreadable, match="trailing bytes"):
        read_whole(b"\x02\x01\x01\x00", 0x02, "number")


@given(st.integers(-(2**200), 2**200))
def test_numbers_of_any_sign_are_read(number: int) -> None:
    content = number.to_bytes(number.bit_length() // 8 + 1, signed=True)

    assert parse_integer(read_whole(encode(0x02, content), 0x02, "number"), "number") == number


@pytest.mark.parametrize(
    ("tag", "text", "year"),
    [
        (UTC_TIME, b"491231235959Z", 2049),
        (UTC_TIME, b"500101000000Z", 1950),
        (GENERALIZED_TIME, b"99991231235959Z", 9999),
    ],
)
def test_times_are_in_the_century_that_the_standard_says(tag: int, text: bytes, year: int) -> None:
    assert parse_time(Value(tag, text, text), "time").year == year
    assert parse_time(Value(tag, text, text), "time").tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [b"991332000000Z", b"9912310000Z", b"991231000000+0100", b"99123100000\xb2Z", b"20261231000000Z", b""],
)
def test_a_malformed_time_is_unreadable(text: bytes) -> None:
    with pytest.raises(Unreadable):
        parse_time(Value(UTC_TIME, text, text), "time")


def test_a_known_object_identifier_is_read_with_dots() -> None:
    assert parse_oid(Value(0x06, bytes.fromhex("2a864886f70d01010b"), b""), "name") == "1.2.840.113549.1.1.11"
    assert parse_oid(Value(0x06, bytes.fromhex("883703"), b""), "name") == "2.999.3"


@pytest.mark.parametrize("content", [b"", b"\x2a\x86"])
def test_an_object_identifier_without_an_end_is_unreadable(content: bytes) -> None:
    with pytest.raises(Unreadable):
        parse_oid(Value(0x06, content, b""), "name")


@pytest.mark.parametrize(("content", "true"), [(b"\xff", True), (b"\x01", True), (b"\0", False)])
def test_true_is_any_byte_but_zero(content: bytes, true: bool) -> None:
    assert parse_boolean(Value(0x01, content, b""), "flag") is true


@pytest.mark.parametrize("content", [b"", b"\xff\xff"])
def test_a_boolean_is_one_byte(content: bytes) -> None:
    with pytest.raises(Unreadable):
        parse_boolean(Value(0x01, content, b""), "flag")


def test_the_end_of_the_year_9999_is_a_valid_time() -> None:
    text = b"99991231235959Z"

    assert parse_time(Value(GENERALIZED_TIME, text, text), "time") == datetime(
        9999, 12, 31, 23, 59, 59, tzinfo=UTC
    )


@pytest.mark.parametrize("size", [65, 3_000, 90_000])
def test_a_long_identifier_has_a_short_name_at_once(size: int) -> None:
    content = b"\x2a" + b"\xff" * (size - 2) + b"\x01"
    with ends_within(1):
        name = parse_oid(Value(OID, content, b""), "extension")

    assert name.startswith(f"identifier of {size} bytes, SHA-256 ")
    assert name != parse_oid(Value(OID, content[:-1] + b"\x02", b""), "extension")


def test_an_identifier_that_is_a_uuid_stays_in_dotted_form() -> None:
    assert parse_oid(Value(OID, b"\x69" + b"\x83" + b"\xff" * 17 + b"\x7f", b""), "x").startswith("2.25.")


def test_many_values_side_by_side_are_read_in_linear_time_or_refused() -> None:
    with ends_within(1):
        assert len(Value(SEQUENCE, b"\x05\x00" * 20_000, b"").items()) == 20_000
    with pytest.raises(Unreadable, match="more than 20000 values"):
        Value(SEQUENCE, b"\x05\x00" * 20_001, b"").items()


def test_a_huge_count_is_the_limit() -> None:
    assert parse_small_integer(Value(INTEGER, b"\x7f" * 3_000, b""), "path length") == 2**31
    assert parse_small_integer(Value(INTEGER, b"\x80" + b"\x00" * 3_000, b""), "path length") == -(2**31)
