"""Certificates are extracted from handshake messages and records, also from truncated or overfull ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.clients.tls.messages import (
    MAX_CERTIFICATES,
    TLS_1_3,
    certificates_in_message,
    certificates_in_records,
)

TLS_1_2 = 0x0303


def message(chain: list[bytes], version: int) -> bytes:
    """Encode a Certificate message."""
    after = b"\0\0" if version == TLS_1_3 else b""
    listed = b"".join(len(entry).to_bytes(3) + entry + after for entry in chain)
    body = (b"\0" if version == TLS_1_3 else b"") + len(listed).to_bytes(3) + listed
    return b"\x0b" + len(body).to_bytes(3) + body


@given(st.lists(st.binary(max_size=300), max_size=9), st.sampled_from([TLS_1_2, TLS_1_3]))
def test_what_was_sent_is_found(chain: list[bytes], version: int) -> None:
    assert certificates_in_message(message(chain, version), version) == tuple(chain)


@given(st.binary(max_size=200), st.sampled_from([TLS_1_2, TLS_1_3]))
def test_any_bytes_are_read_to_an_end(data: bytes, version: int) -> None:
    assert all(isinstance(entry, bytes) for entry in certificates_in_message(data, version))


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_thirty_thousand_empty_ones_are_not_kept(version: int) -> None:
    assert len(certificates_in_message(message([b""] * 30_000, version), version)) == MAX_CERTIFICATES


def records(messages: bytes, size: int) -> bytes:
    """Encode messages as handshake records of a size."""
    parts = [messages[at : at + size] for at in range(0, len(messages), size)]
    return b"".join(b"\x16\x03\x03" + len(part).to_bytes(2) + part for part in parts)


@given(
    st.lists(st.binary(min_size=1, max_size=300), min_size=1, max_size=9),
    st.integers(1, 2000),
    st.sampled_from([b"", b"\x02\x00\x00\x03abc"]),
)
def test_certificates_are_found_however_the_records_are_cut(
    chain: list[bytes], size: int, before: bytes
) -> None:
    stream = records(before + message(chain, TLS_1_2), size) + b"\x15\x03\x03\x00\x02\x02\x28"

    assert certificates_in_records(stream) == tuple(chain)
    assert certificates_in_records(stream[: len(stream) - 8]) in ((), tuple(chain))


@given(st.binary(max_size=300).map(lambda data: b"\x16\x03\x03" + data) | st.binary(max_size=300))
def test_any_stream_is_read_to_an_end(data: bytes) -> None:
    assert all(isinstance(entry, bytes) for entry in certificates_in_records(data))
