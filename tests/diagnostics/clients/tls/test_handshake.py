"""Certificates are extracted from a handshake message, also from a truncated or overfull one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.clients.tls.handshake import MAX_CERTIFICATES, TLS_1_3, certificates_in_message

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
