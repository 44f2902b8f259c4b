"""Typed signs are found in the output of drivers, servers and tools, and not elsewhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.text.signs import SIGN_KINDS, Sign, find_signs, parse_sign, sqlstate_of


@pytest.mark.parametrize(
    ("line", "sign"),
    [
        ("SQLSTATE: 40P01", "sqlstate 40P01"),
        ("sqlstate=40001 retry", "sqlstate 40001"),
        ("ERROR: deadlock detected (SQLSTATE 40P01)", "sqlstate 40P01"),
        ("SQLSTATE[08006] [7] could not connect", "sqlstate 08006"),
        ("[40P01] deadlock", "sqlstate 40P01"),
        ("ERROR:  40P01: deadlock detected", "sqlstate 40P01"),
        ("FATAL:  28P01", "sqlstate 28P01"),
        ('UTC,"app_user",ERROR,40P01,"deadlock detected"', "sqlstate 40P01"),
        ("  code: '53300',", "sqlstate 53300"),
        ('{"code":"3D000"}', "sqlstate 3D000"),
        ("pgcode 28P01", "sqlstate 28P01"),
        ("{'S': 'FATAL', 'C': '57P03', 'M': 'starting'}", "sqlstate 57P03"),
        ("psycopg2.errors.DeadlockDetected: deadlock detected", "exception psycopg2.errors.DeadlockDetected"),
        ("psycopg2.errors.DeadlockDetected: deadlock detected", "sqlstate 40P01"),
        ("(psycopg2.errors.SerializationFailure) could not", "sqlstate 40001"),
        ("asyncpg.exceptions.SerializationError: could not", "sqlstate 40001"),
        ("asyncpg.exceptions.TooManyConnectionsError: sorry", "sqlstate 53300"),
        (
            "clearpay.db.security.CredentialRotationError: x",
            "exception clearpay.db.security.CredentialRotationError",
        ),
        ("Nov 22 02:00:07 pay-1 app[7]: ConnectionRefusedError: x", "exception ConnectionRefusedError"),
        ("ConnectionRefusedError: [Errno 111] x", "errno ECONNREFUSED"),
        ("Error: connect ECONNREFUSED 127.0.0.1:5432", "errno ECONNREFUSED"),
        ("failed: Connection refused", "errno ECONNREFUSED"),
        ("[WinError 10061] No connection", "errno ECONNREFUSED"),
        ("certificate verify failed: certificate has expired (_ssl.c:1006)", "verify_code 10"),
        ("Verify return code: 20 (unable to get)", "verify_code 20"),
        ("HTTPError: 401 Client Error: Unauthorized for url", "http_status 401"),
        ('"GET / HTTP/1.1" 503 12', "http_status 503"),
        ("the request resulted in a `401 Unauthorized` response", "http_status 401"),
        ("Response code = 503", "http_status 503"),
        ("Request failed with status code 429", "http_status 429"),
        ("our service gets 429 from the provider", "http_status 429"),
        ("it was returning a 503 error all night", "http_status 503"),
        ("  errno: -111,", "errno ECONNREFUSED"),
        ('"error": "invalid_token"', "error_type invalid_token"),
        ('{"error": {"type": "api_key_expired"', "error_type api_key_expired"),
        ("error.type=api_key_expired", "error_type api_key_expired"),
    ],
)
def test_a_sign_is_found(line: str, sign: str) -> None:
    assert sign in [str(match) for match in find_signs(["before", line])]


@pytest.mark.parametrize(
    "line",
    [
        "    except psycopg2.errors.DeadlockDetected as error:",
        "raise CredentialRotationError('x') from error",
        "took 40001 rows in 12345 ms",
        "ERROR 1213 (40001): Deadlock found",
        "[40001] worker started",
        "page 404 of the report",
        "order 25001 settled",
        "SQLSTATE[HY000] [1045]",
    ],
)
def test_what_only_looks_like_a_sign_is_none(line: str) -> None:
    assert find_signs([line]) == ()


def test_a_sign_says_the_first_line_that_shows_it() -> None:
    assert find_signs(["", "SQLSTATE: 40P01", "SQLSTATE: 40P01"]) == (Sign("sqlstate", "40P01", 2),)


def test_a_sign_of_a_record_is_read_and_written_alike() -> None:
    assert str(parse_sign("exception psycopg2.errors.DeadlockDetected")) == (
        "exception psycopg2.errors.DeadlockDetected"
    )


def test_only_drivers_classes_mean_a_sqlstate() -> None:
    assert sqlstate_of("psycopg.errors.LockNotAvailable") == "55P03"
    assert sqlstate_of("DeadlockDetected") == "40P01"
    assert sqlstate_of("billing.errors.DeadlockDetected") == ""


@given(st.lists(st.text()))
def test_any_text_can_be_read(lines: list[str]) -> None:
    assert {sign.kind for sign in find_signs(lines)} <= set(SIGN_KINDS)
