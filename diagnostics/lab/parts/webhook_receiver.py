"""Webhook receiver of the application: correct by default, with bugs that faults enable."""

import hmac
import json
import secrets
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast

from diagnostics.lab.layout import write_private
from diagnostics.lab.part import Part
from diagnostics.targets.settings import SecretRef, TargetSettings, Webhook

HEADER = "clearpay-signature"
TOLERANCE_S = 300
PATH = "/webhooks"
SLOW_S = 3.0
KNOWN_EVENTS = ("payment.", "refund.", "dispute.")


class ReceiverPart(Part):
    """The receiver; faults set `bug` to the name of a finding without its probe, "" is correct."""

    def __init__(self, folder: Path) -> None:
        self.secret_file = folder / "webhook.secret"
        self.secret = ""
        self.bug = ""
        self.json_arguments: dict[str, Any] = {}
        """Arguments of json.dumps for the bug `reserialized`."""
        self._server = Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def start(self, stack: ExitStack) -> None:
        """Serve in a thread."""
        self._thread.start()
        stack.callback(self._end)

    def _end(self) -> None:
        self._server.ending.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """URL of the receiver."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{PATH}"

    @property
    def description(self) -> str:
        """Name and URL."""
        return f"a receiver of webhooks at {self.url}"

    def restore(self) -> None:
        """Generate a new secret and disable bugs."""
        self.bug, self.json_arguments = "", {}
        self.secret = f"whsec_{secrets.token_hex(16)}"
        write_private(self.secret_file, self.secret)

    def apply_to_settings(self, settings: TargetSettings) -> TargetSettings:
        """Set the URL and the path of the secret."""
        secret = SecretRef(file=str(self.secret_file))
        return replace(settings, webhook=Webhook(url=self.url, secret=secret))

    def environment(self) -> Mapping[str, str]:
        """Return the same settings as variables for the application."""
        return {"CLEARPAY_WEBHOOK_URL": self.url, "CLEARPAY_WEBHOOK_SECRET_FILE": str(self.secret_file)}

    def status_for(self, headers: Mapping[str, str], body: bytes) -> int:
        """Return the HTTP status of a delivery."""
        match self.bug:
            case "redirects":
                return 308
            case "crashes":
                return 500
            case "unverified":
                return 200
        name = "x-clearpay-signature" if self.bug == "wrong_header" else HEADER
        signature = next((value for key, value in headers.items() if key.lower() == name), "")
        if not signature and self.bug == "unsigned_taken":
            return 200
        if not self._verifies(signature, body):
            return 401
        unknown = not str(json.loads(body)["type"]).startswith(KNOWN_EVENTS)
        return 422 if self.bug == "rejects_unknown_events" and unknown else 200

    def _verifies(self, header: str, body: bytes) -> bool:
        pairs = [part.partition("=")[::2] for part in header.split(",")]
        timestamp = next((value for key, value in pairs if key == "t"), "")
        signatures = [value for key, value in pairs if key == "v1"]
        if not timestamp.isdigit() or not self._in_time(time.time() - int(timestamp)):
            return False
        expected = _signature(self._secret, timestamp, self._signed_part(body))
        candidates = signatures[:1] if self.bug == "first_signature_only" else signatures
        return any(hmac.compare_digest(expected, candidate) for candidate in candidates)

    @property
    def _secret(self) -> str:
        return "whsec_of_another_endpoint" if self.bug == "wrong_secret" else self.secret

    def _signed_part(self, body: bytes) -> bytes:
        if self.bug != "reserialized":
            return body
        return json.dumps(json.loads(body), **self.json_arguments).encode()

    def _in_time(self, age: float) -> bool:
        if self.bug == "no_timestamp_check":
            return True
        return age <= TOLERANCE_S and (self.bug == "no_future_check" or age >= -TOLERANCE_S)


def _signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return the hexadecimal HMAC-SHA256 of "timestamp.body", as the reference page of webhooks defines it.

    Written here independently of diagnostics.clients, which signs the deliveries of the probe.
    """
    return hmac.digest(secret.encode(), timestamp.encode() + b"." + body, "sha256").hex()


class Server(ThreadingHTTPServer):
    """HTTP server of the part."""

    daemon_threads = True

    def __init__(self, part: ReceiverPart) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.part = part
        self.ending = threading.Event()


class Handler(BaseHTTPRequestHandler):
    """Request handler that passes each delivery to the part."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_POST(self) -> None:
        """Answer one delivery."""
        server = cast("Server", self.server)
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if server.part.bug == "slow":
            server.ending.wait(SLOW_S)
        status = server.part.status_for(dict(self.headers.items()), body)
        self.send_response(status)
        if status == 308:  # noqa: PLR2004  Permanent Redirect, RFC 9110
            self.send_header("Location", f"https://127.0.0.1{PATH}/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  http.server names it
        """Discard the message: the terminal belongs to the user of the lab."""
