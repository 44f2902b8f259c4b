"""Two faults at once: both are reported in the order of a request, consequences under their root."""

import pytest

from diagnostics.lab.fault_injection import inject, inject_also
from diagnostics.lab.lab import Lab
from tests.support.proof import check_lab, confirmed

pytestmark = pytest.mark.lab
Root = tuple[str, str, tuple[str, ...]]


EXPIRED_KEY: Root = ("api-key-expired", "key.expired", ())
SLOW: Root = ("db-statement-timeout", "statements.slow", ())
CERTIFICATE: Root = ("tls-certificate", "tls.expired", ())
ROTATED: Root = ("db-credential-rotation", "login.stale_credential", ())
TIMEOUTS: Root = ("config-timeouts", "timeouts.no_timeout", ())
LEAK: Root = ("db-pool-leak", "pool.leaked", ())
LEAK_AND_QUEUE: Root = ("db-pool-leak", "pool.leaked", ("db-lock-queue",))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("statements.slow", "key.expired", [EXPIRED_KEY, SLOW]),
        ("login.stale_credential", "tls.expired", [CERTIFICATE, ROTATED]),
        ("pool.leaked", "timeouts.no_timeout", [TIMEOUTS, LEAK]),
        ("timeouts.no_timeout", "pool.leaked", [TIMEOUTS, LEAK]),
        ("statements.lock_queue", "pool.leaked", [LEAK_AND_QUEUE]),
    ],
)
def test_both_are_reported_in_either_order(
    healthy: Lab, first: str, second: str, expected: list[Root]
) -> None:
    inject(healthy, first)
    inject_also(healthy, second)

    roots = confirmed(check_lab(healthy))

    assert [(root.entry, root.finding, root.folded) for root in roots] == expected
