"""SQLSTATE and routine are parsed in every language, and nothing else is taken for them."""

import pytest

from diagnostics.clients.postgres.server_error import from_fields, from_verbose


def test_the_fields_of_an_error_are_read() -> None:
    error = from_fields(b"SFATAL\0VFATAL\0C28P01\0Mno\0Dwhy\0Rauth_failed\0\0")

    assert (error.sqlstate, error.message, error.detail, error.routine) == (
        "28P01",
        "no",
        "why",
        "auth_failed",
    )


@pytest.mark.parametrize("code", [b"", b"28p01", b"\x1b[31m", b"28P011"])
def test_a_malformed_sqlstate_is_left_empty(code: bytes) -> None:
    assert from_fields(b"C" + code + b"\0Mtext\0\0").sqlstate == ""


def test_the_last_refusal_of_a_verbose_text_counts() -> None:
    text = (
        "FATAL:  57P03: starting\nLOCATION:  ProcessStartupPacket, postmaster.c:2\n"
        'connection to server at "::1", port 1 failed: SCHWERWIEGEND:  28P01: Passwort falsch\n'
        "ORT:  auth_failed, auth.c:334\n"
    )

    error = from_verbose(text)

    assert (error.sqlstate, error.message, error.routine) == ("28P01", "Passwort falsch", "auth_failed")


def test_an_error_of_libpq_itself_has_no_sqlstate() -> None:
    error = from_verbose("fe_sendauth: no password supplied\n")

    assert (error.sqlstate, error.message) == ("", "fe_sendauth: no password supplied")
