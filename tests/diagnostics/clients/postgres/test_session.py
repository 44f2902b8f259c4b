"""A login is one attempt with its SQLSTATE in any language; sessions are read-only."""

import re
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from diagnostics.clients.postgres.credentials import Credential
from diagnostics.clients.postgres.libpq_settings.parameters import connection_settings
from diagnostics.clients.postgres.route import Route, find_route
from diagnostics.clients.postgres.session import (
    LoginFailed,
    NoStatementAnswered,
    Session,
    login,
    was_rejected,
)
from diagnostics.engine.deadline import Deadline
from diagnostics.errors import CannotTell
from diagnostics.lab.certificates import authority
from diagnostics.lab.lab import Lab
from diagnostics.lab.postgres.baseline import HBA
from diagnostics.lab.servers.tls_proxy import TlsProxy
from tests.diagnostics.clients.postgres.foreign_servers import (
    READY,
    FakeServer,
    answers,
    auth_request,
    error,
    fake_server,
    message,
    password,
    startup,
)
from tests.support.deadlines import ends_within

REJECTED = "password authentication failed"


REJECTED_DIGESTS: set[bytes] = set()


@pytest.fixture(autouse=True)
def no_rejections() -> Iterator[None]:
    yield
    REJECTED_DIGESTS.clear()


def credential(port: int, secret: str, query: str = "", *, tls: bool = False) -> Credential:
    url = f"postgresql://app_user@127.0.0.1:{port}/transactions?{query}"
    return Credential(connection_settings(url, {}), Route(0, "127.0.0.1", tls), secret, "test")


def log_in(own: Credential, seconds: float = 5) -> Session:
    return login(own, probe="test", deadline=Deadline(seconds), rejected=REJECTED_DIGESTS)


def rejections(lab: Lab) -> int:
    return lab.server.log.read_text().count(REJECTED)


@pytest.mark.lab
def test_a_session_only_reads_within_its_timeouts_under_its_own_name(lab: Lab) -> None:
    session = log_in(credential(lab.server.port, lab.passwords.application))
    settings = "transaction_read_only", "statement_timeout", "lock_timeout", "application_name"

    values = [session.rows("SELECT current_setting(%s)", (name,))[0][0] for name in settings]

    assert values == ["on", "3s", "200ms", "clearpay-doctor/test"]
    with pytest.raises(CannotTell, match="25006"):
        session.rows("CREATE TABLE t ()")
    session.close()


@pytest.mark.lab
def test_options_of_the_url_stay_and_ours_win(lab: Lab) -> None:
    query = "options=-c%20work_mem%3D1MB%20-c%20statement_timeout%3D0"
    session = log_in(credential(lab.server.port, lab.passwords.application, query))

    rows = session.rows("SELECT current_setting('work_mem'), current_setting('statement_timeout')")

    assert rows == [("1MB", "3s")]
    session.close()


@pytest.mark.lab
def test_a_rejected_password_has_its_sqlstate_and_is_never_sent_again(lab: Lab) -> None:
    before, own = rejections(lab), credential(lab.server.port, "wrong horse")

    with pytest.raises(LoginFailed) as failed:
        log_in(own)
    with pytest.raises(CannotTell, match="never tried again"):
        log_in(own)

    assert (failed.value.error.sqlstate, failed.value.error.routine) == ("28P01", "auth_failed")
    assert failed.value.used_password
    assert was_rejected(own, REJECTED_DIGESTS)
    assert rejections(lab) == before + 1


@pytest.mark.lab
def test_with_prefer_and_tls_a_wrong_password_is_sent_once(lab: Lab, tmp_path: Path) -> None:
    before = rejections(lab)
    with TlsProxy(lab.server.port, authority.make(tmp_path)) as front:
        own = credential(front.port, "wrong horse", "sslmode=prefer")
        route = find_route(own.settings, Deadline(5))
        with pytest.raises(LoginFailed):
            log_in(credential(front.port, "wrong horse", "sslmode=prefer", tls=route.tls))

    assert route.tls
    assert rejections(lab) == before + 1


@pytest.mark.lab
@pytest.mark.parametrize("tls", [False, True])
def test_an_answer_of_20_mb_is_below_the_limit(lab: Lab, tmp_path: Path, tls: bool) -> None:
    with TlsProxy(lab.server.port, authority.make(tmp_path)) as front:
        query = "sslmode=require" if tls else "sslmode=disable"
        port = front.port if tls else lab.server.port
        session = log_in(credential(port, lab.passwords.application, query, tls=tls), seconds=20)

        rows = session.rows("SELECT repeat('x', 1000) FROM generate_series(1, 20000)")

        session.close()
    assert len(rows) == 20_000


@pytest.mark.lab
@pytest.mark.parametrize("method", ["trust", "password", "md5", "scram-sha-256"])
def test_every_method_of_a_real_server_lets_the_right_password_in(lab: Lab, method: str) -> None:
    if method == "md5":
        own = f"ALTER ROLE app_user PASSWORD '{lab.passwords.application}'"
        lab.sql(f"SET password_encryption = 'md5'; {own}")
    hba = lab.server.data / "pg_hba.conf"
    hba.write_text(HBA.replace("127.0.0.1/32 scram-sha-256", f"127.0.0.1/32 {method}"))
    lab.server.restart()
    try:
        session = log_in(credential(lab.server.port, lab.passwords.application))
        assert session.rows("SELECT current_user") == [("app_user",)]
        session.close()
    finally:
        lab.repair()


@pytest.mark.lab
def test_no_other_password_is_looked_for(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".pgpass").write_text(f"*:*:*:*:{lab.passwords.application}\n")
    (tmp_path / ".pgpass").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PGPASSWORD", lab.passwords.application)

    with pytest.raises(LoginFailed) as failed:
        log_in(credential(lab.server.port, ""))

    assert failed.value.needs_password
    assert not failed.value.used_password


@pytest.mark.lab
def test_a_session_over_the_unix_socket_works(lab: Lab) -> None:
    url = f"postgresql://app_user@/transactions?host={lab.server.socket_folder}&port={lab.server.port}"
    settings = connection_settings(url, {})
    route = find_route(settings, Deadline(5))

    session = log_in(Credential(settings, route, lab.passwords.application, "test"))

    assert session.rows("SELECT inet_client_addr()") == [(None,)]
    session.close()


@pytest.mark.lab
def test_a_statement_that_takes_too_long_ends(lab: Lab) -> None:
    session = log_in(credential(lab.server.port, lab.passwords.application), seconds=1)

    with ends_within(1), pytest.raises(CannotTell):
        session.rows("SELECT pg_sleep(10)")


@pytest.mark.lab
def test_the_server_cuts_a_statement_off_by_itself_too(lab: Lab) -> None:
    own = credential(lab.server.port, lab.passwords.application, "connect_timeout=1")
    guards = "SET LOCAL statement_timeout = '20ms'; "
    session = login(own, probe="test", deadline=Deadline(5), rejected=set(), guards=guards)

    with pytest.raises(CannotTell, match="57014"):
        session.rows("SELECT pg_sleep(5)")
    session.close()


GERMAN = [
    ("28P01", "Passwort-Authentifizierung für Benutzer »app_user« fehlgeschlagen", "auth_failed"),
    ("28000", "Rolle »app_user« hat keine Berechtigung zum Einloggen", "InitializeSessionUserId"),
    ("3D000", "Datenbank »transactions« existiert nicht", "InitPostgres"),
    ("53300", "zu viele Verbindungen für Rolle »app_user«", "InitializeSessionUserId"),
    ("42501", "keine Berechtigung für Datenbank »transactions«", "CheckMyDatabase"),
]


@pytest.mark.parametrize(("sqlstate", "text", "routine"), GERMAN)
def test_a_server_that_speaks_german_is_understood(sqlstate: str, text: str, routine: str) -> None:
    def refuse(client: socket.socket) -> None:
        startup(client)
        client.sendall(auth_request(3))
        password(client)
        client.sendall(error(sqlstate, text, severity="SCHWERWIEGEND", routine=routine))

    with fake_server(refuse) as port, pytest.raises(LoginFailed) as failed:
        log_in(credential(port, "correct horse"))

    assert failed.value.error.sqlstate == sqlstate
    assert failed.value.error.routine == routine
    assert failed.value.error.message == text


def test_a_server_that_stops_talking_costs_no_more_than_the_deadline() -> None:
    silent = fake_server(answers(auth_request(10, b"SCRAM-SHA-256\0\0")))
    with silent as port, ends_within(0.3), pytest.raises(CannotTell, match="did not answer"):
        log_in(credential(port, "correct horse"), seconds=0.3)


def test_a_server_that_stops_in_the_middle_of_an_answer_is_named() -> None:
    def half(client: socket.socket) -> None:
        startup(client)
        client.sendall(READY)
        client.recv(1000)
        client.sendall(message(b"T", struct.pack("!H", 0)))
        client.recv(100)

    with fake_server(half) as port, pytest.raises(NoStatementAnswered, match="did not answer"):
        log_in(credential(port, "correct horse"), seconds=1)


def test_a_credential_does_not_show_its_password() -> None:
    assert not re.search("horse", repr(credential(1, "correct horse")))


def test_another_password_of_the_same_role_may_be_tried() -> None:
    def refuse(client: socket.socket) -> None:
        startup(client)
        client.sendall(auth_request(3))
        password(client)
        client.sendall(error("28P01", "no"))

    with FakeServer(refuse) as server:
        for secret in ("one horse", "two horses"):
            with pytest.raises(LoginFailed):
                log_in(credential(server.port, secret))

    assert server.connections == 2
