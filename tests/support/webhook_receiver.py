"""Receiver of webhooks as a WSGI application: /webhooks is correct, /reserialized formats the body anew.

It reads its secret for each delivery from the file in WEBHOOK_SECRET_FILE, so that a test can replace it.
"""

import hmac
import json
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

TOLERANCE_S = 300


def application(
    environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], object]
) -> Iterable[bytes]:
    """Answer one request."""
    path = environ["PATH_INFO"]
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    if path != "/healthz":
        signed = json.dumps(json.loads(body)).encode() if path == "/reserialized" else body
        accepted = verifies(environ.get("HTTP_CLEARPAY_SIGNATURE", ""), signed)
        start_response("200 OK" if accepted else "401 Unauthorized", [("Content-Length", "0")])
        return []
    start_response("200 OK", [("Content-Length", "0")])
    return []


def verifies(header: str, body: bytes) -> bool:
    """Return True if one of the signatures in the header is that of the body, within the tolerance."""
    secret = Path(os.environ["WEBHOOK_SECRET_FILE"]).read_bytes().strip()
    pairs = [part.partition("=")[::2] for part in header.split(",")]
    timestamp = next((value for key, value in pairs if key == "t"), "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > TOLERANCE_S:
        return False
    expected = hmac.digest(secret, timestamp.encode() + b"." + body, "sha256").hex()
    return any(hmac.compare_digest(expected, value) for key, value in pairs if key == "v1")
