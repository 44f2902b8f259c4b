"""A Prometheus of this machine that scrapes an exporter, with the rules of `serve --rules`."""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import yaml

from diagnostics.lab.requirements import find_program
from tests.support.exporter import Exporter, free_port

SCRAPE_S = 5
"""Interval and timeout of scrapes: an examination of the lab takes one to two seconds."""
FOR_S = 1
START_S = 60.0
POLL_S = 0.2


@dataclass
class Prometheus:
    """A running server."""

    address: str

    def get(self, path: str, **parameters: str) -> Any:
        """Return the data of an answer of its API."""
        response = requests.get(f"{self.address}/api/v1/{path}", params=parameters, timeout=30)
        assert response.status_code == 200, response.text
        return response.json()["data"]

    def alerts(self, state: str = "") -> dict[str, dict[str, Any]]:
        """Return the alerts by name: those that fire or wait, or those in one state."""
        found = self.get("alerts")["alerts"]
        return {each["labels"]["alertname"]: each for each in found if state in {"", each["state"]}}

    def value(self, query: str) -> float | None:
        """Return the value of a query with one result, None without a result."""
        result = self.get("query", query=query)["result"]
        return float(result[0]["value"][1]) if result else None

    def scrape_errors(self) -> dict[str, str]:
        """Return the error of the last scrape of each job, "" for a good one."""
        return {each["scrapePool"]: each["lastError"] for each in self.get("targets")["activeTargets"]}


def until(condition: Callable[[], bool], seconds: float, reason: Callable[[], object]) -> None:
    """Wait until a condition is true. Raises AssertionError with the reason at the deadline."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, reason()
        time.sleep(POLL_S)


@contextmanager
def scraping(exporter: Exporter, target: str, rules: str, folder: Path) -> Iterator[Prometheus]:
    """Yield a server that scrapes a target and the exporter itself; its alerts wait for a second only."""
    (folder / "rules.yml").write_text(_without_waiting(rules), "utf-8")
    (folder / "prometheus.yml").write_text(_configuration(exporter, target), "utf-8")
    address = f"127.0.0.1:{free_port()}"
    log = folder / "prometheus.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [
                str(find_program("prometheus")), f"--web.listen-address={address}",
                f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}",
            ],
            cwd=folder, stdout=output, stderr=output,
        )  # fmt: skip
    try:
        prometheus = Prometheus(f"http://{address}")
        until(lambda: _is_ready(process, prometheus), START_S, lambda: log.read_text("utf-8"))
        yield prometheus
        process.terminate()
        assert process.wait(30) == 0, log.read_text("utf-8")
    finally:
        process.kill()
        process.wait()


def _is_ready(process: "subprocess.Popen[bytes]", prometheus: Prometheus) -> bool:
    assert process.poll() is None, "Prometheus ended"
    with suppress(requests.ConnectionError):
        return requests.get(f"{prometheus.address}/-/ready", timeout=5).ok
    return False


def _without_waiting(rules: str) -> str:
    document = yaml.safe_load(rules)
    for group in document["groups"]:
        group["interval"] = "1s"
        for rule in group["rules"]:
            rule["for"] = f"{FOR_S}s"
    return yaml.safe_dump(document)


def _configuration(exporter: Exporter, target: str) -> str:
    """Return a configuration as the exporter's page shows it."""
    exporter_address = exporter.address.removeprefix("http://")
    relabel = [
        {"source_labels": ["__address__"], "target_label": "__param_target"},
        {"source_labels": ["__param_target"], "target_label": "instance"},
        {"target_label": "__address__", "replacement": exporter_address},
    ]
    targets = {
        "job_name": "clearpay",
        "metrics_path": "/probe",
        "static_configs": [{"targets": [target]}],
        "relabel_configs": relabel,
    }
    own = {"job_name": "clearpay-exporter", "static_configs": [{"targets": [exporter_address]}]}
    times = {"scrape_interval": f"{SCRAPE_S}s", "scrape_timeout": f"{SCRAPE_S}s"}
    return yaml.safe_dump({"global": times, "rule_files": ["rules.yml"], "scrape_configs": [targets, own]})
