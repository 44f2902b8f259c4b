"""Let probes talk to hostile servers of PostgreSQL, HTTP and TLS, and report what did not end well.

Usage: python -m tests.tools.fuzz_conversations [--seconds N] [--count N] [--seed S] [--threads N]

A conversation is one run of several probes against one server; its number and the seed reproduce it. Reported
are runs beyond their deadline plus one second (again when repeated alone, because the machine may be busy),
probes that ended as `error` ("bug in the probe"), and exceptions of any thread.
"""

import argparse
import faulthandler
import random
import resource
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from diagnostics.cli.output import PLAIN
from diagnostics.report.formats import FORMATS
from diagnostics.report.model import Report
from diagnostics.run.examination import Examination, examine
from diagnostics.run.selection import tasks
from diagnostics.targets.settings import Secrets, Service, TargetSettings, Thresholds, Webhook
from diagnostics.targets.target import Target, endpoint
from tests.support.hostile_conversations import KINDS, HostileServer
from tests.support.proof import CATALOGUE

DEADLINE_S = 1.5
MARGIN_S = 1.0
WEIGHTS = {"postgres": 5, "http": 3, "tls": 1, "postgres_tls": 1}
QUICK = Thresholds(
    api_timeout_s=0.3, connect_timeout_s=0.3, webhook_slow_s=0.3, loop_idle_s=0.1, loop_burst_s=0.2,
    pool_window_s=0.2, statement_window_s=0.2, kill_window_s=0.2, deadlock_window_s=0.2, batch_window_s=0.2,
)  # fmt: skip
SETTINGS = TargetSettings(
    production=False,
    thresholds=QUICK,
    secrets=Secrets(database="pw-0123456789", api_key="cp_test_0123456789abcdef", token="opaque-token-0123"),
)
WEB = ("reach", "clock", "key", "token", "scopes", "quota", "webhook", "loop", "latency")


@dataclass(slots=True)
class Outcome:
    """Figures of all conversations."""

    runs: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    late: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    slowest_s: float = 0.0

    @property
    def clean(self) -> bool:
        """True if everything ended well."""
        return not self.late and not self.broken

    def text(self) -> str:
        """Return the figures."""
        lines = [
            f"conversations: {sum(self.runs.values())} {dict(self.runs)}",
            f"outcomes of probes: {dict(self.outcomes)}",
            f"slowest: {self.slowest_s:.2f} s with a deadline of {DEADLINE_S} s",
            f"past the deadline plus {MARGIN_S:g} s: {len(self.late)}",
            f"'probe itself broke', exceptions: {len(self.broken)}",
            f"peak memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MB",
        ]
        return "\n".join([*lines, *self.late, *self.broken])


class Fuzzer:
    """Runs conversations and collects what went wrong."""

    def __init__(self, seed: int, folder: Path) -> None:
        self._seed, self._folder = seed, folder
        self._lock = threading.Lock()
        self._late: list[int] = []
        self.outcome = Outcome()

    def converse(self, number: int) -> None:
        """Run one conversation."""
        kind, seconds, problems, report = self._run(number)
        with self._lock:
            self.outcome.runs[kind] += 1
            self.outcome.slowest_s = max(self.outcome.slowest_s, seconds)
            if seconds > DEADLINE_S + MARGIN_S:
                self._late.append(number)
            self.outcome.broken += [f"{number} {kind}: {problem}" for problem in problems]
            self.outcome.outcomes.update(result.outcome for result in report.results if report)

    def repeat_late(self) -> None:
        """Run the late conversations again, one at a time, and report those that are late again."""
        for number in self._late:
            kind, seconds, _, _ = self._run(number)
            if seconds > DEADLINE_S + MARGIN_S:
                self.outcome.late.append(f"{number} {kind}: {seconds:.1f} s")

    def _run(self, number: int) -> tuple[str, float, list[str], Report]:
        rng = random.Random(f"{self._seed} {number}")  # noqa: S311  seeded on purpose
        kind = rng.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        with HostileServer(kind, rng.randrange(1 << 40), self._folder) as server:
            target = _target(kind, server.port, rng, number)
            planned = tasks([target], _probes(kind, rng), CATALOGUE, active=True, forced=False)
            examination = Examination(
                catalogue=CATALOGUE,
                targets=(target,),
                tasks=tuple(planned),
                active=True,
                deadline_s=DEADLINE_S,
            )
            began = time.monotonic()
            report = examine(examination)
            seconds = time.monotonic() - began
            FORMATS[rng.choice(list(FORMATS))](report, PLAIN)
        errors = [
            f"{result.key.probe}: {result.reason}" for result in report.results if result.outcome == "error"
        ]
        return kind, seconds, errors, report


def _target(kind: str, port: int, rng: random.Random, number: int) -> Target:
    address = f"127.0.0.1:{port}"
    if kind.startswith("postgres"):
        mode = rng.choice(
            ("disable", "prefer", "require", "allow") if kind == "postgres" else ("require", "prefer")
        )
        url = f"postgresql://app{number}@{address}/db?sslmode={mode}"
        return Target("db", (endpoint(url),), replace(SETTINGS, database=url))
    if kind == "tls":
        return Target("tls", (endpoint(f"https://{address}/v1"),), SETTINGS)
    base = f"http://{address}"
    settings = replace(
        SETTINGS,
        api=f"{base}/v1",
        webhook=Webhook(url=f"{base}/hook", secret="whsec_0123456789abcdef"),
        service=Service(health=f"{base}/health", work=f"{base}/work"),
    )
    points = (
        endpoint(f"{base}/v1"),
        replace(endpoint(f"{base}/hook"), kind="webhook"),
        replace(endpoint(f"{base}/health"), kind="service"),
    )
    return Target("api", points, settings)


def _probes(kind: str, rng: random.Random) -> Sequence[str]:
    database = [name for name, probe in CATALOGUE.probes.items() if probe.LAYER == "database"]
    match kind:
        case "postgres":
            return [
                "connect",
                "login",
                *rng.sample([name for name in database if name not in {"connect", "login"}], 3),
            ]
        case "http":
            known = [name for name in WEB if name in CATALOGUE.probes]
            return ["reach", *rng.sample([name for name in known if name != "reach"], 4)]
        case "tls":
            return ["tls", "reach", "clock"]
        case _:
            return ["tls", "connect", "login"]


def fuzz(seed: int, *, count: int, seconds: float, threads: int) -> Outcome:
    """Run conversations until their number or the time is reached, and return the figures."""
    with tempfile.TemporaryDirectory() as folder:
        fuzzer = Fuzzer(seed, Path(folder))
        problems: list[str] = []
        threading.excepthook = lambda about: problems.append(
            f"thread: {about.exc_type.__name__}: {about.exc_value}"
        )
        until = time.monotonic() + seconds
        numbers = iter(range(count))

        def work() -> None:
            for number in numbers:
                if time.monotonic() > until:
                    return
                try:
                    fuzzer.converse(number)
                except Exception as error:  # noqa: BLE001  every exception is a defect to report
                    problems.append(f"run {number}: {type(error).__name__}: {error}")

        try:
            with ThreadPoolExecutor(threads) as pool:
                for _ in range(threads):
                    pool.submit(work)
            fuzzer.repeat_late()
        finally:
            threading.excepthook = threading.__excepthook__
        fuzzer.outcome.broken += problems
        return fuzzer.outcome


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; return 1 if anything did not end well."""
    faulthandler.enable()
    parser = argparse.ArgumentParser(prog="python -m tests.tools.fuzz_conversations")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=4)
    options = parser.parse_args(arguments)
    outcome = fuzz(options.seed, count=options.count, seconds=options.seconds, threads=options.threads)
    print(outcome.text())
    return 0 if outcome.clean else 1


assert set(WEIGHTS) == set(KINDS)

if __name__ == "__main__":
    sys.exit(main())
