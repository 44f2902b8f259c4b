"""No demand of a server during the login is obeyed beyond its limit, on a plain connection and inside TLS."""

import socket
import ssl
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from diagnostics.clients.postgres.credentials import Credential
from diagnostics.clients.postgres.libpq_settings.parameters import connection_settings
from diagnostics.clients.postgres.login.demands import MAX_ITERATIONS, DemandRefused, Inspector
from diagnostics.clients.postgres.route import Route
from diagnostics.clients.postgres.session import LoginFailed, login, was_rejected
from diagnostics.engine.deadline import Deadline
from diagnostics.errors import CannotTell
from diagnostics.lab.lab import Lab
from tests.diagnostics.clients.postgres.foreign_servers import (
    READY,
    FakeServer,
    auth_request,
    fake_server,
    message,
    password,
    startup,
)
from tests.support.deadlines import ends_within
from tests.support.scram_server import SASL_CONTINUE, Scram, request, server_context

ROOT = Path(__file__).parents[5]
EXCESSIVE = [
    b"2147483647", b"3000000", b"1000001", b"4294971392", b"-4291967296", b"+2147483647", b" 3000000",
    b"99999999999999999999", b"3000000,i=4096", b"4096x", b"",
]  # fmt: skip
LATIN1 = "Passwort-Authentifizierung f\xfcr Benutzer \xbbapp_user\xab fehlgeschlagen".encode("latin-1")


@pytest.fixture(params=["plain", "tls"])
def context(request: pytest.FixtureRequest, tmp_path: Path) -> ssl.SSLContext | None:
    return server_context(tmp_path) if request.param == "tls" else None


def credential(port: int, *, tls: bool = False) -> Credential:
    mode = "require" if tls else "disable"
    url = f"postgresql://app_user@127.0.0.1:{port}/d?sslmode={mode}"
    return Credential(connection_settings(url, {}), Route(0, "127.0.0.1", tls), f"pw-{port}", "test")


def failure(behave: Scram) -> LoginFailed | CannotTell:
    """Return the exception with which a login ends."""
    with fake_server(behave) as port, ends_within(5):
        own = credential(port, tls=behave.context is not None)
        try:
            login(own, probe="test", deadline=Deadline(5), rejected=set())
        except (LoginFailed, CannotTell) as failed:
            return failed
    raise AssertionError("the login was accepted")


@pytest.mark.parametrize("iterations", EXCESSIVE)
def test_an_excessive_demand_is_refused_before_it_is_obeyed(
    iterations: bytes, context: ssl.SSLContext | None
) -> None:
    behave = Scram(iterations, context=context)

    failed = failure(behave)

    assert isinstance(failed, DemandRefused)
    assert "iterations of SCRAM" in str(failed)
    assert behave.proofs == []


@pytest.mark.parametrize("piece", [1, 2, 7, 60])
def test_a_demand_in_pieces_is_refused(piece: int, context: ssl.SSLContext | None) -> None:
    behave = Scram(b"3000000", context=context, piece=piece)

    assert isinstance(failure(behave), DemandRefused)
    assert behave.proofs == []


@pytest.mark.parametrize("iterations", [b"4096", b"600000"])
def test_a_usual_demand_is_obeyed(iterations: bytes, context: ssl.SSLContext | None) -> None:
    behave = Scram(iterations, context=context)

    failed = failure(behave)

    assert isinstance(failed, LoginFailed)
    assert failed.rejected
    assert len(behave.proofs) == 1


def test_other_threads_go_on_while_libpq_computes() -> None:
    computing, computed = threading.Event(), threading.Event()
    behave = Scram(str(MAX_ITERATIONS).encode(), on_demand=computing.set)

    def log_in(port: int) -> None:
        with pytest.raises(LoginFailed):
            login(credential(port), probe="test", deadline=Deadline(30), rejected=set())
        computed.set()

    ticks = 0
    with fake_server(behave) as port:
        thread = threading.Thread(target=log_in, args=(port,))
        thread.start()
        computing.wait(10)
        while not computed.is_set() and not behave.proofs:
            time.sleep(0.001)
            ticks += 1
        thread.join()

    assert ticks >= 20


def test_bytes_before_a_session_are_bounded() -> None:
    def flood(client: socket.socket) -> None:
        startup(client)
        client.sendall(auth_request(0))
        while True:
            client.sendall(message(b"S", b"name\0" + b"x" * 20_000 + b"\0"))

    with fake_server(flood) as port, pytest.raises(DemandRefused, match="before a session"):
        login(credential(port), probe="test", deadline=Deadline(5), rejected=set())


def test_a_refusal_in_the_servers_own_encoding_is_a_rejection() -> None:
    fields = b"SFATAL\0VFATAL\0C28P01\0M" + LATIN1 + b"\0Fauth.c\0L334\0Rauth_failed\0\0"
    rejected: set[bytes] = set()

    def behave(client: socket.socket) -> None:
        startup(client)
        client.sendall(auth_request(3))
        password(client)
        client.sendall(message(b"E", fields))

    with FakeServer(behave) as server:
        own = credential(server.port)
        for attempt in range(4):
            with pytest.raises(LoginFailed if not attempt else CannotTell) as failed:
                login(own, probe="test", deadline=Deadline(5), rejected=rejected)
            if not attempt:
                assert isinstance(failed.value, LoginFailed)
                assert failed.value.error.sqlstate == "28P01"
                assert failed.value.error.message == LATIN1.decode("latin-1")

    assert was_rejected(own, rejected)
    assert server.connections == 1


def test_a_refusal_in_another_encoding_is_a_finding_and_is_not_provoked_again() -> None:
    sent: list[bytes] = []

    def behave(client: socket.socket) -> None:
        startup(client)
        client.sendall(auth_request(3))
        sent.append(password(client))
        client.sendall(message(b"E", b"SFATAL\0VFATAL\0C28P01\0M" + LATIN1 + b"\0Rauth_failed\0\0"))

    with fake_server(behave) as port:
        url = f"postgresql://app_user:pw-0123456789@127.0.0.1:{port}/d?sslmode=disable"
        command = [
            sys.executable,
            "-m",
            "diagnostics.cli",
            "check",
            "login",
            "--repeat",
            "4",
            "--every",
            "0.1s",
        ]
        done = subprocess.run(
            [*command, "--target", url], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )

    assert done.returncode == 1
    assert "login.password_rejected" in done.stdout
    assert "fehlgeschlagen" in done.stdout
    assert len(sent) == 1


def test_a_wrong_password_is_sent_once_by_many_threads() -> None:
    sent: list[bytes] = []

    def behave(client: socket.socket) -> None:
        startup(client)
        client.sendall(auth_request(3))
        sent.append(password(client))
        client.sendall(message(b"E", b"SFATAL\0VFATAL\0C28P01\0Mno\0\0"))

    rejected: set[bytes] = set()
    with fake_server(behave) as port:
        own = credential(port)

        def log_in() -> None:
            with pytest.raises((LoginFailed, CannotTell)):
                login(own, probe="test", deadline=Deadline(10), rejected=rejected)

        threads = [threading.Thread(target=log_in) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert len(sent) == 1


ANSWERS = {
    "no rows": message(b"C", b"SELECT 0\0"),
    "another encoding": message(b"E", b"SERROR\0VERROR\0CXX000\0M" + LATIN1 + b"\0\0"),
    "a number that is none": message(
        b"T", b"\0\1a\0" + bytes(6) + b"\0\0\0\x17" + b"\0\4\xff\xff\xff\xff\0\0"
    )
    + message(b"D", b"\0\1\0\0\0\3abc"),
    "bytes that are no text": message(
        b"T", b"\0\1a\0" + bytes(6) + b"\0\0\0\x19" + b"\xff\xff\xff\xff\xff\xff\0\0"
    )
    + message(b"D", b"\0\1\0\0\0\2\xff\xfe"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_of_another_shape_is_no_bug_of_the_probe(name: str) -> None:
    def behave(client: socket.socket) -> None:
        startup(client)
        client.sendall(READY)
        client.recv(4096)
        client.sendall(ANSWERS[name] + message(b"C", b"SELECT 1\0") + message(b"Z", b"I"))
        client.recv(4096)

    with fake_server(behave) as port, pytest.raises(CannotTell):
        login(credential(port), probe="test", deadline=Deadline(5), rejected=set())


@pytest.mark.lab
@pytest.mark.parametrize("dies", [False, True])
def test_after_a_backend_that_hangs_or_dies_every_statement_is_unknown(lab: Lab, dies: bool) -> None:
    url = f"postgresql://app_user@127.0.0.1:{lab.server.port}/transactions?sslmode=disable"
    route = Route(0, "127.0.0.1", False)
    own = Credential(connection_settings(url, {}), route, lab.passwords.application, "test")
    session = login(own, probe="test", deadline=Deadline(8), rejected=set(), guards="")
    pid = session.rows("SELECT pg_backend_pid()")[0][0]
    if dies:
        lab.sql("SELECT pg_terminate_backend(%s)", pid)

    for statement in ("SELECT pg_sleep(4)", "SELECT 1", "SELECT 1"):
        with pytest.raises(CannotTell):
            session.rows(statement)

    session.close()


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_the_inspector_sees_a_demand_in_any_pieces(size: int) -> None:
    stream = message(b"S", b"a\0b\0") + request(SASL_CONTINUE, b"r=x,s=y,i=3000000")
    inspector = Inspector()

    pieces = [stream[begin : begin + size] for begin in range(0, len(stream), size)]
    for piece in pieces[:-1]:
        inspector.feed(piece)
    with pytest.raises(DemandRefused):
        inspector.feed(pieces[-1])
