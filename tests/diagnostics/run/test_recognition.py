"""PostgreSQL behind host:port: recognised by its answer, examined as a database, and nothing else is."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from diagnostics import check
from diagnostics.lab.api.server import ApiServer
from diagnostics.lab.certificates import authority
from diagnostics.lab.lab import Lab
from diagnostics.lab.servers.https_proxy import HttpsProxy
from diagnostics.lab.servers.listener import Listener
from diagnostics.lab.servers.tls_proxy import TlsProxy
from diagnostics.run.recognition import as_database
from diagnostics.targets import target_file
from diagnostics.targets.target import Target
from tests.diagnostics.cli.test_main import run
from tests.diagnostics.clients.postgres.foreign_servers import answers, error, fake_server
from tests.diagnostics.probes.api_doubles import playing
from tests.support.deadlines import ends_within


def kind(address: str) -> str:
    return as_database(bare(address)).endpoints[0].kind


def bare(address: str) -> Target:
    return target_file.target_named(address, target_file.Config())


@pytest.mark.lab
def test_the_lab_is_examined_as_a_database_and_its_log_stays_quiet(lab: Lab) -> None:
    address = f"127.0.0.1:{lab.server.port}"
    before = lab.server.log.read_text("utf-8")

    found = as_database(bare(address))

    assert (found.endpoints[0].kind, found.bare) == ("postgresql", True)
    assert lab.server.log.read_text("utf-8") == before


@pytest.mark.lab
def test_the_command_says_so_and_names_role_and_database(lab: Lab) -> None:
    address = f"127.0.0.1:{lab.server.port}"

    words = ("check", "connect", "--target", address)
    done = run(*words, "--format", "json", PGUSER="app_user", PGDATABASE="tx")
    planned = run(*words, "--plan")

    report = json.loads(done.stdout)
    assert [(result["probe"], result["outcome"]) for result in report["results"]] == [("connect", "pass")]
    assert report["targets"] == [f"postgresql://{address}"]
    assert done.stderr == (
        f"clearpay-doctor: {address} is PostgreSQL, examined as role app_user in database tx; "
        f"name others: --target postgresql://ROLE@{address}/DATABASE\n"
    )
    assert planned.stderr == ""
    assert check(address, "connect").results[0].outcome == "pass"


@pytest.mark.lab
def test_a_database_behind_tls_is_recognised(lab: Lab, tmp_path: Path) -> None:
    with TlsProxy(lab.server.port, authority.make(tmp_path)) as proxy:
        assert kind(f"localhost:{proxy.port}") == "postgresql"


def test_a_server_that_refuses_is_recognised_by_its_error() -> None:
    with fake_server(answers(error("53300", "too many clients"))) as port:
        assert kind(f"127.0.0.1:{port}") == "postgresql"


@contextmanager
def silent() -> Iterator[int]:
    class Silent(Listener):
        def handle(self, client: socket.socket) -> None:
            """Answer nothing until the client has gone."""
            while client.recv(100):
                continue

    with Silent() as server:
        yield server.port


def test_other_servers_are_left_to_the_probe_of_tls(tmp_path: Path) -> None:
    files = authority.make(tmp_path)
    with ApiServer() as api, HttpsProxy(api.port, files) as https, playing() as web, silent() as hung:
        ports = [https.port, web.server_address[1], hung, 9]
        with ends_within(8):
            assert [kind(f"localhost:{port}") for port in ports] == ["tls"] * len(ports)
            assert kind("clearpay-db.invalid:5432") == "tls"
            assert kind("localhost:443") == "tls"


def test_a_server_of_tls_is_examined_as_before(tmp_path: Path) -> None:
    files = authority.make(tmp_path)
    with ApiServer() as api, HttpsProxy(api.port, files) as https:
        address = f"localhost:{https.port}"
        done = run(
            "check", "tls", "--target", address, "--set", f"tls.ca_file={files.ca}", "--format", "json"
        )

    assert (done.returncode, done.stderr) == (0, "")
    assert [result["outcome"] for result in json.loads(done.stdout)["results"]] == ["pass"]
