"""Timeouts in the startup options of a URL, as libpq sends them and PostgreSQL reads them."""

import pytest

from diagnostics.clients.postgres.views.role_timeouts import RoleTimeout, timeouts_in_options


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", {}),
        ("-c statement_timeout=10", {"statement_timeout": 10}),
        ("-cstatement_timeout=5s --lock_timeout=1.5min", {"statement_timeout": 5000, "lock_timeout": 90_000}),
        ("-c work_mem=4MB -c idle_session_timeout=0", {"idle_session_timeout": 0}),
        ("-c statement_timeout=ten", {}),
        ("-c statement_timeout=1h -c statement_timeout=2h", {"statement_timeout": 7_200_000}),
    ],
)
def test_options_are_read_with_their_units(options: str, expected: dict[str, int]) -> None:
    timeouts = {timeout.name: timeout for timeout in timeouts_in_options(options)}

    assert timeouts == {name: RoleTimeout(name, ms, "client") for name, ms in expected.items()}
