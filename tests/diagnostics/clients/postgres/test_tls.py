"""TLS as libpq uses it; a certificate that libpq would refuse is reported as such."""

import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from diagnostics.lab.certificates import authority
from diagnostics.lab.certificates.authority import Files
from diagnostics.lab.servers.tls_proxy import TlsProxy
from tests.diagnostics.clients.postgres.foreign_servers import (
    READY,
    FakeServer,
    answers,
    attempt_startup,
    auth_request,
    error,
    fake_server,
    sends_first,
    startup,
)

VERIFIES = ("verify-ca", "verify-full")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return authority.make(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def front(files: Files) -> Iterator[int]:
    """Yield a port that offers TLS and accepts every role."""
    with FakeServer(answers(READY)) as server, TlsProxy(server.port, files) as running:
        yield running.port


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set a home folder without certificates."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("mode", ["prefer", "require", *VERIFIES])
def test_tls_is_taken_where_it_is_offered(front: int, files: Files, mode: str) -> None:
    result = attempt_startup(front, f"sslmode={mode}&sslrootcert={files.ca}")

    assert (result.problem, result.tls) == ("", "TLSv1.3")


def test_disable_and_allow_stay_plain_where_plain_is_welcome(front: int) -> None:
    assert [attempt_startup(front, f"sslmode={mode}").tls for mode in ("disable", "allow")] == ["", ""]


@pytest.mark.parametrize("mode", VERIFIES)
def test_an_unknown_authority_is_a_problem_of_the_certificate(front: int, tmp_path: Path, mode: str) -> None:
    other = authority.make(tmp_path)

    result = attempt_startup(front, f"sslmode={mode}&sslrootcert={other.ca}")

    assert result.problem == "certificate"
    assert "verify code" in result.detail


def test_only_verify_full_holds_the_name_against_the_certificate(front: int, files: Files) -> None:
    problems = [
        attempt_startup(front, f"sslmode={mode}&sslrootcert={files.ca}", name="elsewhere.example").problem
        for mode in VERIFIES
    ]

    assert problems == ["", "certificate"]


def test_a_missing_root_certificate_is_named(front: int) -> None:
    result = attempt_startup(front, "sslmode=verify-full&sslrootcert=/nowhere/ca.pem")

    assert result.problem == "certificate"
    assert "/nowhere/ca.pem: No such file" in result.detail


def test_require_verifies_once_a_root_certificate_lies_in_the_home(front: int, home: Path) -> None:
    other = authority.make(home)
    (home / ".postgresql").mkdir()
    other.ca.rename(home / ".postgresql" / "root.crt")

    assert attempt_startup(front, "sslmode=require").problem == "certificate"
    assert attempt_startup(front, "sslmode=prefer").problem == ""


def test_a_client_key_with_a_passphrase_never_asks_the_terminal(
    front: int, files: Files, tmp_path: Path
) -> None:
    locked = tmp_path / "locked.key"
    command = [
        "openssl",
        "pkcs8",
        "-topk8",
        "-in",
        str(files.key),
        "-out",
        str(locked),
        "-passout",
        "pass:hunter2",
    ]
    subprocess.run(command, check=True, capture_output=True)
    query = f"sslmode=require&sslcert={files.certificate}&sslkey={locked}"

    assert attempt_startup(front, query).problem == "certificate"
    assert attempt_startup(front, f"{query}&sslpassword=hunter2").problem == ""


def test_a_handshake_that_fails_is_no_certificate() -> None:
    def bad_tls(client: socket.socket) -> None:
        client.recv(8)
        client.sendall(b"S")
        client.recv(9999)
        client.sendall(b"no TLS")

    with fake_server(bad_tls) as port:
        result = attempt_startup(port, "sslmode=require")

    assert result.problem == "tls_failed"


def test_with_prefer_a_rule_against_tls_leads_to_a_plain_attempt(files: Files) -> None:
    with FakeServer(answers(error("28000", "no entry"))) as server, TlsProxy(server.port, files) as front:
        result = attempt_startup(front.port, "sslmode=prefer")

    assert result.problem == "server_error"
    assert server.connections == 2


def test_a_server_that_sends_first_is_not_taken_for_tls() -> None:
    with FakeServer(sends_first(b"SSH-2.0-OpenSSH_9.2\r\n")) as server:
        assert attempt_startup(server.port, "sslmode=require").detail == "SSH"


def test_close_notify_is_sent_over_tls(files: Files) -> None:
    ends: list[bytes | Exception] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)

    def listen(client: socket.socket) -> None:
        client.recv(8)
        client.sendall(b"S")
        with context.wrap_socket(client, server_side=True, suppress_ragged_eofs=False) as encrypted:
            startup(encrypted)
            encrypted.sendall(auth_request(10, b"SCRAM-SHA-256\0\0"))
            try:
                ends.append(encrypted.recv(100))
            except OSError as error:
                ends.append(error)

    with fake_server(listen) as port:
        attempt_startup(port, "sslmode=require")

    assert ends == [b""]
