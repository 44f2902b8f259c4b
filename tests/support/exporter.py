"""`clearpay-doctor serve` as a process of its own, and servers that accept connections and stay silent."""

import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import requests
from prometheus_client.parser import text_string_to_metric_families

ROOT = Path(__file__).parents[2]
START_S = 120.0
TIMEOUT_HEADER = "X-Prometheus-Scrape-Timeout-Seconds"
SERVING = re.compile(r"serving at (https?://\S+)/")


@dataclass
class Exporter:
    """A running exporter."""

    address: str
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    """Lines of its stderr."""

    def get(self, path: str, **options: object) -> requests.Response:
        """Return the answer to a request."""
        return requests.get(f"{self.address}{path}", timeout=60, **options)  # type: ignore[arg-type]

    def scrape(self, target: str, module: str = "", *, seconds: float = 30.0) -> "Samples":
        """Return the samples of a scrape."""
        query = {"target": target} | ({"module": module} if module else {})
        response = self.get("/probe", params=query, headers={TIMEOUT_HEADER: str(seconds)})
        assert response.status_code == 200, response.text
        return Samples(response.text)

    def own(self) -> "Samples":
        """Return the samples of the exporter itself."""
        return Samples(self.get("/metrics").text)


class Samples:
    """Samples of an exposition."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.all = [
            (sample.name, dict(sample.labels), sample.value)
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        ]

    def values(self, name: str, **labels: str) -> list[float]:
        """Return the values of a metric with these labels."""
        return [
            value for sample, found, value in self.all if sample == name and labels.items() <= found.items()
        ]

    def value(self, name: str, **labels: str) -> float:
        """Return the only value of a metric with these labels."""
        (value,) = self.values(name, **labels)
        return value


def free_port() -> int:
    """Return a port of the loopback interface that was free."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def serving(config: Path, *options: str, authority: Path | None = None) -> Iterator[Exporter]:
    """Yield an exporter that is ready, and end it by SIGTERM: its exit code is 0.

    `authority` is the file of certificates that its certificate is checked with, if it has one.
    """
    command = [
        sys.executable, "-m", "diagnostics.cli", "serve",
        "--config", str(config), "--listen", f"127.0.0.1:{free_port()}", *options,
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    exporter = Exporter("", process)
    reader = threading.Thread(target=_read, args=(process, exporter.lines), daemon=True)
    reader.start()
    try:
        _await_ready(exporter, str(authority) if authority else True)
        yield exporter
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0, exporter.lines
    finally:
        process.kill()
        process.wait()
        reader.join()
        if process.stderr:
            process.stderr.close()


def _read(process: subprocess.Popen[str], lines: list[str]) -> None:
    for line in process.stderr or ():
        lines.append(line)  # noqa: PERF402  each line is seen at once


def _await_ready(exporter: Exporter, verify: str | bool) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        assert exporter.process.poll() is None, exporter.lines
        found = SERVING.search("".join(exporter.lines))
        if found:
            exporter.address = found[1]
            with suppress(requests.RequestException):
                if requests.get(f"{found[1]}/-/ready", timeout=5, verify=verify).ok:
                    return
        time.sleep(0.1)
    raise AssertionError(f"not ready in {START_S:g} s: {exporter.lines}")


@contextmanager
def silent_servers(number: int) -> Iterator[list[int]]:
    """Yield ports of servers that accept connections and never answer."""
    with ExitStack() as stack:
        servers = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(number)]
        yield [int(server.getsockname()[1]) for server in servers]
