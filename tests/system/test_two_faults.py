"""Two faults at once: both are reported, in the order of a request; what follows is folded under its root."""

import pytest

from diagnostics.lab.fault_injection import inject, inject_also
from diagnostics.lab.lab import Lab
from tests.support.proof import confirmed, looked

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
    ("one", "other", "expected"),
    [
        ("statements.slow", "key.expired", [EXPIRED_KEY, SLOW]),
        ("login.stale_credential", "tls.expired", [CERTIFICATE, ROTATED]),
        ("pool.leaked", "timeouts.no_timeout", [TIMEOUTS, LEAK]),
        ("timeouts.no_timeout", "pool.leaked", [TIMEOUTS, LEAK]),
        ("statements.lock_queue", "pool.leaked", [LEAK_AND_QUEUE]),
    ],
)
def test_both_are_reported_whichever_came_first(
    healthy: Lab, one: str, other: str, expected: list[Root]
) -> None:
    inject(healthy, one)
    inject_also(healthy, other)

    found = confirmed(looked(healthy))

    assert [(root.entry, root.finding, root.folded) for root in found] == expected
