"""Pages followed to the letter on a stack that is not the lab: each command is run as it is printed.

Each test breaks one thing, takes the commands from the page that `explain --target` prints, runs them in a
shell and in psql, and expects what the page says of them, and `verify` to be green at the end. Commands of a
service manager, a container runtime or a cloud that is not there are left out: other tests parse them.
"""

import re
import shutil
import stat
import time
from collections.abc import Iterator

import pytest

from tests.support.page_reader import Command, Reader
from tests.support.requirements import needs_pgbouncer
from tests.support.shop_stack import DATABASE, ROLE, ShopStack

pytestmark = [pytest.mark.lab, pytest.mark.slow, needs_pgbouncer]

ABSENT = {"systemctl", "journalctl", "docker", "kubectl", "gcloud", "aws rds", "certbot", "cmctl"}
"""Programs that do nothing without a service manager, a daemon, a cluster or an account."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShopStack]:
    folder = tmp_path_factory.mktemp("shop")
    if not shutil.which("sudo"):  # the tests run as root there
        (folder / "bin").mkdir()
        (folder / "bin" / "sudo").write_text('#!/bin/sh\nexec "$@"\n', "utf-8")
        (folder / "bin" / "sudo").chmod(stat.S_IRWXU)
    with ShopStack(folder) as stack:
        yield stack


@pytest.fixture
def reader(shop: ShopStack) -> Iterator[Reader]:
    """Yield a reader, and restore the stack after the test."""
    yield Reader(shop)
    shop.restore()


def confirmed(reader: Reader, entry: str) -> str:
    """Return the finding that `check ENTRY` confirms, by the command that the page prints."""
    (command,) = [each for each in reader.page(entry) if each.section == "Confirm it"]
    done = reader.run(command)
    assert done.returncode == 1, done.stdout + done.stderr
    report = reader.stack.report(entry)
    findings = [each["finding"] for each in report["diagnoses"] if each["verdict"] == "confirmed"]
    assert len(findings) == 1, report["diagnoses"]
    return str(findings[0])


def verified(reader: Reader, entry: str) -> None:
    """Require that the page's own `verify` ends green."""
    (command,) = [each for each in reader.page(entry) if each.section == "Verify"]
    done = reader.run(command)
    assert done.returncode == 0, done.stdout + done.stderr


def steps(reader: Reader, finding: str, section: str = "Fix") -> list[Command]:
    """Return the commands of a section that can be run here."""
    return [
        command
        for command in reader.page(finding)
        if command.section == section and command.language and not _is_absent(command)
    ]


def _is_absent(command: Command) -> bool:
    first = re.sub(r"^sudo ", "", command.text)
    return any(first.startswith(program) for program in ABSENT)


def succeed(reader: Reader, command: Command, **replaced: str) -> str:
    """Run a command, require success and return its output."""
    done = reader.run(command, **replaced)
    assert done.returncode == 0, f"{command.text}\n{done.stdout}{done.stderr}"
    return done.stdout


def of_step(commands: list[Command], number: int, *, undo: bool = False) -> list[Command]:
    """Return the commands of a numbered step of the fix, or of its undo."""
    return [
        each
        for each in commands
        if each.place.startswith(f"{number}. ") and each.place.endswith(" undo") == undo
    ]


def test_the_healthy_stack_is_green(reader: Reader) -> None:
    with reader.stack.running("sell"):
        report = reader.stack.report()

    assert report["exit"] == 0, [r for r in report["results"] if r["outcome"] not in {"pass", "skipped"}]


def test_connection_refused(reader: Reader) -> None:
    shop = reader.stack
    shop.publish(direct=True)
    shop.server.stop()

    finding = confirmed(reader, "db-connection-refused")
    connect, listeners, *_ = steps(reader, finding, "Which cause")
    answer, ports = reader.run(connect), succeed(reader, listeners)
    fix = steps(reader, finding)
    (start,) = of_step(fix, 2)
    succeed(reader, start)

    assert finding == "connect.refused"
    assert "Connection refused" in answer.stderr
    assert f":{shop.server.port} " not in ports
    assert f":{shop.server.port} " in succeed(reader, listeners)
    assert "1" in succeed(reader, connect)
    verified(reader, "db-connection-refused")


def test_pool_exhausted(reader: Reader) -> None:
    reader.stack.publish(direct=True)
    with reader.stack.running("export", direct=True):
        finding = confirmed(reader, "db-pool-exhausted")
        for command in steps(reader, finding, "Which cause"):
            assert "shop" in succeed(reader, command) or "active" in succeed(reader, command)
        look, cancel = of_step(steps(reader, finding), 1) + of_step(steps(reader, finding), 2)
        oldest = succeed(reader, look).splitlines()[2]
        assert "yearly_export" in oldest
        assert "(0 rows)" in succeed(reader, cancel)
        assert len(reader.stack.sessions()) == 4
        pid = oldest.split("|")[0].strip()
        assert re.search(rf"{pid}.*yearly_export.* t\n", succeed(reader, cancel, pid=pid))
        verified(reader, "db-pool-exhausted")
    assert finding == "pool.exhausted"


def test_pool_leak(reader: Reader) -> None:
    with reader.stack.running("leak"):
        time.sleep(2.5)
        finding = confirmed(reader, "db-pool-leak")
        (by_hand,) = steps(reader, finding, "Which cause")
        assert succeed(reader, by_hand).count("SELECT amount FROM stock") == 3
        fix = steps(reader, finding)
        (look,), (restart,) = of_step(fix, 1), of_step(fix, 2)
        assert succeed(reader, look).count("SELECT amount FROM stock") == 3
        succeed(reader, restart)
        verified(reader, "db-pool-leak")
        net = [each for each in of_step(fix, 3) if each.text.startswith("ALTER ROLE")]
        for command in (*net, *of_step(fix, 3, undo=True)):
            assert "ALTER ROLE" in succeed(reader, command)
    assert finding == "pool.leaked"


def test_deadlock(reader: Reader) -> None:
    with reader.stack.running("collide"):
        finding = confirmed(reader, "db-deadlock")
        (count,) = steps(reader, finding, "Which cause")
        first = succeed(reader, count)
        time.sleep(12)
        assert succeed(reader, count) != first
        assert "DeadlockDetected" in reader.stack.application_log
    with reader.stack.running("sell"):
        verified(reader, "db-deadlock")
    assert finding == "conflicts.deadlocks"


def test_statement_timeout_with_old_statistics(reader: Reader) -> None:
    shop = reader.stack
    shop.server.query(f"ALTER ROLE {ROLE} SET statement_timeout = '2s'")
    shop.load(40_000, alike=False)
    with shop.running("search"):
        finding = confirmed(reader, "db-statement-timeout")
        for command in steps(reader, finding, "Which cause"):
            assert "orders" in succeed(reader, command)
        fix = steps(reader, finding)
        (analyze,), (look,), (cancel,) = (of_step(fix, number) for number in (1, 2, 3))
        assert "ANALYZE" in succeed(reader, analyze)
        succeed(reader, look)
        assert "(0 rows)" in succeed(reader, cancel)
        verified(reader, "db-statement-timeout")
    assert finding == "statements.stale_statistics"


def test_statement_timeout_of_slow_statements(reader: Reader) -> None:
    shop = reader.stack
    shop.server.query(f"ALTER ROLE {ROLE} SET statement_timeout = '2s'")
    shop.load(6_000, alike=True)
    shop.server.query("ANALYZE", database=DATABASE)
    with shop.running("search"):
        finding = confirmed(reader, "db-statement-timeout")
        (by_hand,) = steps(reader, finding, "Which cause")
        assert "FROM orders a JOIN orders b" in succeed(reader, by_hand)
        (look, *own) = steps(reader, finding)
        shown = succeed(reader, look)
        assert "FROM orders a JOIN orders b" in shown
        for command in own:
            if "my_table" not in command.text and "my_index" not in command.text:
                succeed(reader, command)
    verified(reader, "db-statement-timeout")
    assert finding == "statements.slow"


def test_statement_timeout_that_is_too_short(reader: Reader) -> None:
    reader.stack.server.query(f"ALTER ROLE {ROLE} SET statement_timeout = 10")
    finding = confirmed(reader, "db-statement-timeout")
    fix = steps(reader, finding)
    (look,), (change,) = of_step(fix, 1), of_step(fix, 2)
    assert "statement_timeout=10" in succeed(reader, look)
    succeed(reader, change)
    verified(reader, "db-statement-timeout")
    (undo,) = of_step(fix, 2, undo=True)
    succeed(reader, undo)

    assert reader.stack.report("db-statement-timeout")["exit"] == 1
    assert finding == "statements.timeout_tiny"


def test_report_memory(reader: Reader) -> None:
    reader.stack.load(120_000, alike=False)
    reader.stack.server.query("ANALYZE", database=DATABASE)
    finding = confirmed(reader, "db-report-memory")
    (estimate,) = [each for each in steps(reader, finding, "Which cause") if "reltuples" in each.text]

    assert re.search(r"orders +\| +1[12]\d{4}", succeed(reader, estimate))
    assert finding == "report.memory"


def test_sessions_that_are_terminated(reader: Reader) -> None:
    reader.stack.publish(direct=True)
    with reader.stack.running("tidy", direct=True):
        finding = confirmed(reader, "db-session-killed")
        for command in steps(reader, finding, "Which cause"):
            succeed(reader, command)
        fix = steps(reader, finding)
        (look,), (end,) = of_step(fix, 1), of_step(fix, 3)
        shown = succeed(reader, look)
        assert "night-cleaner" in shown
        assert "(0 rows)" in succeed(reader, end)
        pid = next(line for line in shown.splitlines() if "night-cleaner" in line).split("|")[0].strip()
        assert "night-cleaner" in succeed(reader, end, pid=pid)
    with reader.stack.running("sell", direct=True):
        verified(reader, "db-session-killed")
    assert finding == "kills.terminated"
