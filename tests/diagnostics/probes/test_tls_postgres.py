"""`tls` and `connect` come to libpq's own verdict on a PostgreSQL with TLS of its own."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest

from diagnostics.lab.certificates import authority as certificates
from diagnostics.lab.certificates.authority import Files
from diagnostics.lab.certificates.builder import leaf
from diagnostics.lab.postgres.server import Server
from diagnostics.targets.settings import Secrets, TargetSettings, Thresholds
from diagnostics.targets.target import Target, endpoint
from tests.diagnostics.probes.running import ProbeResult, run_probes
from tests.support.tls_servers import configure, postgres

pytestmark = pytest.mark.slow

RULE = "connect.client_certificate"
BRIEF = Thresholds(connect_timeout_s=3, kill_window_s=0.5, statement_window_s=0.5)
LOGGED = ("tls", "connect", "login", "kills", "statements")


@dataclass
class Database:
    """PostgreSQL, its certificates, and its settings as they are now."""

    server: Server
    files: Files
    settings: tuple[str, ...] = ()

    def has(self, *settings: str) -> None:
        """Restart the server if it has other settings."""
        if settings != self.settings:
            configure(self.server, *settings)
            self.settings = settings

    def url(self, query: str, database: str = "postgres") -> str:
        """Return a URL of the application's role."""
        return f"postgresql://app_user@localhost:{self.server.port}/{database}?{query}"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One server for all tests of this module."""
    files = certificates.make(tmp_path_factory.mktemp("database"))
    with postgres(files) as server:
        yield Database(server, files)


@pytest.fixture
def database(running: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Return the server for an application whose home has no certificates of its own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    running.has()
    return running


def libpq(url: str) -> str:
    """Return libpq's message; empty if it logs in."""
    try:
        psycopg2.connect(url).close()
    except psycopg2.Error as error:
        return str(error)
    return ""


def probes(url: str) -> tuple[ProbeResult, ProbeResult]:
    """Return the results of `tls` and `connect`."""
    own = Thresholds(connect_timeout_s=3)
    settings = TargetSettings(production=False, database=url, thresholds=own)
    results = run_probes(Target("test", (endpoint(url),), settings), "tls", "connect")
    return results["tls"], results["connect"]


CBC = ("ssl_ciphers = 'ECDHE-ECDSA-AES128-SHA'", "ssl_max_protocol_version = 'TLSv1.2'")
CCM = ("ssl_ciphers = 'ECDHE-ECDSA-AES128-CCM'", "ssl_max_protocol_version = 'TLSv1.2'")
OLD = ("ssl_max_protocol_version = 'TLSv1.2'",)
NEW = ("ssl_min_protocol_version = 'TLSv1.3'",)
NULL = ("ssl_ciphers = 'ECDHE-ECDSA-NULL-SHA:@SECLEVEL=0'", "ssl_max_protocol_version = 'TLSv1.2'")


@pytest.mark.parametrize(
    ("server", "query"),
    [
        (CBC, ""),
        (CCM, ""),
        (NULL, ""),
        ((), "ssl_min_protocol_version=TLSv1.3"),
        (OLD, "ssl_min_protocol_version=TLSv1.3"),
        (OLD, "ssl_min_protocol_version=tlsv1.2&ssl_max_protocol_version=TLSV1.2"),
        (NEW, "ssl_max_protocol_version=TLSv1.2"),
        (NEW, "ssl_max_protocol_version=TLSv1.3"),
        (OLD, "ssl_min_protocol_version=TLSv1&ssl_max_protocol_version=TLSv1.1"),
        (OLD, "ssl_min_protocol_version=TLSv1"),
        ((), "sslsni=0"),
    ],
    ids=str,
)
@pytest.mark.parametrize("mode", ["require", "verify-full"])
def test_a_handshake_has_the_outcome_that_libpq_sees(
    database: Database, server: tuple[str, ...], query: str, mode: str
) -> None:
    database.has(*server)
    url = database.url(f"sslmode={mode}&sslrootcert={database.files.ca}&{query}".rstrip("&"))

    message = libpq(url)
    tls, connect = probes(url)

    if message:
        assert (tls.outcome, tls.codes) == ("fail", ["tls.protocol_mismatch"]), message
        assert connect.outcome == "unknown"
        assert "the probe `tls` says why" in connect.reason
    else:
        assert (tls.outcome, tls.codes) == ("pass", [])
        assert (connect.outcome, connect.codes) == ("pass", [])


def test_the_bounds_of_the_environment_count_and_those_of_the_url_win(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.has(*OLD)
    monkeypatch.setenv("PGSSLMINPROTOCOLVERSION", "TLSv1.3")
    url = database.url("sslmode=require")
    lower = database.url("sslmode=require&ssl_min_protocol_version=TLSv1.2")

    assert libpq(url)
    assert libpq(lower) == ""
    assert probes(url)[0].codes == ["tls.protocol_mismatch"]
    assert probes(url)[0].evidence["versions"].value == "TLSv1.3 or newer"
    assert probes(url)[0].evidence["server offers"].expected == "TLSv1.3 or newer, with a strong cipher"
    assert [result.outcome for result in probes(lower)] == ["pass", "pass"]


@pytest.mark.parametrize(
    "query",
    [
        "ssl_max_protocol_version=TLSv1.1",
        "ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=TLSv1.2",
        "ssl_min_protocol_version=1.2",
    ],
)
def test_bounds_that_libpq_refuses_to_use_are_no_pass(database: Database, query: str) -> None:
    url = database.url(f"sslmode=require&{query}")

    assert "protocol" in libpq(url)
    for result in probes(url):
        assert (result.outcome, result.codes) == ("unknown", [])
        assert "protocol_version" in result.reason


def identity(database: Database, folder: Path, name: str) -> str:
    """Return the settings of a client certificate for a role."""
    root = database.files.root
    own = certificates.write(folder / name, root, leaf(root, name=name, organisation="", purpose=None))
    return f"sslcert={own.certificate}&sslkey={own.key}"


@pytest.mark.parametrize("mode", ["prefer", "require", "allow"])
def test_a_rule_that_demands_a_client_certificate_has_its_own_finding(database: Database, mode: str) -> None:
    url = database.url(f"sslmode={mode}", "certified")

    message = libpq(url)
    tls, connect = probes(url)

    assert "connection requires a valid client certificate" in message
    assert (connect.outcome, connect.codes) == ("fail", [RULE])
    assert tls.outcome == "pass"
    assert "a rule of the server may demand one at the login" in tls.evidence["client certificate"].note


def test_a_certificate_for_another_role_has_the_same_finding(database: Database, tmp_path: Path) -> None:
    url = database.url(f"sslmode=require&{identity(database, tmp_path, 'somebody')}", "certified")

    assert "certificate authentication failed" in libpq(url)
    assert probes(url)[1].codes == [RULE]


def test_the_certificate_of_the_role_passes(database: Database, tmp_path: Path) -> None:
    url = database.url(f"sslmode=require&{identity(database, tmp_path, 'app_user')}", "certified")

    tls, connect = probes(url)

    assert libpq(url) == ""
    assert (tls.outcome, connect.codes) == ("pass", [])
    assert "CN=app_user from" in tls.evidence["client certificate"].note


def test_without_tls_such_a_rule_means_that_tls_is_required(database: Database) -> None:
    assert probes(database.url("sslmode=disable", "certified"))[1].codes == ["connect.tls_required"]


def test_an_unknown_authority_of_the_client_is_refused_by_an_alert(
    database: Database, tmp_path: Path
) -> None:
    other = certificates.make(tmp_path / "other")
    url = database.url(f"sslmode=require&sslcert={other.certificate}&sslkey={other.key}")

    assert "unknown ca" in libpq(url)
    assert probes(url)[0].codes == ["tls.client_certificate_demanded"]


def test_sslcertmode_disable_sends_no_certificate(database: Database, tmp_path: Path) -> None:
    own = identity(database, tmp_path, "app_user")
    url = database.url(f"sslmode=require&{own}&sslcertmode=disable", "certified")

    assert "requires a valid client certificate" in libpq(url)
    assert probes(url)[1].codes == [RULE]


@pytest.mark.parametrize("flaw", ["missing", "readable by all"])
def test_a_key_that_libpq_refuses_is_an_unusable_file(database: Database, tmp_path: Path, flaw: str) -> None:
    own = identity(database, tmp_path, "app_user")
    key = tmp_path / "app_user" / "server.key"
    key.unlink() if flaw == "missing" else key.chmod(0o644)
    url = database.url(f"sslmode=require&{own}")

    message = libpq(url)
    tls, connect = probes(url)

    assert "private key file" in message
    assert tls.codes == ["tls.bundle_unreadable"]
    assert str(key) in tls.evidence["bundle"].note
    assert connect.outcome == "unknown"


def test_a_key_that_the_group_may_read_is_taken_where_root_owns_it(
    database: Database, tmp_path: Path
) -> None:
    own = identity(database, tmp_path, "app_user")
    (tmp_path / "app_user" / "server.key").chmod(0o640)
    url = database.url(f"sslmode=require&{own}")

    refused = "private key file" in libpq(url)

    assert refused == (os.geteuid() != 0)
    assert (probes(url)[0].codes == ["tls.bundle_unreadable"]) == refused


@pytest.mark.parametrize("method", ["trust", "scram-sha-256"])
@pytest.mark.parametrize("mode", ["disable", "require", "verify-full"])
def test_the_probes_leave_no_line_in_the_log_of_a_healthy_server(
    database: Database, method: str, mode: str
) -> None:
    server = database.server
    password = "pw-0123456789"
    server.query(f"ALTER ROLE app_user PASSWORD '{password}'")
    rules = server.data / "pg_hba.conf"
    former = rules.read_text("utf-8")
    rules.write_text(f"local all postgres trust\nhost all all 127.0.0.1/32 {method}\n", "utf-8")
    server.restart()
    url = database.url(f"sslmode={mode}&sslrootcert={database.files.ca}")
    settings = TargetSettings(
        production=False, database=url, secrets=Secrets(database=password), thresholds=BRIEF
    )

    before = len(server.log.read_bytes())
    results = run_probes(Target("test", (endpoint(url),), settings), *LOGGED)
    logged = server.log.read_bytes()[before:].decode()
    rules.write_text(former, "utf-8")
    server.restart()

    assert (results["connect"].outcome, results["login"].outcome) == ("pass", "pass")
    assert logged == ""
