"""Errors of poolers are told apart by their texts, and PostgreSQL's own errors are not taken for them."""

import pytest

from diagnostics.clients.postgres.pooler_errors import pooler_reason
from diagnostics.clients.postgres.server_error import ServerError


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("no such database: elsewhere", "no_database"),
        ('database "transactions" is disabled', "disabled"),
        ("no more connections allowed (max_client_conn)", "full"),
        ("client connections exceeded (max_user_client_connections)", "full"),
        ("unsupported startup parameter: options", "parameter"),
        ("unsupported startup parameter in options: work_mem", "parameter"),
        ("server login has been failing, try again later (server_login_retry)", "server_failing"),
        (
            "server login has been failing, cached error: connect failed (server_login_retry)",
            "server_failing",
        ),
        ("client_login_timeout (server down)", "server_failing"),
        ("query_wait_timeout", "wait_timeout"),
        ("SASL authentication failed", "rejected"),
        ("password authentication failed", "rejected"),
        ("no such user", "rejected"),
        ("SSL required", ""),
        ("bouncer config error", ""),
    ],
)
def test_an_error_of_the_pooler_has_its_reason(message: str, reason: str) -> None:
    assert pooler_reason(ServerError("08P01", message)) == reason


@pytest.mark.parametrize(
    "message",
    [
        'password authentication failed for user "app_user"',
        'no pg_hba.conf entry for host "10.0.0.7", user "app_user", database "transactions", no encryption',
        "sorry, too many clients already",
        'role "app_user" is not permitted to log in',
        'database "transactions" does not exist',
        "the database system is starting up",
    ],
)
def test_an_answer_of_the_server_to_the_login_of_the_pooler_is_no_rejection_of_the_client(
    message: str,
) -> None:
    assert pooler_reason(ServerError("08P01", message)) == "server_failing"


@pytest.mark.parametrize(
    "error",
    [
        ServerError("28P01", 'password authentication failed for user "app_user"', routine="auth_failed"),
        ServerError("08P01", "no such database", routine="pq_getmessage"),
        ServerError("", 'root certificate file "/etc/root.crt" does not exist'),
    ],
)
def test_an_error_of_postgresql_or_libpq_is_not_taken_for_one_of_a_pooler(error: ServerError) -> None:
    assert pooler_reason(error) == ""
