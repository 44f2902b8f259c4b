"""Malicious servers against every probe that connects to one: in time, with bounded memory, never a pass."""

import gzip
import json
import re
import socket
import struct
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from diagnostics.cli.output import PLAIN
from diagnostics.lab.certificates import authority
from diagnostics.lab.servers.listener import Listener
from diagnostics.report.formats import FORMATS
from diagnostics.report.model import Report
from diagnostics.run.examination import Examination, examine
from diagnostics.run.selection import tasks
from diagnostics.targets.settings import Secrets, Service, TargetSettings, Thresholds, Webhook
from diagnostics.targets.target import Target, endpoint
from tests.diagnostics.cli.test_main import ROOT
from tests.support.deadlines import ends_within
from tests.support.proof import CATALOGUE

pytestmark = pytest.mark.slow

Act = Callable[[socket.socket, threading.Event], None]
DEADLINE_S = 2.0
MAX_BYTES = 12_000_000
"""Limit of the additional memory of one run: a dozen buffers of 64 KB, and imports."""
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
QUICK = Thresholds(
    api_timeout_s=0.3,
    connect_timeout_s=0.3,
    webhook_slow_s=0.3,
    loop_idle_s=0.1,
    loop_burst_s=0.2,
    pool_window_s=0.2,
    statement_window_s=0.3,
    kill_window_s=0.3,
    deadlock_window_s=0.3,
    batch_window_s=0.2,
)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
MARKUP = "\x1b]0;owned\x07\x1b[2J\x9b31m[bold]<script>alert(1)</script>\u202e*x* | y |"


class Hostile(Listener):
    """Server that answers the health check of one base URL correctly and attacks otherwise."""

    def __init__(self, act: Act) -> None:
        super().__init__()
        self._act = act

    def handle(self, client: socket.socket) -> None:
        """Serve one connection; clients may disconnect at any time."""
        with suppress(OSError):
            if b"/v1/healthz" in client.recv(65536):
                client.sendall(HEAD + b'Connection: close\r\nContent-Length: 15\r\n\r\n{"status":"ok"}')
            else:
                self._act(client, self.ending)


def sends(data: bytes) -> Act:
    """Send data and wait for the client to disconnect."""

    def act(client: socket.socket, _: threading.Event) -> None:
        client.sendall(data)
        while client.recv(65536):
            continue

    return act


def repeats(head: bytes, piece: bytes, pause_s: float = 0.0) -> Act:
    """Send data, and then more without end: a flood, or a drip with pauses."""

    def act(client: socket.socket, ending: threading.Event) -> None:
        client.sendall(head)
        while not ending.wait(pause_s):
            client.sendall(piece)

    return act


def answers(body: bytes, *headers: str, status: str = "200 OK") -> Act:
    """Send a complete HTTP answer."""
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "Connection: close", "", ""]
    return sends("\r\n".join(lines).encode("latin-1", "replace") + body)


JSON = "Content-Type: application/json"
WEB: dict[str, Act] = {
    "drips its status": repeats(b"", b"H", 0.02),
    "drips its body": repeats(HEAD + b"Content-Length: 90000\r\n\r\n", b"x", 0.02),
    "drips its chunks": repeats(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n", 0.02),
    "endless headers": repeats(HEAD, b"X-More: 1\r\n"),
    "an endless header": repeats(HEAD + b"X-More: ", b"x" * 65536),
    "endless continues": repeats(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "an endless body": repeats(HEAD + b"\r\n", b"\0" * 65536),
    "an endless size of a chunk": repeats(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"f" * 65536),
    "a bomb": repeats(
        HEAD + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"[" * 50_000_000), b"\0" * 65536
    ),
    "a negative length": sends(HEAD + b"Content-Length: -1\r\n\r\n{}"),
    "no protocol": sends(b"\x16\x03\x01\xff\xff" + MARKUP.encode()),
    "a status of its own": sends(f"HTTP/1.1 9999999999 {MARKUP}\r\n\r\n".encode()),
    "deep nesting": answers(b"[" * 60_000, JSON, status="401 Unauthorized"),
    "a number without end": answers(b'{"error": ' + b"9" * 60_000 + b"}", JSON, status="401 Unauthorized"),
    "numbers that are none": answers(
        b'{"scopes": [1e999, null], "key": {"expires_at": NaN}, "environment": {"a": []}}', JSON,
        "RateLimit-Limit: 1e999", "X-RateLimit-Reset: 99999999999999999999", "Retry-After: " + "9" * 4000,
        "Date: Sun, 99 Foo 99999 99:99:99 GMT", status="429 Too Many Requests",
    ),
    "a redirect": answers(
        b"", "Location: http://user:pw@other.invalid/\x1b[31m", status="302 Found"
    ),
    "markup": answers(
        json.dumps({"error": {"type": MARKUP}, "scopes": [MARKUP], "environment": MARKUP}).encode(), JSON,
        f"Server: {MARKUP}", f'RateLimit: "{MARKUP}"', f"Retry-After: {MARKUP}", status="403 Forbidden",
    ),
    "markup as a page": answers(
        MARKUP.encode(), f"Content-Type: text/html; {MARKUP}", f"Server: {MARKUP}", status="500 Oops",
    ),
}  # fmt: skip

PROMPT = {"an endless body", "a bomb"}
"""Servers that answer at once, which suffices for `loop`: it reads the beginning only."""


def message(kind: bytes, payload: bytes) -> bytes:
    return kind + struct.pack("!I", len(payload) + 4) + payload


OK = message(b"R", struct.pack("!I", 0))
PARAMETERS = message(b"S", b"server_version\x0015.0\0") + message(b"S", b"client_encoding\0UTF8\0")
READY = OK + PARAMETERS + message(b"Z", b"I")
REFUSES_TLS = b"N"
DATABASE: dict[str, Act] = {
    "silence": sends(b""),
    "a huge length": repeats(b"R\x7f\xff\xff\xff", b"x" * 65536),
    "a negative length": sends(b"E\xff\xff\xff\xff" + b"x" * 9000),
    "a length of nothing": sends(b"R\0\0\0\0"),
    "endless notices": repeats(b"", message(b"N", b"SNOTICE\0M" + MARKUP.encode() + b"\0\0")),
    "endless settings": repeats(OK, message(b"S", b"name\0" + MARKUP.encode() + b"\0")),
    "endless methods": repeats(b"", message(b"R", struct.pack("!I", 10) + b"SCRAM-SHA-256\0\0")),
    "endless negotiation": repeats(b"", message(b"v", struct.pack("!II", 196610, 0))),
    "a method without end": repeats(b"R\0\0\x07\xd0\0\0\0\x0a", b"A" * 65536),
    "a drip": repeats(b"E\0\0\xff\xff", b"x", 0.02),
    "an endless error": repeats(b"E\0\0\x75\x00SFATAL\0M", b"x" * 65536),
    "markup in an error": sends(
        message(b"E", b"SFATAL\0CXX123\0M" + MARKUP.encode() + b"\0D" + MARKUP.encode() + b"\0\0")
    ),
    "markup without a protocol": sends(MARKUP.encode()),
    "a session without end": repeats(READY, message(b"D", b"\0\1\0\0\0\1x")),
    "a row without end": repeats(READY + b"D\x7f\xff\xff\xff", b"x" * 65536),
    "data that nobody asked for": sends(READY + message(b"d", MARKUP.encode()) + message(b"Z", b"E")),
}
RECORD = b"\x16\x03\x03"
TLS: dict[str, Act] = {
    "a huge record": repeats(RECORD + b"\xff\xff", b"x" * 65536),
    "an empty record without end": repeats(b"", RECORD + b"\0\0"),
    "a handshake without end": repeats(RECORD + b"\x40\0\x02\xff\xff\xff", b"\0" * 16384),
    "a hello that is cut": sends(RECORD + b"\0\x7a\x02\0\0\x76\x03\x03" + b"\0" * 20),
    "an alert": sends(b"\x15\x03\x03\0\x02\x02\x50"),
    "alerts without end": repeats(b"", b"\x15\x03\x03\0\x02\x01\x5a"),
    "data before the handshake": sends(b"\x17\x03\x03\0\x04" + b"data"),
    "a drip": repeats(RECORD + b"\x40\0", b"\0", 0.02),
    "markup": sends(MARKUP.encode() * 10),
}


def after_ssl_request(act: Act) -> Act:
    """Accept TLS as PostgreSQL does, then attack."""

    def behave(client: socket.socket, ending: threading.Event) -> None:
        client.sendall(b"S")
        client.recv(65536)
        act(client, ending)

    return behave


@contextmanager
def hostile(act: Act) -> Iterator[int]:
    with Hostile(act) as server:
        yield server.port


def check_target(target: Target) -> Report:
    """Run every probe, including active ones, and assert the limits of time and memory."""
    planned = tasks([target], list(CATALOGUE.probes), CATALOGUE, active=True, forced=False)
    task = Examination(
        catalogue=CATALOGUE, targets=(target,), tasks=tuple(planned), active=True, deadline_s=DEADLINE_S
    )
    tracemalloc.start()
    try:
        with ends_within(DEADLINE_S):
            report = examine(task)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MAX_BYTES
    return report


def is_clean(report: Report) -> bool:
    """Return True if no format contains a control character that a terminal would execute."""
    return not any(CONTROLS.search(write(report, PLAIN)) for write in FORMATS.values())


def wrong_outcomes(report: Report, *probes: str) -> dict[str, str]:
    """Return the outcomes of these probes that no malicious server may cause."""
    return {
        result.key.probe: f"{result.outcome}: {result.reason}"
        for result in report.results
        if result.key.probe in probes and result.outcome in {"pass", "warn", "error"}
    }


OWN = TargetSettings(
    production=False,
    thresholds=QUICK,
    secrets=Secrets(database="pw-0123456789", api_key="cp_test_0123456789abcdef", token="opaque-token-0123"),
)


@pytest.mark.parametrize("name", WEB)
def test_no_web_server_deceives_delays_or_fills_a_probe(name: str) -> None:
    with hostile(WEB[name]) as port:
        base = f"http://127.0.0.1:{port}"
        settings = replace(
            OWN,
            api=f"{base}/v2",
            webhook=Webhook(url=f"{base}/hook", secret="whsec_0123456789abcdef"),
            service=Service(health=f"{base}/health", work=f"{base}/work"),
        )
        half = replace(settings, api=f"{base}/v1", webhook=None, service=None)
        points = (
            endpoint(f"{base}/v2"),
            replace(endpoint(f"{base}/hook"), kind="webhook"),
            replace(endpoint(f"{base}/health"), kind="service"),
        )
        whole = check_target(Target("whole", points, settings))
        behind = check_target(Target("behind", (endpoint(f"{base}/v1"),), half))

    met = {"reach", "clock", "key", "token", "quota", "webhook", *(() if name in PROMPT else ("loop",))}
    assert wrong_outcomes(whole, *met) == {}
    assert wrong_outcomes(behind, "key", "token", "scopes") == {}
    assert is_clean(whole)
    assert is_clean(behind)


@pytest.mark.parametrize("name", DATABASE)
def test_no_database_server_deceives_delays_or_fills_a_probe(name: str) -> None:
    with hostile(DATABASE[name]) as port:
        url = f"postgresql://app_user@127.0.0.1:{port}/db?sslmode=disable"
        report = check_target(Target("db", (endpoint(url),), replace(OWN, database=url)))

    met = [probe for probe in CATALOGUE.probes if CATALOGUE.probes[probe].LAYER == "database"]
    assert wrong_outcomes(report, *set(met) - {"connect"}) == {}
    assert is_clean(report)


ROW = message(b"D", b"\0\1" + struct.pack("!I", 60_000) + b"x" * 60_000)
LIMIT_MB = 400
# VmHWM, not ru_maxrss: exec keeps the peak of the process that forked, and a worker of the tests is large.
PROGRAM = """\
import re, sys
from pathlib import Path
from diagnostics.cli.main import main
code = main(["check", "login", "--target", sys.argv[1], "--format", "json"])
peak_kb = int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
sys.exit(code if peak_kb < int(sys.argv[2]) * 1024 else 99)
"""


def test_of_an_answer_without_an_end_libpq_keeps_only_a_part() -> None:
    def flood(client: socket.socket, ending: threading.Event) -> None:
        client.sendall(READY)
        client.recv(65536)
        repeats(message(b"T", b"\0\1a\0" + bytes(18)), ROW)(client, ending)

    with hostile(flood) as port:
        url = f"postgresql://app:pw-0123456789@127.0.0.1:{port}/db?sslmode=disable"
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, url, str(LIMIT_MB)],
            capture_output=True, text=True, cwd=ROOT, timeout=120, check=False,
        )  # fmt: skip

    assert done.returncode == 3, done.stderr
    assert "as one answer" in done.stdout


# If the peer resets between TCP and TLS, the garbage collector closes the socket.
@pytest.mark.filterwarnings("ignore:.*ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", TLS)
@pytest.mark.parametrize("speaks", ["https", "postgresql"])
def test_no_tls_server_deceives_delays_or_fills_a_probe(speaks: str, name: str, tmp_path: Path) -> None:
    trust = f"sslmode=verify-full&sslrootcert={authority.make(tmp_path).ca}"
    act = TLS[name] if speaks == "https" else after_ssl_request(TLS[name])
    with hostile(act) as port:
        address = f"127.0.0.1:{port}"
        url = f"https://{address}/v1" if speaks == "https" else f"postgresql://app@{address}/db?{trust}"
        report = check_target(Target("tls", (endpoint(url),), OWN))

    assert wrong_outcomes(report, *CATALOGUE.probes) == {}
    assert {finding.code for result in report.results for finding in result.findings} <= {
        "tls.plain_http", "tls.protocol_mismatch", "connect.not_postgres", "connect.silent", "connect.closed",
        "reach.silent",
    }  # fmt: skip
    assert is_clean(report)


@pytest.mark.parametrize(
    "answer", [b"SS", b"S" + READY, b"N" + READY[:3] + b"garbage", b"\x00", b"E\xff\xff\xff\xff"]
)
def test_no_answer_to_an_offer_of_tls_is_taken_for_a_session(answer: bytes) -> None:
    with hostile(sends(answer)) as port:
        url = f"postgresql://app@127.0.0.1:{port}/db?sslmode=require"
        report = check_target(Target("db", (endpoint(url),), replace(OWN, database=url)))

    assert wrong_outcomes(report, *CATALOGUE.probes) == {}
    assert is_clean(report)
