"""The exporter as a scraper uses it, with real processes and servers on loopback."""

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import bcrypt
import pytest
import requests
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from diagnostics.lab.certificates.authority import make
from tests.support.exporter import Exporter, Samples, serving, silent_servers
from tests.support.requirements import needs_promtool

PASSWORD = "canary-5f2d-of-the-target"
PREFIX = "clearpay_doctor_"
pytestmark = pytest.mark.slow


@contextmanager
def counting_server() -> Iterator[tuple[int, list[float]]]:
    """Yield the port of a server that closes each connection, and the times of the connections."""
    times: list[float] = []
    server = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            times.append(time.monotonic())
            connection.close()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1], times
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()


@pytest.fixture(scope="module")
def ports() -> Iterator[tuple[int, int, list[float]]]:
    """Yield the port of a silent server, and of one that counts, with its connections."""
    with silent_servers(1) as (silent,), counting_server() as (counting, times):
        yield silent, counting, times


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory, ports: tuple[int, int, list[float]]) -> Path:
    path = tmp_path_factory.mktemp("exporter") / "clearpay-doctor.toml"
    path.write_text(
        f"""
[target.down]
database = "postgresql://app:{PASSWORD}@127.0.0.1:1/db?sslmode=disable"
site_url = "https://docs.test/doctor"

[target.hung]
database = "postgresql://app:{PASSWORD}@127.0.0.1:{ports[0]}/db?sslmode=disable"

[target.counted]
database = "postgresql://app:{PASSWORD}@127.0.0.1:{ports[1]}/db?sslmode=disable"

[module.reachable]
probes = ["connect"]
""",
        "utf-8",
    )
    path.chmod(0o600)
    return path


@pytest.fixture(scope="module")
def exporter(config: Path) -> Iterator[Exporter]:
    with serving(config, "--interval", "3s") as running:
        yield running


def test_a_finding_has_its_entry_and_the_address_of_its_page(exporter: Exporter) -> None:
    samples = exporter.scrape("down")

    assert samples.value(f"{PREFIX}examined") == 1
    assert samples.value(f"{PREFIX}success") == 0
    assert samples.value(f"{PREFIX}probe_outcome", probe="connect", outcome="fail") == 1
    assert samples.value(f"{PREFIX}probe_outcome", probe="login", outcome="blocked") == 1
    found = [labels for name, labels, _ in samples.all if name == f"{PREFIX}finding"]
    assert [one["finding"] for one in found] == ["connect.refused"]
    assert found[0]["url"] == f"https://docs.test/doctor/errors/{found[0]['entry']}/"
    assert samples.values(f"{PREFIX}diagnosis", entry=found[0]["entry"], verdict="confirmed") == [1]
    assert samples.values(f"{PREFIX}step_duration_seconds", probe="connect")


def test_a_module_has_the_samples_of_its_probes_alone(exporter: Exporter) -> None:
    exporter.scrape("down")
    samples = exporter.scrape("down", "reachable")

    assert {labels["probe"] for _, labels, _ in samples.all if "probe" in labels} == {"connect"}


def test_a_hung_target_is_answered_within_the_timeout_and_holds_no_other_up(exporter: Exporter) -> None:
    with ThreadPoolExecutor(1) as pool:
        began = time.monotonic()
        hung = pool.submit(exporter.scrape, "hung", seconds=8.0)
        time.sleep(0.5)
        other_began = time.monotonic()
        exporter.scrape("down")
        other = time.monotonic() - other_began
        samples = hung.result()
        took = time.monotonic() - began

    assert took < 8.0
    assert other < took
    assert samples.value(f"{PREFIX}success") == 0


def test_scrapes_at_the_same_time_share_one_examination_and_later_ones_its_result(
    exporter: Exporter, ports: tuple[int, int, list[float]]
) -> None:
    times = ports[2]
    exporter.scrape("counted", "reachable")
    time.sleep(3.2)
    times.clear()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: exporter.scrape("counted", "reachable"), range(8)))
    together = len(times)
    exporter.scrape("counted", "reachable")

    assert together == len(times)
    before = exporter.own().value(f"{PREFIX}exporter_examinations_total")
    time.sleep(3.2)
    exporter.scrape("counted", "reachable")
    assert exporter.own().value(f"{PREFIX}exporter_examinations_total") == before + 1
    assert len(times) == 2 * together


def test_only_targets_and_modules_of_the_file_are_examined(exporter: Exporter) -> None:
    address = f"postgresql://app:{PASSWORD}@127.0.0.1:1/db"
    answers = {
        "unknown target": exporter.get("/probe", params={"target": address}),
        "unknown module": exporter.get("/probe", params={"target": "down", "module": PASSWORD}),
        "no target": exporter.get("/probe"),
        "two targets": exporter.get("/probe?target=down&target=hung"),
    }

    assert [answer.status_code for answer in answers.values()] == [404, 404, 400, 400]
    assert not [name for name, answer in answers.items() if PASSWORD in answer.text]


def test_no_answer_has_a_secret(exporter: Exporter) -> None:
    exporter.scrape("down")
    texts = [exporter.get(path).text for path in ("/", "/metrics", "/probe?target=down", "/-/ready")]

    assert not [text for text in texts if PASSWORD in text]
    assert PASSWORD not in "".join(exporter.lines)


def test_the_page_lists_targets_with_their_last_result(exporter: Exporter) -> None:
    exporter.scrape("down")
    response = exporter.get("/")

    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert "connect.refused" in response.text
    assert 'href="https://docs.test/doctor/errors/' in response.text
    assert 'href="probe?target=hung&amp;module=reachable"' in response.text


@needs_promtool
@pytest.mark.parametrize("path", ["/probe?target=down", "/metrics"])
def test_promtool_finds_no_problem(exporter: Exporter, path: str) -> None:
    done = subprocess.run(
        ["promtool", "check", "metrics"],
        input=exporter.get(path).text, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("path", ["/probe?target=down", "/metrics"])
def test_openmetrics_is_served_to_those_that_ask(exporter: Exporter, path: str) -> None:
    response = exporter.get(path, headers={"Accept": "application/openmetrics-text; version=1.0.0"})

    assert response.headers["content-type"].startswith("application/openmetrics-text")
    families = text_string_to_metric_families(response.text)  # type: ignore[no-untyped-call]
    assert list(families)


def test_children_are_few_and_one_that_is_killed_is_replaced(exporter: Exporter) -> None:
    own = exporter.own()
    assert own.value(f"{PREFIX}exporter_child_processes") <= 4
    listed = subprocess.run(
        ["pgrep", "-P", str(exporter.process.pid)], capture_output=True, text=True, check=True, timeout=10
    )
    children = [int(line) for line in listed.stdout.split()]
    assert 1 <= len(children) <= 4
    for child in children:
        os.kill(child, signal.SIGKILL)
    until = time.monotonic() + 120
    while not (
        exporter.own().value(f"{PREFIX}exporter_child_restarts_total") >= len(children)
        and exporter.scrape("down").value(f"{PREFIX}examined")
    ):
        assert time.monotonic() < until
        time.sleep(1.0)


def test_other_methods_are_refused(exporter: Exporter) -> None:
    assert requests.post(f"{exporter.address}/probe", timeout=30).status_code == 405
    assert exporter.get("/-/reload").status_code == 405
    assert exporter.get("/nothing").status_code == 404


def test_reload_reads_the_file_again_and_keeps_the_old_one_where_the_new_has_problems(tmp_path: Path) -> None:
    path = tmp_path / "clearpay-doctor.toml"
    table = '[target.{name}]\ndatabase = "postgresql://app@127.0.0.1:1/db"\n'
    path.write_text(table.format(name="one"), "utf-8")
    with serving(path) as exporter:
        path.write_text("[target.two]\ndatabase = 5\n", "utf-8")
        broken = requests.post(f"{exporter.address}/-/reload", timeout=60)
        kept = exporter.get("/probe?target=one").status_code
        path.write_text(table.format(name="two"), "utf-8")
        good = requests.post(f"{exporter.address}/-/reload", timeout=60)
        until = time.monotonic() + 60
        while not exporter.scrape("two").value(f"{PREFIX}examined") and time.monotonic() < until:
            time.sleep(0.5)
        samples = exporter.scrape("two")
        gone = exporter.get("/probe?target=one").status_code

    assert (broken.status_code, kept, good.status_code, gone) == (500, 200, 200, 404)
    assert samples.values(f"{PREFIX}finding", target="two", finding="connect.refused") == [1]


def test_users_are_asked_for_their_password(tmp_path: Path, config: Path) -> None:
    web = tmp_path / "web.yml"
    digest = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    web.write_text(f"basic_auth_users:\n  prometheus: {digest}\n", "utf-8")
    with serving(config, "--web-config", str(web)) as exporter:
        statuses = [
            exporter.get("/metrics").status_code,
            exporter.get("/", auth=("prometheus", "wrong")).status_code,
            exporter.get("/", auth=("other", PASSWORD)).status_code,
            exporter.get("/metrics", auth=("prometheus", PASSWORD)).status_code,
            exporter.get("/metrics", auth=("prometheus", PASSWORD)).status_code,
            exporter.get("/-/healthy").status_code,
        ]

    assert statuses == [401, 401, 401, 200, 200, 200]


def test_the_answer_is_by_tls_with_a_certificate(tmp_path: Path, config: Path) -> None:
    files = make(tmp_path / "pki")
    web = tmp_path / "web.yml"
    certificate = f"  cert_file: {files.certificate}\n  key_file: {files.key}\n"
    web.write_text(f"tls_server_config:\n{certificate}", "utf-8")
    with serving(config, "--web-config", str(web), authority=files.ca) as exporter:
        assert exporter.address.startswith("https://")
        response = exporter.get("/metrics", verify=str(files.ca))

    assert Samples(response.text).value(f"{PREFIX}exporter_targets") == 3
