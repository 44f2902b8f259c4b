"""Pages followed to the letter on a stack that is not the lab: each command is run as it is printed.

Each test breaks one thing, takes the commands from the page that `explain --target` prints, runs them in a
shell and in psql, and expects what the page says of them, and `verify` to be green at the end. Commands of a
service manager, a container runtime or a cloud that is not there are left out: other tests parse them.
"""

import re
import time
from collections.abc import Iterator

import pytest

from tests.support.page_reader import Reader, sudo_where_there_is_none
from tests.support.requirements import needs_pgbouncer
from tests.support.shop_stack import DATABASE, ROLE, ShopStack

pytestmark = [pytest.mark.lab, pytest.mark.slow, needs_pgbouncer]

FETCH = """\
aws secretsmanager get-secret-value --secret-id shop/postgres --region eu-west-1 --version-stage AWSCURRENT \
  --query SecretString --output text | jq -r .password > application.password
"""
"""Restart of an application that reads the current secret when it starts."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShopStack]:
    folder = tmp_path_factory.mktemp("shop")
    sudo_where_there_is_none(folder)
    with ShopStack(folder) as stack:
        yield stack


@pytest.fixture
def shop(running: ShopStack) -> Iterator[ShopStack]:
    """Yield the healthy stack, and restore it after the test."""
    yield running
    running.restore()


@pytest.fixture
def reader(shop: ShopStack) -> Reader:
    """Return a reader of the pages."""
    return shop.reader()


def test_the_healthy_stack_is_green(shop: ShopStack, reader: Reader) -> None:
    with shop.running("sell"):
        done = reader.doctor("check")

    assert done.returncode == 0, done.stdout


def test_connection_refused(shop: ShopStack, reader: Reader) -> None:
    shop.publish(direct=True)
    shop.server.stop()

    finding = reader.confirmed("db-connection-refused")
    connect, listeners, *_ = reader.by_hand(finding)
    answer, ports = reader.run(connect), reader.succeed(listeners)
    (start,) = reader.of_step(finding, 2)
    reader.succeed(start)

    assert finding == "connect.refused"
    assert "Connection refused" in answer.stderr
    assert f":{shop.server.port} " not in ports
    assert f":{shop.server.port} " in reader.succeed(listeners)
    assert "1" in reader.succeed(connect)
    reader.verified("db-connection-refused")


def test_pool_exhausted(shop: ShopStack, reader: Reader) -> None:
    shop.publish(direct=True)
    with shop.running("export", direct=True):
        finding = reader.confirmed("db-pool-exhausted")
        for command in reader.by_hand(finding):
            assert "shop" in reader.succeed(command) or "active" in reader.succeed(command)
        look, cancel = reader.of_step(finding, 1) + reader.of_step(finding, 2)
        oldest = reader.succeed(look).splitlines()[2]
        assert "yearly_export" in oldest
        assert "(0 rows)" in reader.succeed(cancel)
        assert len(shop.sessions()) == 4
        pid = oldest.split("|")[0].strip()
        assert re.search(rf"{pid}.*yearly_export.* t\n", reader.succeed(cancel, pid=pid))
        reader.verified("db-pool-exhausted")
    assert finding == "pool.exhausted"


def test_pool_leak(shop: ShopStack, reader: Reader) -> None:
    with shop.running("leak"):
        time.sleep(2.5)
        finding = reader.confirmed("db-pool-leak")
        (by_hand,) = reader.by_hand(finding)
        assert reader.succeed(by_hand).count("SELECT amount FROM stock") == 3
        (look,), (restart,) = reader.of_step(finding, 1), reader.of_step(finding, 2)
        assert reader.succeed(look).count("SELECT amount FROM stock") == 3
        reader.succeed(restart)
        reader.verified("db-pool-leak")
        net = [each for each in reader.of_step(finding, 3) if each.text.startswith("ALTER ROLE")]
        for command in (*net, *reader.of_step(finding, 3, undo=True)):
            assert "ALTER ROLE" in reader.succeed(command)
    assert finding == "pool.leaked"


def test_deadlock(shop: ShopStack, reader: Reader) -> None:
    with shop.running("collide"):
        finding = reader.confirmed("db-deadlock")
        (count,) = reader.by_hand(finding)
        first = reader.succeed(count)
        time.sleep(12)
        assert reader.succeed(count) != first
        assert "DeadlockDetected" in shop.application_log
    with shop.running("sell"):
        reader.verified("db-deadlock")
    assert finding == "conflicts.deadlocks"


def test_statement_timeout_with_old_statistics(shop: ShopStack, reader: Reader) -> None:
    shop.server.query(f"ALTER ROLE {ROLE} SET statement_timeout = '2s'")
    shop.load(40_000, alike=False)
    with shop.running("search"):
        finding = reader.confirmed("db-statement-timeout")
        for command in reader.by_hand(finding):
            assert "orders" in reader.succeed(command)
        (analyze,), (look,), (cancel,) = (reader.of_step(finding, number) for number in (1, 2, 3))
        assert "ANALYZE" in reader.succeed(analyze)
        reader.succeed(look)
        assert "(0 rows)" in reader.succeed(cancel)
        reader.verified("db-statement-timeout")
    assert finding == "statements.stale_statistics"


def test_statement_timeout_of_slow_statements(shop: ShopStack, reader: Reader) -> None:
    shop.server.query(f"ALTER ROLE {ROLE} SET statement_timeout = '2s'")
    shop.load(6_000, alike=True)
    shop.server.query("ANALYZE", database=DATABASE)
    with shop.running("search"):
        finding = reader.confirmed("db-statement-timeout")
        (by_hand,) = reader.by_hand(finding)
        assert "FROM orders a JOIN orders b" in reader.succeed(by_hand)
        (look,) = reader.of_step(finding, 1)
        assert "FROM orders a JOIN orders b" in reader.succeed(look)
        for command in reader.of_step(finding, 2) + reader.of_step(finding, 2, undo=True):
            if not re.match("SELECT set_config|CREATE INDEX|DROP INDEX", command.text):
                reader.succeed(command)
    reader.verified("db-statement-timeout")
    assert finding == "statements.slow"


def test_statement_timeout_that_is_too_short(shop: ShopStack, reader: Reader) -> None:
    shop.server.query(f"ALTER ROLE {ROLE} SET statement_timeout = 10")
    finding = reader.confirmed("db-statement-timeout")
    (look,), (change,) = reader.of_step(finding, 1), reader.of_step(finding, 2)
    assert "statement_timeout=10" in reader.succeed(look)
    reader.succeed(change)
    reconnect = next(each for each in reader.of_step(finding, 3) if "RECONNECT" in each.text)
    assert "RECONNECT" in reader.succeed(reconnect)
    reader.verified("db-statement-timeout")
    (undo,) = reader.of_step(finding, 2, undo=True)
    reader.succeed(undo)
    reader.succeed(reconnect)

    assert reader.confirmed("db-statement-timeout") == "statements.timeout_tiny"
    assert finding == "statements.timeout_tiny"


def test_report_memory(shop: ShopStack, reader: Reader) -> None:
    shop.load(120_000, alike=False)
    shop.server.query("ANALYZE", database=DATABASE)
    finding = reader.confirmed("db-report-memory")
    (estimate,) = [each for each in reader.by_hand(finding) if "reltuples" in each.text]

    assert re.search(r"orders +\| +1[12]\d{4}", reader.succeed(estimate))
    assert finding == "report.memory"


def test_sessions_that_are_terminated(shop: ShopStack, reader: Reader) -> None:
    shop.publish(direct=True)
    with shop.running("tidy", direct=True):
        finding = reader.confirmed("db-session-killed")
        for command in reader.by_hand(finding):
            reader.succeed(command)
        (look,), (end,) = reader.of_step(finding, 1), reader.of_step(finding, 3)
        shown = reader.succeed(look)
        assert "night-cleaner" in shown
        assert "(0 rows)" in reader.succeed(end)
        pid = next(line for line in shown.splitlines() if "night-cleaner" in line).split("|")[0].strip()
        assert "night-cleaner" in reader.succeed(end, pid=pid)
    with shop.running("sell", direct=True):
        reader.verified("db-session-killed")
    assert finding == "kills.terminated"


def test_a_credential_that_the_rotation_has_replaced(shop: ShopStack, reader: Reader) -> None:
    shop.publish(direct=True)
    shop.set_password("rotated")
    shop.put_secret("rotated")
    shop.write("restart-application", FETCH)
    finding = reader.confirmed("db-credential-rotation")
    login, rotated, started = reader.by_hand(finding)

    assert finding == "login.stale_credential"
    assert "(1 row)" in reader.succeed(login)
    assert re.search(r"\d{10}|\d{4}-\d\d-\d\d", reader.succeed(rotated))
    assert "STARTED" in reader.succeed(started) or "python" in reader.succeed(started)
    (restart,) = reader.of_step(finding, 1)
    reader.succeed(restart)
    reader.verified("db-credential-rotation")


def test_a_secret_that_the_database_never_got(shop: ShopStack, reader: Reader) -> None:
    shop.publish(direct=True)
    shop.put_secret("never set in the database")
    finding = "login.not_current"
    assert "still works, but it is not the one" in " ".join(reader.doctor("check", "login").stdout.split())
    (versions,) = reader.by_hand(finding)
    (move,) = reader.of_step(finding, 1)

    assert "AWSPREVIOUS" in reader.succeed(versions)
    assert "AWSCURRENT moved from" in reader.succeed(move)
    reader.verified("db-credential-rotation")


@pytest.mark.parametrize("finding", ["rotation.unfinished", "rotation.label_moved"])
def test_a_rotation_that_stopped_halfway(finding: str, shop: ShopStack, reader: Reader) -> None:
    shop.publish(direct=True)
    if finding == "rotation.unfinished":
        shop.set_password("pending")
        shop.put_secret("pending", "AWSPENDING")
    else:
        shop.put_secret("never set in the database")
        shop.write("application.password", "never set in the database")
    shop.write("restart-application", FETCH)
    assert reader.confirmed("db-credential-rotation", "--active") == finding
    by_hand = reader.by_hand(finding)
    move, restart = reader.of_step(finding, 1) + reader.of_step(finding, 2)

    for command in by_hand:
        if "cloudtrail" not in command.text:
            assert "AWSPENDING" in reader.succeed(command) or "(1 row)" in reader.succeed(command)
    assert "AWSCURRENT moved from" in reader.succeed(move)
    reader.succeed(restart)
    reader.verified("db-credential-rotation")


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ('"connection_timeout": 3.05', '"connection_timeout": 30', "timeouts.connect_too_long"),
        ('"connection_timeout": 3.05', '"connection_timeout": "3 s"', "timeouts.not_a_number"),
        ('"connection_timeout": 3.05', '"connection_timeout": 3050', "timeouts.unit"),
        ('"connection_timeout": 3.05', '"connection_timeout": None', "timeouts.no_timeout"),
        ('int(os.environ.get("READ_TIMEOUT", "10"))', "120", "timeouts.longer_than_proxy"),
        ('"backoff_factor": 2', '"backoff_factor": 0.5', "timeouts.backoff"),
        ('["GET"],\n    "idempotency_keys": True', '["GET", "POST"]', "timeouts.retry_of_post"),
        ('"max_retries": 2', '"max_retries": 9', "timeouts.worst_case"),
    ],
)
def test_timeouts_in_a_file(old: str, new: str, finding: str, shop: ShopStack, reader: Reader) -> None:
    path = shop.folder / "network.py"
    broken = path.read_text("utf-8").replace(old, new)
    assert broken != path.read_text("utf-8")
    path.write_text(broken, "utf-8")
    found = reader.confirmed("config-timeouts")
    for command in reader.by_hand(found):
        if "nginx" not in command.text and "py-spy" not in command.text and "curl" not in command.text:
            assert reader.succeed(command)
    (edit,), (undo,) = (reader.of_step(found, 1, undo=undone) for undone in (False, True))
    shown = reader.succeed(edit)
    reader.verified("config-timeouts")
    reader.succeed(undo)

    assert found == finding
    assert shown.startswith("--- ")
    assert 'thread_timeout": 7' in broken
    assert path.read_text("utf-8") == broken


def test_a_timeout_that_is_computed_is_left_to_the_reader(shop: ShopStack, reader: Reader) -> None:
    path = shop.folder / "network.py"
    before = path.read_text("utf-8").replace('"READ_TIMEOUT", "10"', '"READ_TIMEOUT", "90"')
    path.write_text(before, "utf-8")
    done = reader.run(reader.of_step("timeouts.longer_than_proxy", 1)[0])

    assert done.returncode == 1
    assert "line 5: read_timeout is computed; change its source so that it gives 10" in done.stderr
    assert path.read_text("utf-8") == before


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ('"verify_signatures": True', '"verify_signatures": False', "verification.off"),
        ('"tolerance_seconds": 300', '"tolerance_seconds": 86400', "verification.tolerance_long"),
    ],
)
def test_webhooks_in_a_file(old: str, new: str, finding: str, shop: ShopStack, reader: Reader) -> None:
    path = shop.folder / "webhooks.py"
    broken = path.read_text("utf-8").replace(old, new)
    path.write_text(broken, "utf-8")
    found = reader.confirmed("config-webhook")
    for command in reader.by_hand(found):
        assert old.split('"')[1] in reader.succeed(command)
    edits = [each for each in reader.of_step(found, 1) if each.language == "python"]
    for edit in edits:
        reader.succeed(edit)
    if not edits:  # the page says what to write
        path.write_text(broken.replace(new, old), "utf-8")
    reader.verified("config-webhook")

    assert found == finding


def test_a_pooler_that_is_stopped(shop: ShopStack, reader: Reader) -> None:
    shop.pooler.stop()
    finding = reader.confirmed("db-connection-refused")
    connect, listeners, *_ = reader.by_hand(finding)
    answer, ports = reader.run(connect), reader.succeed(listeners)
    titles = {each.place for each in reader.page(finding)}

    assert "Connection refused" in answer.stderr
    assert f":{shop.server.port} " in ports
    assert f":{shop.pooler.port} " not in ports
    assert any("If the port is that of a pooler" in title for title in titles)
    shop.pooler.start()
    reader.verified("db-connection-refused")


def test_a_server_behind_the_pooler_that_is_stopped(shop: ShopStack, reader: Reader) -> None:
    shop.server.stop()
    finding = reader.confirmed("db-pooler-server-unavailable")
    for command in reader.by_hand(finding):
        if "pgbouncer.log" not in command.text:
            done = reader.run(command)
            assert done.stdout + done.stderr
    (start,) = reader.of_step(finding, 1)
    reader.succeed(start)
    reader.verified("db-pooler-server-unavailable")


def test_a_pooler_that_is_paused(shop: ShopStack, reader: Reader) -> None:
    shop.pooler.admin(f"PAUSE {DATABASE}")
    finding = reader.confirmed("db-pooler-paused")
    databases, *_ = reader.by_hand(finding)
    (resume,) = reader.of_step(finding, 1)

    assert re.search(rf"{DATABASE} .*\| +1 +\|", reader.succeed(databases))
    assert "RESUME" in reader.succeed(resume)
    reader.verified("db-pooler-paused")


def test_a_table_without_grants(shop: ShopStack, reader: Reader) -> None:
    shop.server.query(f"REVOKE ALL ON stock FROM {ROLE}", database=DATABASE)
    finding = "db-missing-privilege.ungranted_table"
    look, grant = reader.of_step(finding, 1) + reader.of_step(finding, 2)
    undo, *_ = reader.of_step(finding, 2, undo=True)
    privilege = f"SELECT has_table_privilege('{ROLE}', 'stock', 'SELECT')"

    assert "stock" in reader.succeed(look)
    done = reader.run(grant)
    assert "granted on stock" in done.stderr
    assert shop.server.query(privilege, database=DATABASE) == [(True,)]
    assert "stock" not in reader.succeed(look)
    reader.succeed(undo._replace(text=undo.text.replace("my_table", "stock")))
    assert shop.server.query(privilege, database=DATABASE) == [(False,)]
    reader.succeed(grant)
