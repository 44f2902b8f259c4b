"""Fuzzer of HTTP answers, by a real server on loopback: a response, or a failure with its class.

Some inputs are examined by the probes of the API, of webhooks and of services too: none may end as `error`.
Usage: python -m tests.tools.fuzz_http --seconds 60 --seed 1
"""

import random
import socket
import sys
from contextlib import suppress
from dataclasses import replace
from functools import cache
from http.client import HTTPException
from typing import Final

from diagnostics.clients.clearpay_api.rate_limits import parse_limits, retry_after
from diagnostics.clients.clearpay_api.requests import clock_difference
from diagnostics.clients.http.get_request import get
from diagnostics.clients.http.keepalive_connection import KeepAliveConnection
from diagnostics.clients.http.messages import Request, Response
from diagnostics.clients.http.no_response import NoResponse
from diagnostics.clients.http.socket_deadline import SocketDeadline
from diagnostics.clients.json_shape import value_at
from diagnostics.clients.tls.web_request import response_parts
from diagnostics.diagnosis.catalogue import Catalogue
from diagnostics.lab.servers.listener import Listener
from diagnostics.probes import PROBES
from diagnostics.run.examination import Examination, examine
from diagnostics.targets.settings import Secrets, Service, TargetSettings, Thresholds, Webhook
from diagnostics.targets.target import Target, endpoint
from kb.records.loader import load_entries
from tests.support.fuzzing import main, mutated

WAIT_S: Final = 0.5
PROBES_EVERY: Final = 40
JSON: Final = b"Content-Type: application/json"
DATE: Final = b"Mon, 30 Nov 2026 01:00:00 GMT"


def _answer(body: bytes, *lines: bytes) -> bytes:
    return b"\r\n".join((*lines, b"", body))


ANSWERS: Final = (
    _answer(b'{"status":"ok"}', b"HTTP/1.1 200 OK", JSON, b"Date: " + DATE, b"Content-Length: 15"),
    _answer(
        b'5;a=b\r\n{"a":\r\n2\r\n1}\r\n0\r\nX: y\r\n\r\n',
        b"HTTP/1.1 200 OK",
        b"Transfer-Encoding: chunked",
        JSON + b"; charset=utf-8",
    ),
    _answer(
        b"{}",
        b"HTTP/1.1 429 Too Many Requests",
        b'RateLimit: "auth";r=0;t=5',
        b'RateLimit-Policy: "auth";q=9;w=60',
        b"Retry-After: 3",
        b"X-RateLimit-Limit: 9",
        b"X-RateLimit-Remaining: 0",
        b"X-RateLimit-Reset: 99",
        b"Content-Length: 2",
    ),
    _answer(
        b"\x1f\x8b\x08\x00",
        b"HTTP/1.1 200 OK",
        b"Content-Encoding: gzip",
        b"Set-Cookie: a=b; Max-Age=5; Expires=" + DATE,
        b"Connection: close",
    ),
    _answer(b"", b"HTTP/1.1 302 Found", b"Location: http://other.example/x", b"Content-Length: 0"),
    _answer(
        b'{"error":{"type":"api_key_expired"},"a":1}',
        b"HTTP/1.1 100 Continue",
        b"",
        b"HTTP/1.1 401 Unauthorized",
        b"WWW-Authenticate: Bearer",
        JSON,
        b"Content-Length: 42",
    ),
    _answer(
        b'{"scopes":["a"],"environment":"test","currencies":["USD"],"key":{"expires_at":"2027-01-01T00:00:00Z"}}',
        b"HTTP/1.1 200 OK",
        JSON,
    ),
)
WORDS: Final = (
    b"Set-Cookie: a=b; Max-Age=" + b"9" * 400 + b"\r\n", b"Set-Cookie: a=b; Expires=Sun, 99 Foo 99999\r\n",
    b"-5\r\n", b"ffffffffffffffff\r\n", b"Content-Length: -1\r\n", b"Content-Length: 1, 2\r\n",
    b"Location: http://[::1\r\n", b"Transfer-Encoding: chunked\r\n", b"Date: \r\n",
    b"Date: Mon, 30 Nov 0000 99:99:99 +9999\r\n", b"Retry-After: nan\r\n", b"HTTP/1.1 999 X\r\n",
    b"HTTP/9 200\r\n", b"\r\n\r\n", b'"\\ud800"', b'{"a":' * 400, b"9" * 6000, b"x" * 70_000,
    b"Content-Type: text/html; charset=\xff\r\n", b"Content-Encoding: br\r\n", b"\x00", b"\xff", b" ", b":",
    b"0\r\n", b'"expires_at": 1e300', b"null", b"[]", b"-1", b"\x1b]0;x\x07",
)  # fmt: skip
"""Pieces that mutations insert."""
QUICK: Final = Thresholds(
    api_timeout_s=WAIT_S, connect_timeout_s=WAIT_S, webhook_slow_s=WAIT_S, loop_idle_s=0.1, loop_burst_s=0.2
)


class _Server(Listener):
    """Server that sends the same bytes to every request and closes the connection."""

    answer = b""

    def handle(self, client: socket.socket) -> None:
        """Serve one connection."""
        with suppress(OSError):
            client.settimeout(2)
            client.recv(65536)
            client.sendall(self.answer)
            client.shutdown(socket.SHUT_WR)


@cache
def _server() -> _Server:
    server = _Server()
    server.resume()
    return server


@cache
def _catalogue() -> Catalogue:
    return Catalogue(load_entries(), PROBES)


def attempt(source: random.Random) -> None:
    """Read a mutated answer by each client, and now and then by the probes."""
    server = _server()
    server.answer = mutated(source.choice(ANSWERS), source, WORDS)
    url = f"http://127.0.0.1:{server.port}"
    try:
        _use(get(Request(f"{url}/v1/healthz", WAIT_S)))
    except NoResponse as failure:
        _ = failure.problem, failure.detail
    with SocketDeadline(WAIT_S) as deadline, KeepAliveConnection(f"{url}/work", None, deadline) as connection:
        connection.measure(WAIT_S)
        with suppress(OSError, HTTPException):
            connection.exchange("POST", {}, b"{}", WAIT_S, 4096)
    response_parts(server.answer)
    if source.randrange(PROBES_EVERY) == 0:
        _probe(url)


def _use(response: Response) -> None:
    value_at(response.document, "key.expires_at")
    parse_limits(response.headers, response.at)
    retry_after(response.headers, response.at)
    clock_difference(response)
    _ = response.html, response.too_long


def _probe(url: str) -> None:
    settings = TargetSettings(
        production=False,
        thresholds=QUICK,
        api=f"{url}/v1",
        secrets=Secrets(api_key="cp_test_0123456789abcdef", token="opaque-token-0123"),
        webhook=Webhook(url=f"{url}/hook", secret="whsec_0123456789abcdef"),
        service=Service(health=f"{url}/health", work=f"{url}/work"),
    )
    points = (
        endpoint(f"{url}/v1"),
        replace(endpoint(f"{url}/hook"), kind="webhook"),
        replace(endpoint(f"{url}/health"), kind="service"),
    )
    target = Target("fuzzed", points, settings)
    examination = Examination(catalogue=_catalogue(), targets=(target,), active=True, deadline_s=WAIT_S * 4)
    report = examine(examination.with_probes(tuple(PROBES)))
    if broken := [f"{item.key.probe}: {item.reason}" for item in report.results if item.outcome == "error"]:
        raise AssertionError("; ".join(broken))


if __name__ == "__main__":
    sys.exit(main("fuzz_http", attempt, limit_s=6.0))
