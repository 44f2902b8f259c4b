"""API of an acquirer as a WSGI application: other paths and fields than ClearPay's, tokens, no API keys.

It reads its state for each request from the JSON file in ACQUIRER_STATE: `signing_key`, `audience` and
`retry_after`, with which every request for the account is refused. Sources: RFC 9457 (problem documents),
RFC 6750 (WWW-Authenticate), RFC 9110, 10.2.3 (Retry-After).
"""

import json
import os
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from diagnostics.lab.api.tokens import Refused, verify

ISSUER = "https://login.acquirer.example"
AUDIENCE = "acquirer-api"
LIMIT = 100
SCOPES = ("charges:read", "charges:write")
Headers = list[tuple[str, str]]


def application(environ: dict[str, Any], start_response: Callable[[str, Headers], object]) -> Iterable[bytes]:
    """Answer one request."""
    state = json.loads(Path(os.environ["ACQUIRER_STATE"]).read_text("utf-8"))
    time.sleep(state.get("first_byte_s", 0))
    path = environ["PATH_INFO"]
    if path in {"/healthz", "/api/status"}:
        return _answer(start_response, HTTPStatus.OK, {"up": True})
    if path != "/api/account":
        return _problem(start_response, HTTPStatus.NOT_FOUND, "no-such-resource")
    if state.get("retry_after"):
        headers = [("Retry-After", state["retry_after"]), *_limits(0)]
        return _problem(start_response, HTTPStatus.TOO_MANY_REQUESTS, "too-many-requests", headers)
    return _account(environ, start_response, state)


def _account(
    environ: dict[str, Any], start_response: Callable[[str, Headers], object], state: dict[str, Any]
) -> Iterable[bytes]:
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    try:
        claims = verify(
            token if scheme == "Bearer" else "",
            bytes.fromhex(state["signing_key"]),
            now=time.time(),
            issuer=ISSUER,
            audience=state["audience"],
        )
    except Refused as refused:
        challenge = f'Bearer error="invalid_token", error_description="{refused}"'
        return _problem(
            start_response, HTTPStatus.UNAUTHORIZED, "invalid-token", [("WWW-Authenticate", challenge)]
        )
    document = {"account": {"mode": "test", "grants": claims["scope"].split()}}
    return _answer(start_response, HTTPStatus.OK, document, _limits(LIMIT - 1))


def _limits(left: int) -> Headers:
    reset = str(int(time.time()) + 60)
    return [
        ("X-RateLimit-Limit", str(LIMIT)),
        ("X-RateLimit-Remaining", str(left)),
        ("X-RateLimit-Reset", reset),
    ]


def _problem(
    start_response: Callable[[str, Headers], object],
    status: HTTPStatus,
    kind: str,
    headers: Headers | None = None,
) -> Iterable[bytes]:
    document = {"type": f"https://acquirer.example/problems/{kind}", "title": status.phrase, "status": status}
    return _answer(start_response, status, document, headers, "application/problem+json")


def _answer(
    start_response: Callable[[str, Headers], object],
    status: HTTPStatus,
    document: object,
    headers: Headers | None = None,
    kind: str = "application/json",
) -> Iterable[bytes]:
    body = json.dumps(document).encode()
    start_response(
        f"{status.value} {status.phrase}",
        [("Content-Type", kind), ("Content-Length", str(len(body))), *(headers or [])],
    )
    return [body]
