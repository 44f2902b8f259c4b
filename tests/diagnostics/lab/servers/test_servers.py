"""The fault proxy, the TLS proxy, the full backlog and the web server, each with real clients."""

import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack

import psycopg2
import pytest

from diagnostics.lab.certificates.authority import Files, make
from diagnostics.lab.lab import Lab
from diagnostics.lab.servers.fault_proxy import MODES, FaultProxy, Mode
from diagnostics.lab.servers.full_backlog import full_backlog
from diagnostics.lab.servers.listener import Listener
from diagnostics.lab.servers.plain_http import WebServer
from diagnostics.lab.servers.tls_proxy import TlsProxy
from tests.support.deadlines import ends_within

pytestmark = pytest.mark.lab
TIMEOUT_S = 20.0
"""Of a client whose data is sure to come."""


class Echo(Listener):
    """Echo server."""

    def handle(self, client: socket.socket) -> None:
        """Send back the data until the client disconnects."""
        while data := client.recv(4096):
            client.sendall(data)


@pytest.fixture
def echo() -> Iterator[Echo]:
    with Echo() as running:
        yield running


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S)


def ask(client: socket.socket, data: bytes) -> bytes:
    client.sendall(data)
    return client.recv(4096)


def test_forward_passes_everything_on(echo: Echo) -> None:
    with FaultProxy(echo.port) as proxy, connect(proxy.port) as client:
        assert ask(client, b"hello") == b"hello"


def test_refuse_and_back_again_on_the_same_port(echo: Echo) -> None:
    with FaultProxy(echo.port, "refuse") as proxy:
        with pytest.raises(ConnectionRefusedError):
            connect(proxy.port)
        proxy.switch("forward")
        with connect(proxy.port) as client:
            assert ask(client, b"back") == b"back"
            proxy.switch("refuse")
            with pytest.raises(ConnectionRefusedError):
                connect(proxy.port)
            assert ask(client, b"open connections stay") == b"open connections stay"


def test_drop_is_silent_until_it_is_switched(echo: Echo) -> None:
    with FaultProxy(echo.port, "drop") as proxy, connect(proxy.port) as client:
        client.settimeout(0.2)
        with pytest.raises(TimeoutError):
            ask(client, b"held")
        client.settimeout(TIMEOUT_S)
        proxy.switch("forward")
        assert client.recv(16) == b"held"


def test_delay_holds_back(echo: Echo) -> None:
    with FaultProxy(echo.port, "delay", delay=0.1) as proxy, connect(proxy.port) as client:
        began = time.monotonic()
        assert ask(client, b"late") == b"late"
        assert time.monotonic() - began >= 0.2


def test_trickle_sends_single_bytes(echo: Echo) -> None:
    with FaultProxy(echo.port, "trickle") as proxy, connect(proxy.port) as client:
        assert ask(client, b"slow") == b"s"


def test_cut_ends_with_fin_and_reset_with_rst(echo: Echo) -> None:
    with FaultProxy(echo.port, "cut") as proxy:
        with connect(proxy.port) as client:
            assert ask(client, b"hello") == b""
        proxy.switch("reset")
        with pytest.raises(ConnectionResetError), connect(proxy.port) as client:
            client.recv(16)


@pytest.mark.parametrize("mode", ["cut", "reset"])
def test_an_open_connection_is_ended_by_a_switch(echo: Echo, mode: Mode) -> None:
    with FaultProxy(echo.port) as proxy, connect(proxy.port) as client:
        assert ask(client, b"hello") == b"hello"

        proxy.switch(mode)

        try:
            assert client.recv(16) == b""
            assert mode == "cut"
        except ConnectionResetError:
            assert mode == "reset"


@pytest.mark.parametrize("mode", MODES)
def test_it_closes_at_once_in_every_mode(echo: Echo, mode: Mode) -> None:
    with ExitStack() as stack:
        proxy = stack.enter_context(FaultProxy(echo.port))
        client = stack.enter_context(connect(proxy.port))
        client.sendall(b"hello")
        proxy.switch(mode)
        with ends_within(1):
            stack.close()

    with pytest.raises(ConnectionRefusedError):
        connect(proxy.port)


def test_a_full_backlog_lets_a_connection_time_out() -> None:
    with full_backlog() as port, pytest.raises(TimeoutError):
        socket.create_connection(("127.0.0.1", port), timeout=0.3)


def test_a_web_server_answers_a_postgres_client_in_http() -> None:
    with WebServer() as web, connect(web.port) as client:
        assert ask(client, b"\0\0\0\x08\x04\xd2\x16\x2f").startswith(b"HTTP/1.1 400 ")


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return make(tmp_path_factory.mktemp("tls"))


@pytest.mark.parametrize("mode", ["require", "verify-full"])
def test_the_front_gives_tls_to_a_server_without_it(lab: Lab, files: Files, mode: str) -> None:
    with TlsProxy(lab.server.port, files, require=True) as front:
        session = psycopg2.connect(
            lab.application_dsn(), port=front.port, sslmode=mode, sslrootcert=str(files.ca)
        )
        try:
            assert session.info.ssl_in_use
            with session.cursor() as cursor:
                cursor.execute("SELECT sum(n), repeat('x', 200000) FROM generate_series(1, 1000) AS n")
                row = cursor.fetchone()
                assert row is not None
                assert (row[0], len(row[1])) == (500500, 200000)
        finally:
            session.close()


def test_the_front_passes_plain_text_on_unless_tls_is_required(lab: Lab, files: Files) -> None:
    with TlsProxy(lab.server.port, files) as front:
        psycopg2.connect(lab.application_dsn(), port=front.port).close()
    refused = pytest.raises(psycopg2.OperationalError, match="no encryption")
    with TlsProxy(lab.server.port, files, require=True) as front, refused:
        psycopg2.connect(lab.application_dsn(), port=front.port)


def test_the_leaf_is_trusted_through_its_authority_alone(files: Files, lab: Lab) -> None:
    context = ssl.create_default_context(cafile=files.ca)
    assert files.key.stat().st_mode & 0o777 == 0o600

    with TlsProxy(lab.server.port, files) as front, connect(front.port) as client:
        client.sendall(b"\0\0\0\x08\x04\xd2\x16\x2f")
        assert client.recv(1) == b"S"
        with context.wrap_socket(client, server_hostname="127.0.0.1") as encrypted:
            assert encrypted.version() == "TLSv1.3"


def test_more_clients_than_it_serves_do_not_stop_it_from_closing(echo: Echo) -> None:
    clients = [connect(echo.port) for _ in range(70)]

    with ends_within(2):
        echo.__exit__(None, None, None)

    for client in clients:
        client.close()
