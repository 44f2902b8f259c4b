"""Generate an hour of logs of five services with three incidents and a false trail.

Usage: python -m tests.tools.incident_logs FOLDER SEED

Kinds and times of the incidents are drawn by the seed.
`FOLDER.truth.json` has them; a reader of `clearpay-doctor scan FOLDER` should come to the same without it.
"""

import gzip
import json
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

START: Final = datetime(2026, 11, 29, 12, tzinfo=UTC)
SERVICES: Final = ("gateway", "payments", "worker", "webhooks", "postgres")
MINUTES: Final = 60


@dataclass(frozen=True, slots=True)
class Symptom:
    """Error lines of one service within an incident."""

    service: str
    lines: tuple[str, ...]
    """First line and continuation; `{n}` is a number that varies."""
    entry: str = ""
    """Entry that knows them; empty if none should."""
    delay_s: float = 0.0
    """Seconds after the beginning of the incident."""
    every_s: float = 4.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """Incident: the symptom that comes first, and what follows from it."""

    root: str
    symptoms: tuple[Symptom, ...]
    minutes: float = 5.0


@dataclass(slots=True)
class Hour:
    """Lines of each service with their times, and the truth about the incidents."""

    random: random.Random
    lines: dict[str, list[tuple[datetime, str, tuple[str, ...]]]] = field(default_factory=dict)
    truth: list[dict[str, Any]] = field(default_factory=list)

    def add(self, service: str, time: datetime, level: str, *lines: str) -> None:
        """Add a record of a service."""
        number = str(self.random.randint(10_000, 99_999))
        self.lines.setdefault(service, []).append(
            (time, level, tuple(line.replace("{n}", number) for line in lines))
        )


UPSTREAM: Final = Symptom(
    "gateway", ("upstream answered 500 for POST /v1/payments request {n}",), delay_s=2, every_s=3
)
SCENARIOS: Final = (
    Scenario(
        "db-password-rejected",
        (
            Symptom("postgres", ('FATAL:  password authentication failed for user "app_user"',
                'DETAIL:  Connection matched file "/etc/postgresql/16/main/pg_hba.conf" line 12'),
                "db-password-rejected", every_s=2),
            Symptom("payments", ("payment {n} failed", "Traceback (most recent call last):",
                '  File "/app/db.py", line 41, in connect', "    return psycopg2.connect(**settings)",
                ('psycopg2.OperationalError: connection to server at "10.0.4.7", port 5432 failed: '
                'FATAL:  password authentication failed for user "app_user"')),
                "db-password-rejected", 0.4),
            UPSTREAM,
        ),
    ),
    Scenario(
        "db-deadlock",
        (
            Symptom("postgres", ("ERROR:  deadlock detected",
                "DETAIL:  Process {n} waits for ShareLock on transaction 99; blocked by process 1211."),
                "db-deadlock", every_s=5),
            Symptom("payments", ("could not book payment {n}", "Traceback (most recent call last):",
                '  File "/app/payments/book.py", line 88, in book', "    cursor.execute(UPDATE)",
                "psycopg2.errors.DeadlockDetected: deadlock detected"), "db-deadlock", 0.2, 5),
            UPSTREAM,
        ),
        3.5,
    ),
    Scenario(
        "db-server-full",
        (
            Symptom("postgres", ("FATAL:  sorry, too many clients already",), "db-server-full", every_s=1),
            Symptom("worker", (('job {n} failed: connection to server at "10.0.4.7", port 5432 failed: '
                "FATAL:  sorry, too many clients already"),), "db-server-full", 0.7, 3),
            Symptom("payments", (("QueuePool limit of size 5 overflow 10 reached, connection timed out, "
                "timeout 30.00 (Background on this error at: https://sqlalche.me/e/20/3o7r)"),),
                "db-pool-exhausted", 35, 6),
            UPSTREAM,
        ),
        6,
    ),
    Scenario(
        "tls-certificate",
        (
            Symptom("webhooks", ("delivery {n} failed: certificate has expired",), "tls-certificate", 0.3, 6),
            Symptom("payments", (("requests.exceptions.SSLError: HTTPSConnectionPool(host='api.example', "
                "port=443): Max retries exceeded with url: /v1/charges (Caused by SSLError("
                "SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
                "certificate has expired (_ssl.c:1006)')))"),), "tls-certificate", 0.0),
            UPSTREAM,
        ),
    ),
    Scenario(
        "api-rate-limit",
        (
            Symptom("payments", (("clearpay.rate_limiter.RateLimitExceededError: rate limit exceeded, "
                "request {n}"),), "api-rate-limit", every_s=1.5),
            Symptom("worker", (("settlement {n} postponed: 429 Client Error: Too Many Requests for url: "
                "https://api.clearpay.example/v1/settlements"),), "api-rate-limit", 3),
        ),
        4,
    ),
    Scenario(
        "db-read-only",
        (
            Symptom("postgres", ("ERROR:  cannot execute INSERT in a read-only transaction",
                "STATEMENT:  INSERT INTO payments VALUES ($1)"), "db-read-only", every_s=2),
            Symptom("worker", ("job book-{n} failed: cannot execute INSERT in a read-only transaction",),
                "db-read-only", 1),
            UPSTREAM,
        ),
    ),
)  # fmt: skip
FALSE_TRAILS: Final = (
    Symptom("gateway", ("redis: connection refused, cache is off (10.0.9.{n})",), every_s=40),
    Symptom("worker", ("thumbnail {n} failed: unsupported image format",), every_s=25),
    Symptom("webhooks", ("merchant endpoint answered 410 for delivery {n}",), every_s=30),
)
"""Errors that are there all the time and explain nothing."""


def generate(seed: int) -> Hour:
    """Return an hour of logs: traffic, a false trail, and three incidents."""
    hour = Hour(random.Random(seed))  # noqa: S311  not for secrets
    for service, traffic in TRAFFIC.items():
        for second in range(MINUTES * 60):
            for _ in range(hour.random.randint(1, 4)):
                time = START + timedelta(seconds=second + hour.random.random())
                hour.add(service, time, "info", traffic(hour.random))
    trail = hour.random.choice(FALSE_TRAILS)
    _repeat(hour, trail, START, MINUTES * 60)
    before = START + timedelta(minutes=hour.random.uniform(4, 7))
    hour.add("payments", before, "debug", "help page 40P01: deadlock detected (see the manual)")
    minutes = [hour.random.uniform(low, low + 5) for low in (10, 27, 44)]
    for minute, scenario in zip(minutes, hour.random.sample(SCENARIOS, 3), strict=True):
        _incident(hour, scenario, START + timedelta(minutes=minute))
    return hour


def _incident(hour: Hour, scenario: Scenario, start: datetime) -> None:
    for symptom in scenario.symptoms:
        begin = start + timedelta(seconds=symptom.delay_s)
        _repeat(hour, symptom, begin, scenario.minutes * 60 - symptom.delay_s)
    first = min(scenario.symptoms, key=lambda symptom: symptom.delay_s)
    followed = sorted({symptom.entry for symptom in scenario.symptoms if symptom.entry} - {scenario.root})
    hour.truth.append(
        {
            "root": scenario.root,
            "start": start.isoformat(timespec="milliseconds"),
            "service": first.service,
            "followed_by": followed,
        }
    )


def _repeat(hour: Hour, symptom: Symptom, begin: datetime, seconds: float) -> None:
    """Add a symptom at once and then again and again for so many seconds."""
    passed = 0.0
    while passed < seconds:
        hour.add(symptom.service, begin + timedelta(seconds=passed), "error", *symptom.lines)
        passed += symptom.every_s * hour.random.uniform(0.6, 1.4)


TRAFFIC: Final[dict[str, Callable[[random.Random], str]]] = {
    "gateway": lambda r: f"POST /v1/payments 200 in {r.randint(3, 300)} ms request {r.getrandbits(64):016x}",
    "payments": lambda r: f"payment {r.randint(1, 99999)} booked, {r.randint(100, 99999)} cents, errors=0",
    "worker": lambda r: f"job settle-{r.randint(1, 99999)} done in {r.randint(1, 900)} ms",
    "webhooks": lambda r: f"delivered {r.getrandbits(48):012x} to merchant {r.randint(1, 300)}",
    "postgres": lambda r: f"LOG:  checkpoint complete: wrote {r.randint(1, 999)} buffers; errors: none",
}


def write(hour: Hour, folder: Path) -> None:
    """Write the logs of each service in a form of its own, one of them rotated."""
    folder.mkdir(parents=True, exist_ok=True)
    for service, records in hour.lines.items():
        lines = [line for record in sorted(records) for line in _FORMS[service](*record)]
        text = "\n".join(lines) + "\n"
        if service == "payments":
            half = text.index("\n", len(text) // 2) + 1
            with gzip.open(folder / "payments.log.1.gz", "wt", encoding="utf-8") as file:
                file.write(text[:half])
            text = text[half:]
        (folder / f"{service}.log").write_text(text, "utf-8")


def _python(time: datetime, level: str, lines: tuple[str, ...]) -> Iterator[str]:
    stamp = time.strftime("%Y-%m-%d %H:%M:%S,") + f"{time.microsecond // 1000:03d}"
    yield f"{stamp} {level.upper():8} payments.api [pid 4711] {lines[0]}"
    yield from lines[1:]


def _json(time: datetime, level: str, lines: tuple[str, ...]) -> Iterator[str]:
    numbers = {"debug": 20, "info": 30, "error": 50}
    milliseconds = int(time.timestamp() * 1000)
    record = {
        "level": numbers[level],
        "time": milliseconds,
        "pid": 17,
        "hostname": "webhooks-5d9f",
        "msg": lines[0],
    }
    yield json.dumps(record, separators=(",", ":"))


def _docker(time: datetime, level: str, lines: tuple[str, ...]) -> Iterator[str]:
    stamp = time.isoformat().replace("+00:00", "Z")
    for line in lines:
        yield json.dumps({"log": f"[{level.upper()}] {line}\n", "stream": "stderr", "time": stamp})


def _postgres(time: datetime, _level: str, lines: tuple[str, ...]) -> Iterator[str]:
    stamp = time.strftime("%Y-%m-%d %H:%M:%S.") + f"{time.microsecond // 1000:03d} UTC"
    yield from (f"{stamp} [{900 + len(lines)}] app_user@payments {line}" for line in lines)


def _journal(time: datetime, level: str, lines: tuple[str, ...]) -> Iterator[str]:
    priority = {"debug": "7", "info": "6", "error": "3"}[level]
    yield json.dumps(
        {
            "__REALTIME_TIMESTAMP": str(int(time.timestamp() * 1_000_000)),
            "_HOSTNAME": "edge-2",
            "_SYSTEMD_UNIT": "gateway.service",
            "PRIORITY": priority,
            "MESSAGE": lines[0],
        }
    )


_FORMS: Final[dict[str, Callable[[datetime, str, tuple[str, ...]], Iterator[str]]]] = {
    "gateway": _journal,
    "payments": _python,
    "worker": _docker,
    "webhooks": _json,
    "postgres": _postgres,
}


def main() -> None:
    """Write the logs of a seed to a folder, and the truth about them beside it."""
    folder, seed = Path(sys.argv[1]), int(sys.argv[2])
    hour = generate(seed)
    write(hour, folder)
    truth = folder.with_name(f"{folder.name}.truth.json")
    truth.write_text(json.dumps(hour.truth, indent=2) + "\n", "utf-8")
    print(f"{folder}: {len(hour.truth)} incidents; {truth} has the truth")


if __name__ == "__main__":
    main()
