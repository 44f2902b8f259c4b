"""A replica follows the lab's server, accepts reads only, and leaves the server as it was."""

import psycopg2
import pytest

from diagnostics.lab.lab import Lab
from diagnostics.lab.postgres.replica import catch_up, replica_of

pytestmark = pytest.mark.lab


def test_a_replica_has_the_rows_of_the_server_and_refuses_writes(lab: Lab) -> None:
    with replica_of(lab.server) as replica:
        lab.sql("UPDATE accounts SET balance = 12 WHERE id = 1")
        catch_up(lab.server, replica)
        ((balance,),) = replica.query("SELECT balance FROM accounts WHERE id = 1", database="transactions")
        with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
            replica.query("UPDATE accounts SET balance = 13", database="transactions")
        folder = replica.folder

    assert balance == 12
    assert not folder.exists()
    assert lab.sql("SHOW max_wal_senders") == [("0",)]


def test_a_promoted_replica_accepts_writes(lab: Lab) -> None:
    with replica_of(lab.server) as replica:
        replica.query("SELECT pg_promote()")
        replica.query("UPDATE accounts SET balance = 14 WHERE id = 1", database="transactions")

        assert replica.query("SELECT pg_is_in_recovery()") == [(False,)]
