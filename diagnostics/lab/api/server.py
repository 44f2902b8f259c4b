"""The API's HTTP server: answers by the rules that a fault may change."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


class Handler(BaseHTTPRequestHandler):
    """Answers one request after another on a connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one segment an answer: without it Nagle and delayed ACK cost 40 ms
    server_version = "clearpay-lab"

    def do_GET(self) -> None:
        """Answer one GET."""
        if self.path == "/v1/healthz":
            self._answer(200, {"status": "ok"})
        else:
            self._answer(404, {"error": {"type": "not_found"}})

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  http.server names it
        """Say nothing: a lab's terminal is for the person who works in it."""

    def _answer(self, status: int, document: object) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class ApiServer(ThreadingHTTPServer):
    """Serves in threads of its own on loopback until it ends."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.port = int(self.server_address[1])
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), name="lab-api", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()
