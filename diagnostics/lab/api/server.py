"""HTTP server of the API, governed by rules that faults change."""

import json
import threading
import time
from collections.abc import Mapping
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from diagnostics.lab.api.answers import Reply, reply
from diagnostics.lab.api.rules import Rules, healthy

PAGE = b"<!doctype html><html><title>Maintenance</title><p>We will be back soon.</p></html>\n"
PIECES = 8
MAX_BODY_BYTES = 64 * 1024


class Handler(BaseHTTPRequestHandler):
    """Request handler of one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one segment per answer: otherwise Nagle and delayed ACK cost 40 ms
    server_version = "clearpay-lab"
    server: "ApiServer"

    def do_GET(self) -> None:
        """Answer a GET request."""
        self._serve()

    def do_POST(self) -> None:
        """Answer a POST request; its body is ignored."""
        self.rfile.read(min(int(self.headers.get("Content-Length", 0)), MAX_BODY_BYTES))
        self._serve()

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the Date header by the API's clock."""
        return formatdate(self.server.rules.now() if timestamp is None else timestamp, usegmt=True)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  http.server names it
        """Discard the message: the terminal belongs to the user of the lab."""

    def _serve(self) -> None:
        rules = self.server.rules
        time.sleep(rules.first_byte_s)
        match rules.failure_mode:
            case "cut":
                self.close_connection = True
            case "html":
                self._send(200, PAGE, "text/html")
            case "elsewhere":
                self._send(302, b"", "text/plain", {"Location": "https://login.portal.example/"})
            case "server_error":
                self._answer(Reply(503, {"error": {"type": "unavailable", "message": "try again later"}}))
            case _:
                request_headers = {name.lower(): value for name, value in self.headers.items()}
                with self.server.lock:
                    answer = reply(rules, self.command, self.path, request_headers)
                self._answer(answer)

    def _answer(self, answer: Reply) -> None:
        self._send(answer.status, json.dumps(answer.document).encode(), "application/json", answer.headers)

    def _send(self, status: int, body: bytes, kind: str, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self._send_slowly(body) if self.server.rules.body_s else self.wfile.write(body)

    def _send_slowly(self, body: bytes) -> None:
        size = max(1, -(-len(body) // PIECES))
        for start in range(0, len(body), size):
            self.wfile.flush()
            time.sleep(self.server.rules.body_s / PIECES)
            self.wfile.write(body[start : start + size])


class ApiServer(ThreadingHTTPServer):
    """HTTP server on loopback that runs in threads while the block runs."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.port = int(self.server_address[1])
        self.lock = threading.Lock()
        self.rules: Rules = healthy("")
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), name="lab-api", daemon=True)

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that disconnect: impatient ones do."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()
