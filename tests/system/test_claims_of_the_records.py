"""Claims of the records about PostgreSQL and libraries, run: each test names the sentence that it holds."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from importlib import metadata
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import requests
import urllib3
from psycopg2.extensions import make_dsn
from psycopg2.pool import PoolError, ThreadedConnectionPool
from sqlalchemy import create_engine
from sqlalchemy.exc import TimeoutError as PoolTimeout

from diagnostics.lab.lab import Lab
from diagnostics.lab.postgres.baseline import APPLICATION, DATABASE
from diagnostics.testing.requirements import needs
from kb.records.dataclass_io import to_data
from kb.records.loader import load_entries

pytestmark = pytest.mark.lab

MONTH = "SELECT * FROM bookings WHERE extract(month FROM booked_at) = 11"


def says(entry: str, sentence: str) -> bool:
    """Return True if a text of the record has the sentence, whatever its line breaks."""
    return any(sentence in " ".join(text.split()) for text in _texts(to_data(load_entries()[entry])))


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from _texts(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _texts(value)


def application(lab: Lab, **changes: Any) -> "psycopg2.extensions.connection":
    session = psycopg2.connect(make_dsn(lab.application_dsn(), **changes))
    session.autocommit = True
    return session


def test_analyze_of_another_role_skips_tables_and_ends_as_if_it_were_done(healthy: Lab) -> None:
    assert says("db-statement-timeout", 'Other roles get "WARNING: skipping" for each table')
    with closing(application(healthy)) as session, session.cursor() as cursor:
        cursor.execute("ANALYZE")
        assert cursor.statusmessage == "ANALYZE"
        assert any("WARNING:  skipping" in notice for notice in session.notices)
        session.notices.clear()
        cursor.execute("ANALYZE bookings")
        assert 'WARNING:  skipping "bookings"' in session.notices[0]


def test_an_index_that_a_timeout_interrupts_stays_invalid_and_is_listed(healthy: Lab) -> None:
    assert says("db-statement-timeout", "it is cancelled and leaves an invalid index")
    listed = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"
    assert says("db-statement-timeout", "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid;")
    healthy.sql("CREATE TABLE claim AS SELECT n AS id FROM generate_series(1, 300000) AS n")
    arguments = healthy.server.admin_arguments(DATABASE) | {"options": "-c statement_timeout=30ms"}
    with closing(psycopg2.connect(**arguments)) as session, session.cursor() as cursor:
        session.autocommit = True
        with pytest.raises(psycopg2.errors.QueryCanceled):
            cursor.execute("CREATE INDEX CONCURRENTLY claim_id ON claim (id)")
    assert healthy.sql(listed) == [("claim_id",)]
    healthy.sql("DROP TABLE claim")


def test_the_estimate_of_a_table_that_was_never_analyzed_is_no_number_of_rows(healthy: Lab) -> None:
    assert says("db-report-memory", "-1 means that it was never analyzed")
    healthy.sql("CREATE TABLE claim AS SELECT 1 AS id")
    assert healthy.sql("SELECT reltuples FROM pg_class WHERE relname = 'claim'") == [(-1.0,)]
    healthy.sql("DROP TABLE claim")


def test_a_condition_on_an_expression_is_estimated_at_half_a_percent(healthy: Lab) -> None:
    assert says("db-report-memory", "EXPLAIN assumes half a percent of the table")
    rows = "SELECT 1, 1, n FROM generate_series(1, 9900) AS n"
    healthy.sql(f"INSERT INTO bookings (account_id, amount, reference) {rows}")
    healthy.sql("ANALYZE bookings")
    plan = " ".join(str(row[0]) for row in healthy.sql(f"EXPLAIN {MONTH}"))
    assert "rows=50 " in plan


def test_a_number_without_a_unit_is_milliseconds_and_the_source_names_the_place(healthy: Lab) -> None:
    assert says("db-statement-timeout", "a number without a unit means milliseconds, so 30 is not 30 s")
    setting = "SELECT setting, unit, source FROM pg_settings WHERE name = 'statement_timeout'"
    places = {
        f"ALTER ROLE {APPLICATION} SET statement_timeout = 3000": "user",
        f"ALTER ROLE {APPLICATION} IN DATABASE {DATABASE} SET statement_timeout = 3000": "database user",
    }
    for statement, source in places.items():
        healthy.sql(statement)
        with closing(application(healthy, options="")) as session, session.cursor() as cursor:
            cursor.execute(setting)
            assert cursor.fetchone() == ("3000", "ms", source)
    with (
        closing(application(healthy, options="-c statement_timeout=4000")) as session,
        session.cursor() as cursor,
    ):
        cursor.execute(setting)
        assert cursor.fetchone() == ("4000", "ms", "client")


def test_a_rename_deletes_an_md5_password_and_keeps_one_of_scram(healthy: Lab) -> None:
    assert says("db-password-rejected", "A rename deletes a password stored as MD5")
    kept = {}
    for encryption in ("md5", "scram-sha-256"):
        healthy.sql(f"SET password_encryption = '{encryption}'; CREATE ROLE claim PASSWORD 'word'")
        healthy.sql("ALTER ROLE claim RENAME TO claimed")
        kept[encryption] = healthy.sql(
            "SELECT rolpassword IS NOT NULL FROM pg_authid WHERE rolname = 'claimed'"
        )
        healthy.sql("DROP ROLE claimed")
    assert kept == {"md5": [(False,)], "scram-sha-256": [(True,)]}


def test_a_timeout_that_was_changed_reaches_new_sessions_only(healthy: Lab) -> None:
    assert says("db-statement-timeout", "New sessions have it at once, open ones keep what they began with")
    with closing(application(healthy, options="")) as old, old.cursor() as cursor:
        healthy.sql(f"ALTER ROLE {APPLICATION} IN DATABASE {DATABASE} SET statement_timeout = '7s'")
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() != ("7s",)
        with closing(application(healthy, options="")) as new, new.cursor() as second:
            second.execute("SHOW statement_timeout")
            assert second.fetchone() == ("7s",)


def test_a_recycle_time_does_not_renew_a_connection_that_was_not_returned(healthy: Lab) -> None:
    assert says("db-pool-leak", "never on one that was taken and not returned")
    engine = create_engine(
        "postgresql+psycopg2://", creator=lambda: psycopg2.connect(healthy.application_dsn()),
        pool_size=1, max_overflow=0, pool_recycle=1, pool_timeout=0.1,
    )  # fmt: skip
    leaked = engine.connect()
    time.sleep(1.2)
    with pytest.raises(PoolTimeout, match="QueuePool limit of size 1 overflow 0 reached"):
        engine.connect()
    leaked.close()
    engine.dispose()


def test_a_with_block_ends_the_transaction_only(healthy: Lab) -> None:
    assert says("db-pool-leak", "that block ends the transaction only")
    assert says("db-pool-leak", "`with psycopg2.connect(...)` does not close the connection either")
    with psycopg2.connect(healthy.application_dsn()) as session:
        session.cursor().execute("SELECT 1")
    assert not session.closed
    session.close()
    pool = ThreadedConnectionPool(1, 1, healthy.application_dsn())
    with pool.getconn() as taken:
        taken.cursor().execute("SELECT 1")
    with pytest.raises(PoolError, match="connection pool exhausted"):
        pool.getconn()
    pool.closeall()


@needs("pg_isready")
def test_pg_isready_says_no_response_for_a_refusal_and_an_unknown_name_alike() -> None:
    assert says("db-connection-refused", 'pg_isready says "no response" for this, for an unknown name')
    for host in ("127.0.0.1", "no-such-name.invalid"):
        done = subprocess.run(
            ["pg_isready", "-h", host, "-p", "1", "-t", "1"], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stdout) == (2, f"{host}:1 - no response\n")


def test_only_some_commands_of_py_spy_have_the_option_for_the_interpreter_lock() -> None:
    assert says("service-blocked-event-loop", "top has the option --gil as well, dump has not")
    (program,) = [file for file in metadata.files("py-spy") or () if file.name == "py-spy"]
    for command, expected in {"dump": False, "top": True, "record": True}.items():
        shown = subprocess.run(
            [str(Path(str(program.locate())).resolve()), command, "--help"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert ("--gil" in shown.stdout) is expected, command


def test_requests_refuses_a_timeout_that_is_text() -> None:
    assert says("config-timeouts", "requests raises ValueError for text")
    with pytest.raises(ValueError, match="Timeout value"):
        requests.get("http://127.0.0.1:9/", timeout="3 s")  # type: ignore[arg-type]  # the flaw


def test_urllib3_waits_up_to_six_hours_and_its_factor_is_seconds() -> None:
    assert says("config-timeouts", "urllib3 2.8 waits up to six hours (retry_after_max)")
    assert says("config-timeouts", "seconds, 0.1 is usual there")
    retry = urllib3.Retry(total=5, backoff_factor=0.1)
    assert retry.retry_after_max == 6 * 3600
    pauses = []
    for _ in range(4):
        retry = retry.increment("GET", "/", error=urllib3.exceptions.ReadTimeoutError(None, "/", ""))  # type: ignore[arg-type]  # no pool is asked
        pauses.append(round(retry.get_backoff_time(), 2))
    assert pauses == [0, 0.2, 0.4, 0.8]
