"""Servers that stand in for the API in tests of its probes, with one response per path."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from diagnostics.targets.settings import Contract, Secrets, TargetSettings, Thresholds, Token
from diagnostics.targets.target import Target, endpoint

PATIENT = Thresholds(api_timeout_s=6.0, api_slow_ms=400.0)
"""A double that answers does so within this, whatever else the machine does."""
QUICK = Thresholds(api_timeout_s=0.5, api_slow_ms=400.0)
"""For a server that keeps silent."""
KEY = "cp_test_canarykey0123456789"


@dataclass
class Page:
    """One response; a Mapping becomes JSON."""

    status: int = 200
    body: Mapping[str, Any] | str = field(default_factory=dict)
    headers: Mapping[str, str | list[str]] = field(default_factory=dict)
    """A list is sent as a header for each of its values."""

    @property
    def data(self) -> bytes:
        """Bytes of the body."""
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        return text.encode("utf-8", "surrogatepass")


class Double(ThreadingHTTPServer):
    """Server that responds by path and records the requests."""

    daemon_threads = True

    def __init__(self, pages: Mapping[str, Page], shift_s: float) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages = {"/v1/healthz": Page(body={"status": "ok"}), **pages}
        self.shift_s = shift_s
        self.asked: list[tuple[str, dict[str, str]]] = []

    @property
    def url(self) -> str:
        """Base URL."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: Double

    def do_GET(self) -> None:
        """Send the page of the path."""
        self.server.asked.append((self.path, dict(self.headers)))
        page = self.server.pages.get(self.path, Page(404))
        kind = "text/html" if isinstance(page.body, str) else "application/json"
        self.send_response(page.status)
        for name, values in {"Content-Type": kind, **page.headers}.items():
            for value in values if isinstance(values, list) else [values]:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(page.data)))
        self.end_headers()
        with suppress(ConnectionError):  # a client may have read enough, or run out of time
            self.wfile.write(page.data)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the Date by the server's shifted clock."""
        return formatdate((timestamp or time.time()) + self.server.shift_s, usegmt=True)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  http.server names it
        """Write no log."""


@contextmanager
def playing(pages: Mapping[str, Page] | None = None, *, shift_s: float = 0) -> Iterator[Double]:
    """Run a server on loopback."""
    with Double(pages or {}, shift_s) as server:
        thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def api(
    url: str,
    *,
    key: str | None = None,
    token: str | None = None,
    contract: Contract | None = None,
    scopes: tuple[str, ...] = (),
    thresholds: Thresholds = PATIENT,
) -> Target:
    """Return a target with this API alone."""
    settings = TargetSettings(
        production=False,
        api=url,
        secrets=Secrets(api_key=key, token=token),
        contract=contract or Contract(),
        token=Token(issuer="us", audience="api", scopes=scopes),
        thresholds=thresholds,
    )
    return Target("test", (endpoint(url),), settings)
