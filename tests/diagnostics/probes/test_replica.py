"""Hosts of a URL are tried as libpq does for target_session_attrs, on a primary and its streaming replica."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import asyncpg
import psycopg
import psycopg2
import pytest
import sqlalchemy

from diagnostics.diagnosis.catalogue import probe_of
from diagnostics.lab.lab import Lab
from diagnostics.lab.postgres.replica import catch_up, replica_of
from diagnostics.lab.postgres.server import Server
from diagnostics.probes import PROBES, login
from diagnostics.targets.settings import Pool, SecretRef, Secrets
from diagnostics.targets.target import Target, endpoint
from tests.diagnostics.probes.running import ProbeResult, run_probes

pytestmark = pytest.mark.lab

ROLE, MONITOR = "app_user", "clearpay_doctor"
DATABASE = "transactions"
OF_THE_DATABASE = [name for name, probe in PROBES.items() if probe.LAYER == "database"]


@dataclass(frozen=True)
class Pair:
    """A primary and its replica, with the passwords of the lab."""

    lab: Lab
    replica: Server

    def url(self, *ports: int, attributes: str = "") -> str:
        """Return a URL with these ports of loopback as hosts."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
        query = f"&target_session_attrs={attributes}" if attributes else ""
        return f"postgresql://{ROLE}@{hosts}/{DATABASE}?sslmode=disable{query}"

    def target(self, url: str, **settings: object) -> Target:
        """Return a target with the roles of the lab, which both use these hosts."""
        own = replace(
            self.lab.target.settings,
            database=url,
            monitor=url.replace(f"//{ROLE}@", f"//{MONITOR}@"),
            rotation=None,
            secrets=Secrets(
                database=SecretRef(file=str(self.lab.layout.application_password)),
                monitor=SecretRef(file=str(self.lab.layout.monitor_password)),
            ),
        )
        return Target("pair", (endpoint(url),), replace(own, **settings))  # type: ignore[arg-type]  # a test's own

    @property
    def password(self) -> str:
        """Password of the application."""
        return self.lab.passwords.application

    def libpq(self, url: str) -> str:
        """Return the role of the server that libpq itself chooses, or the end of its error."""
        try:
            session = psycopg2.connect(url, password=self.password, connect_timeout=5)
        except psycopg2.OperationalError as error:
            return str(error).strip().rpartition("FATAL: ")[2].rpartition("failed: ")[2].strip()
        with session, session.cursor() as cursor:
            cursor.execute("SELECT pg_is_in_recovery()")
            (in_recovery,) = cursor.fetchone() or (None,)
        session.close()
        return "standby" if in_recovery else "primary"


@pytest.fixture(scope="module")
def pair(lab: Lab) -> Iterator[Pair]:
    with replica_of(lab.server) as replica:
        catch_up(lab.server, replica)
        yield Pair(lab, replica)
    lab.repair()


def logged_in(pair: Pair, url: str, **settings: object) -> dict[str, ProbeResult]:
    return run_probes(pair.target(url, **settings), "connect", "login", "statements")


def refused(code: str) -> tuple[str, list[str]]:
    """Return outcome and codes of a login that is not accepted: unknown while no entry has the finding."""
    return ("fail", [code]) if code in login.FINDINGS else ("unknown", [])


def psycopg_3(pair: Pair, ports: list[int], attributes: str) -> bool:
    """Return True if psycopg 3 chooses a standby."""
    with psycopg.connect(pair.url(*ports, attributes=attributes), password=pair.password) as session:
        row = session.execute("SELECT pg_is_in_recovery()").fetchone()
    return row == (True,)


def asyncpg_(pair: Pair, ports: list[int], attributes: str) -> bool:
    """Return True if asyncpg, which has its own implementation, chooses a standby."""

    async def choose() -> bool:
        session = await asyncpg.connect(pair.url(*ports, attributes=attributes), password=pair.password)
        try:
            return bool(await session.fetchval("SELECT pg_is_in_recovery()"))
        finally:
            await session.close()

    return asyncio.run(choose())


def sqlalchemy_(pair: Pair, ports: list[int], attributes: str) -> bool:
    """Return True if an engine of SQLAlchemy with psycopg 3 chooses a standby."""
    hosts = [f"127.0.0.1:{port}" for port in ports]
    query = {"host": hosts, "sslmode": "disable", "target_session_attrs": attributes}
    url = sqlalchemy.URL.create("postgresql+psycopg", ROLE, pair.password, database=DATABASE, query=query)
    engine = sqlalchemy.create_engine(url)
    try:
        with engine.connect() as session:
            return bool(session.execute(sqlalchemy.text("SELECT pg_is_in_recovery()")).scalar())
    finally:
        engine.dispose()


@pytest.mark.parametrize("attributes", ["read-write", "standby", "prefer-standby"])
@pytest.mark.parametrize("driver", [psycopg_3, asyncpg_, sqlalchemy_])
def test_the_host_is_that_of_the_drivers_of_applications(
    pair: Pair, driver: Callable[[Pair, list[int], str], bool], attributes: str
) -> None:
    ports = [pair.replica.port, pair.lab.server.port]
    if attributes != "read-write":
        ports.reverse()
    found = run_probes(pair.target(pair.url(*ports, attributes=attributes)), "connect", "login")["login"]

    assert found.evidence["in recovery"].value is driver(pair, ports, attributes)


@pytest.mark.parametrize(
    ("order", "attributes", "role"),
    [
        ("replica first", "read-write", "primary"),
        ("replica first", "primary", "primary"),
        ("replica first", "any", "standby"),
        ("replica first", "", "standby"),
        ("replica first", "standby", "standby"),
        ("replica first", "read-only", "standby"),
        ("replica first", "prefer-standby", "standby"),
        ("primary first", "read-write", "primary"),
        ("primary first", "standby", "standby"),
        ("primary first", "read-only", "standby"),
        ("primary first", "prefer-standby", "standby"),
    ],
)
def test_the_session_is_that_of_libpq(pair: Pair, order: str, attributes: str, role: str) -> None:
    ports = [pair.replica.port, pair.lab.server.port]
    url = pair.url(*(ports if order == "replica first" else reversed(ports)), attributes=attributes)
    found = logged_in(pair, url)

    assert pair.libpq(url) == role
    open_question = role == "standby" and not attributes
    assert found["login"].outcome == ("unknown" if open_question else "pass")
    assert ("target.pair.writes" in found["login"].reason) == open_question
    assert (found["connect"].outcome, found["statements"].outcome) == ("pass", "pass"), found
    assert found["login"].evidence["in recovery"].value is (role == "standby")


def test_a_host_that_was_passed_over_is_shown_and_later_probes_use_the_one_that_was_accepted(
    pair: Pair,
) -> None:
    url = pair.url(pair.replica.port, pair.lab.server.port, attributes="read-write")
    found = logged_in(pair, url)
    passed_over = found["login"].evidence[f"session at 127.0.0.1:{pair.replica.port}"]

    assert passed_over.value == "standby, read-only"
    assert "the next host was tried" in passed_over.note
    assert found["statements"].outcome == "pass"


def test_a_host_that_does_not_answer_between_them_is_left_out(pair: Pair) -> None:
    url = pair.url(pair.replica.port, 1, pair.lab.server.port, attributes="read-write")

    assert pair.libpq(url) == "primary"
    assert logged_in(pair, url)["login"].outcome == "pass"


@pytest.mark.parametrize("attributes", ["read-write", "primary"])
def test_hosts_that_are_all_standbys_fail_an_application_that_writes(pair: Pair, attributes: str) -> None:
    url = pair.url(pair.replica.port, attributes=attributes)
    found = logged_in(pair, url)

    assert pair.libpq(url) in {"session is read-only", "server is in hot standby mode"}
    assert (found["login"].outcome, found["login"].codes) == refused("login.standby")
    assert found["login"].evidence[f"session at 127.0.0.1:{pair.replica.port}"].ok is False
    assert found["statements"].outcome in {"blocked", "unknown"}


def test_a_primary_that_is_read_only_fails_an_application_that_writes(pair: Pair) -> None:
    url = pair.url(pair.lab.server.port, attributes="read-write")
    pair.lab.server.query(f"ALTER DATABASE {DATABASE} SET default_transaction_read_only = on")
    try:
        found = logged_in(pair, url)
        libpq = pair.libpq(url)
    finally:
        pair.lab.server.query(f"ALTER DATABASE {DATABASE} RESET default_transaction_read_only")

    assert libpq == "session is read-only"
    assert (found["login"].outcome, found["login"].codes) == refused("login.read_only")


def test_no_standby_for_an_application_that_wants_one_is_not_green(pair: Pair) -> None:
    url = pair.url(pair.lab.server.port, attributes="standby")
    found = logged_in(pair, url)

    assert pair.libpq(url) == "server is not in hot standby mode"
    assert (found["login"].outcome, found["login"].codes) == ("unknown", [])
    assert "no host accepts target_session_attrs=standby" in found["login"].reason


def test_without_a_standby_prefer_standby_takes_the_primary(pair: Pair) -> None:
    url = pair.url(pair.lab.server.port, attributes="prefer-standby")

    assert pair.libpq(url) == "primary"
    assert logged_in(pair, url)["login"].outcome == "pass"


def test_a_rejected_password_ends_the_search(pair: Pair) -> None:
    url = pair.url(pair.replica.port, pair.lab.server.port, attributes="read-write")
    before = pair.lab.server.log.read_text("utf-8").count("password authentication failed")
    found = logged_in(pair, url, secrets=Secrets(database="wrong"))
    after = pair.lab.server.log.read_text("utf-8").count("password authentication failed")

    assert found["login"].codes == ["login.password_rejected"]
    assert after == before
    assert "password authentication failed" in pair.replica.log.read_text("utf-8")


def test_every_probe_of_the_database_runs_on_a_replica(pair: Pair) -> None:
    pool = Pool(application_name="payments", size=2, max_overflow=0)
    target = pair.target(pair.url(pair.replica.port), pool=pool, writes=False)
    found = run_probes(target, *OF_THE_DATABASE)

    assert {
        name: each.reason for name, each in found.items() if each.outcome not in {"pass", "skipped"}
    } == {}
    assert {probe_of(code) for each in found.values() for code in each.codes} == set()


def test_a_replica_is_a_finding_only_where_the_application_writes(pair: Pair) -> None:
    reads = logged_in(pair, pair.url(pair.replica.port), writes=False)["login"]
    writes = logged_in(pair, pair.url(pair.replica.port), writes=True)["login"]

    assert (reads.outcome, reads.evidence["in recovery"].value) == ("pass", True)
    assert (writes.outcome, writes.codes) == refused("login.standby")
