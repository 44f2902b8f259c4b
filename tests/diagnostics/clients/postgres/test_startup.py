"""Startup without credentials, with servers of all kinds."""

import socket
import struct
import threading
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from diagnostics.clients.postgres.libpq_settings.parameters import connection_settings
from diagnostics.clients.postgres.socket_address import SocketAddress
from diagnostics.clients.postgres.startup import StartupAttempt
from diagnostics.engine.context import OpenStep
from diagnostics.engine.deadline import Deadline
from diagnostics.lab.lab import Lab
from diagnostics.lab.servers.full_backlog import full_backlog
from diagnostics.lab.servers.listener import reset
from tests.diagnostics.clients.postgres.foreign_servers import (
    READY,
    Behaviour,
    FakeServer,
    answers,
    attempt_startup,
    auth_request,
    error,
    fake_server,
    hang_up,
    message,
    only_listen,
    sends_first,
    startup,
)


@pytest.mark.parametrize(
    ("part", "method"),
    [
        (auth_request(3), "cleartext password"),
        (auth_request(5, b"salt"), "MD5 password"),
        (auth_request(10, b"SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"), "SCRAM-SHA-256-PLUS, SCRAM-SHA-256"),
        (auth_request(7), "GSSAPI"),
        (auth_request(99), "method 99"),
        (message(b"v", struct.pack("!II", 0, 0)) + auth_request(3), "cleartext password"),
        (message(b"N", b"Mnote\0\0") + auth_request(3), "cleartext password"),
        (READY, "none (trust, peer or certificate)"),
    ],
)
def test_the_method_of_authentication_is_read(part: bytes, method: str) -> None:
    with fake_server(answers(part)) as port:
        result = attempt_startup(port)

    assert (result.problem, result.method) == ("", method)


def test_nothing_is_said_after_the_server_asks_for_a_password() -> None:
    after: list[bytes] = []
    heard = threading.Event()

    def listen(client: socket.socket) -> None:
        startup(client)
        client.sendall(auth_request(10, b"SCRAM-SHA-256\0\0"))
        after.append(client.recv(100))
        heard.set()

    with fake_server(listen) as port:
        attempt_startup(port)
        assert heard.wait(5)

    assert after == [b""]


def test_an_error_before_a_login_is_the_answer() -> None:
    with fake_server(answers(error("57P03", "nein", detail="weil"))) as port:
        result = attempt_startup(port)

    assert result.problem == "server_error"
    assert result.error
    assert (result.error.sqlstate, result.error.message, result.error.detail) == ("57P03", "nein", "weil")


def test_an_error_of_a_session_that_trust_let_begin_is_no_problem_of_the_connection() -> None:
    with fake_server(answers(auth_request(0) + error("3D000", "no such database"))) as port:
        result = attempt_startup(port)

    assert result.problem == ""
    assert result.error
    assert result.error.sqlstate == "3D000"


@pytest.mark.parametrize(
    ("behave", "problem", "detail"),
    [
        (sends_first(b"HTTP/1.1 400 Bad Request\r\n"), "not_postgres", "HTTP"),
        (sends_first(b"SSH-2.0-OpenSSH_9.2\r\n"), "not_postgres", "SSH"),
        (sends_first(b"220 mail ready\r\n"), "not_postgres", "FTP or SMTP"),
        (sends_first(b"J\0\0\0\x0a8.0.36\0"), "not_postgres", "MySQL"),
        (sends_first(b"\x1b[31mgarbage\n"), "not_postgres", "the bytes \\x1b[31mgarbage\\n"),
        (sends_first(b"ERROR\r\n"), "not_postgres", "the bytes ERROR\\r\\n"),
        (sends_first(b"R\xff\xff\xff\xff"), "not_postgres", "the bytes R\\xff\\xff\\xff\\xff"),
        (sends_first(b"R\0\0\0\x03"), "not_postgres", "the bytes R\\x00\\x00\\x00\\x03"),
        (sends_first(message(b"R", b"")), "not_postgres", "an authentication request without a code"),
        (sends_first(message(b"N", b"") * 300), "not_postgres", "more than 200 messages and no session"),
        (hang_up, "closed", ""),
        (reset, "closed", ""),
    ],
)
def test_strangers_are_told_apart(behave: Behaviour, problem: str, detail: str) -> None:
    with fake_server(behave) as port:
        plain, offered = attempt_startup(port), attempt_startup(port, "sslmode=prefer")

    assert plain.problem == problem
    assert plain.detail.startswith(detail)
    assert offered.problem == problem


def test_a_server_that_waits_for_a_line_shows_what_it_is() -> None:
    def line_by_line(client: socket.socket) -> None:
        with client.makefile("rb") as lines:
            lines.readline()
        client.sendall(b"<!DOCTYPE HTML>")
        client.recv(100)

    with fake_server(line_by_line) as port:
        result = attempt_startup(port, "sslmode=prefer", seconds=1.5)

    assert (result.problem, result.detail) == ("not_postgres", "HTTP, a page")


def test_a_postmaster_that_cannot_fork_is_understood() -> None:
    with fake_server(answers(b"Ecould not fork new process for connection: no memory\n\0")) as port:
        result = attempt_startup(port)

    assert result.problem == "server_error"
    assert result.error
    assert result.error.message == "could not fork new process for connection: no memory"


def drip(client: socket.socket) -> None:
    """Send an endless message, one byte at a time."""
    client.settimeout(0.05)
    client.sendall(b"E\0\0\xff\xff")
    for _ in range(200):
        client.sendall(b"x")
        try:
            if not client.recv(100):
                return
        except TimeoutError:
            continue


@pytest.mark.parametrize("behave", [only_listen, drip])
@pytest.mark.parametrize("query", ["sslmode=disable", "sslmode=prefer"])
def test_silence_and_a_trickle_end_with_the_deadline(behave: Behaviour, query: str) -> None:
    with fake_server(behave) as port:
        began = time.monotonic()
        result = attempt_startup(port, query, seconds=0.5)
        took = time.monotonic() - began

    assert result.problem == "silent"
    assert took < 1


def test_bytes_behind_the_answer_to_sslrequest_are_not_trusted() -> None:
    def forge(client: socket.socket) -> None:
        client.recv(8)
        client.sendall(b"S" + READY)
        client.recv(100)

    with fake_server(forge) as port:
        assert attempt_startup(port, "sslmode=require").problem == "not_postgres"


def test_tls_that_is_demanded_and_not_offered_is_refused() -> None:
    with fake_server(answers(READY)) as port:
        assert attempt_startup(port, "sslmode=require").problem == "tls_refused"
        assert attempt_startup(port, "sslmode=prefer").problem == ""


def test_with_allow_tls_is_tried_only_where_plain_is_not_allowed() -> None:
    with FakeServer(answers(error("28000", "no entry"))) as server:
        result = attempt_startup(server.port, "sslmode=allow")

    assert result.problem == "server_error"  # the plain attempt's error, not that TLS is missing
    assert server.connections == 2


def test_a_closed_port_refuses_and_a_missing_socket_is_missing(tmp_path: Path) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        refused = attempt_startup(bound.getsockname()[1])
    missing = _problem_at(SocketAddress("", str(tmp_path), 5432))

    assert (refused.problem, refused.detail[:12]) == ("refused", "ECONNREFUSED")
    assert missing == "socket_missing"


def test_a_socket_that_nobody_listens_on_refuses(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(tmp_path / ".s.PGSQL.5432"))

    assert _problem_at(SocketAddress("", str(tmp_path), 5432)) == "refused"


def test_packets_that_are_dropped_time_out() -> None:
    with full_backlog() as port:
        result = attempt_startup(port, seconds=0.3)

    assert result.problem == "timeout"


def test_an_address_without_a_route_is_named_so() -> None:
    assert attempt_startup(9, host="127.255.255.255").problem == "no_route"


def test_ipv6_is_spoken() -> None:
    def serve(listening: socket.socket) -> None:
        client, _ = listening.accept()
        with client:
            answers(READY)(client)

    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listening:
        serving = threading.Thread(target=serve, args=(listening,))
        serving.start()
        result = attempt_startup(listening.getsockname()[1], host="::1")
        serving.join(5)

    assert result.problem == ""


@pytest.mark.lab
def test_a_real_server_asks_for_scram_over_tcp_and_its_socket_and_logs_no_error(lab: Lab) -> None:
    before = len(lab.server.log.read_text())
    over_tcp = attempt_startup(lab.server.port, "sslmode=prefer")
    over_socket = _problem_at(SocketAddress("", str(lab.server.socket_folder), lab.server.port))

    assert over_tcp.method == "SCRAM-SHA-256"
    assert over_socket == ""
    assert "message type" not in lab.server.log.read_text()[before:]


def _problem_at(address: SocketAddress) -> str:
    settings = connection_settings("postgresql://app_user@/transactions?host=/nowhere", {})
    return StartupAttempt(address, settings, Deadline(1), lambda _name: nullcontext(OpenStep()))(
        "offered"
    ).problem
