"""HTTP interface of the exporter, an ASGI application."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from diagnostics.errors import UsageError
from diagnostics.exporter.children import Children
from diagnostics.exporter.examinations import Examinations
from diagnostics.exporter.exposition import ScrapeMetrics, encoded, is_success
from diagnostics.exporter.modules import DEFAULT_MODULE
from diagnostics.exporter.own_metrics import OwnMetrics
from diagnostics.exporter.page import page
from diagnostics.exporter.web_config import WebConfig
from kb.records.errors import InvalidRecord

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

TIMEOUT_HEADER = b"x-prometheus-scrape-timeout-seconds"
OFFSET_S = 0.5
"""Seconds of a scrape's timeout that are left for the way of the answer."""
DEFAULT_TIMEOUT_S = 10.0
MAX_TIMEOUT_S = 120.0
MIN_TIMEOUT_S = 0.5
AUTH_THREADS = 2
MAX_QUERY = 2000
TEXT = "text/plain; charset=utf-8"
SECURITY_HEADERS = [
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
]
REALM = [(b"www-authenticate", b'Basic realm="clearpay-doctor"')]


@dataclass(frozen=True, slots=True)
class Reply:
    """Answer to a request."""

    status: int
    body: bytes
    content_type: str = TEXT
    headers: tuple[tuple[bytes, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """Parts of a request that the exporter uses."""

    method: str
    path: str
    query: str
    headers: dict[bytes, str]


class Application:
    """Paths of the exporter."""

    def __init__(
        self,
        examinations: Examinations,
        children: Children,
        web: WebConfig,
        read_again: Callable[[], None],
    ) -> None:
        self._examinations = examinations
        self._children = children
        self._web = web
        self._read_again = read_again
        self._own = OwnMetrics(examinations, children)
        self._auth = ThreadPoolExecutor(AUTH_THREADS, thread_name_prefix="auth")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request, or start and stop the child processes with the server."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            request = Request(
                scope["method"],
                scope["path"],
                scope["query_string"][:MAX_QUERY].decode("ascii", "replace"),
                {name: value.decode("latin-1") for name, value in scope["headers"]},
            )
            await _send(send, await self._reply(request), with_body=request.method != "HEAD")

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        self._children.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._children.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _reply(self, request: Request) -> Reply:
        """Return the answer to a request; states for the kubelet, which has no password, come first."""
        if request.path == "/-/healthy":
            return Reply(200, b"healthy\n")
        if request.path == "/-/ready":
            ready = self._children.is_ready
            return Reply(200 if ready else 503, b"ready\n" if ready else b"starting\n")
        if not await self._is_allowed(request):
            return Reply(401, b"a user and a password are needed\n", headers=tuple(REALM))
        return await self._allowed_reply(request)

    async def _allowed_reply(self, request: Request) -> Reply:
        if request.path == "/-/reload":
            return self.reload() if request.method in {"POST", "PUT"} else _wrong_method(b"POST, PUT")
        if request.method not in {"GET", "HEAD"}:
            return _wrong_method(b"GET, HEAD")
        if request.path == "/probe":
            return await self._probe(request)
        if request.path == "/metrics":
            return Reply(200, *encoded(self._own.registry, request.headers.get(b"accept", "")))
        if request.path == "/":
            html = page(self._examinations).encode("utf-8", "replace")
            return Reply(200, html, "text/html; charset=utf-8")
        return Reply(404, b"not found; see /\n")

    async def _is_allowed(self, request: Request) -> bool:
        authorization = request.headers.get(b"authorization", "")
        known = self._web.knows(authorization)
        if known is not None:
            return known
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._auth, self._web.allows, authorization)

    def reload(self) -> Reply:
        """Read the target file again; one with problems leaves everything as it was."""
        try:
            self._read_again()
        except (UsageError, InvalidRecord):
            self._own.reloads.labels("failure").inc()
            return Reply(500, b"the target file has problems; see: clearpay-doctor list targets\n")
        self._children.reload()
        self._own.reloads.labels("success").inc()
        return Reply(200, b"reloaded\n")

    async def _probe(self, request: Request) -> Reply:
        """Answer a scrape. The query is never repeated: it may have a secret that was pasted by mistake."""
        query = parse_qs(request.query, max_num_fields=20)
        targets, modules = query.get("target", []), query.get("module", [DEFAULT_MODULE])
        if len(targets) != 1 or len(modules) != 1:
            return Reply(400, b"one target= of the target file is needed, and at most one module=; see /\n")
        target, module = targets[0], modules[0]
        if target not in self._examinations.targets:
            return Reply(404, b"the target file has no such target; see /\n")
        if module not in self._examinations.modules:
            return Reply(404, b"the target file has no such module; see /\n")
        began = time.monotonic()
        answer = await self._examinations.result(target, module, scrape_seconds(request.headers))
        state = self._examinations.targets.get(target)
        probes = self._examinations.modules.get(module)
        if state is None or probes is None:
            return Reply(503, b"the target file was read again meanwhile\n")
        self._own.duration.observe(time.monotonic() - began)
        success = "success" if is_success(answer, probes) else "failure"
        self._own.scrapes.labels("no_result" if answer.problem else success).inc()
        metrics = ScrapeMetrics(answer, state, probes)
        return Reply(200, *encoded(metrics, request.headers.get(b"accept", "")))


def scrape_seconds(headers: dict[bytes, str]) -> float:
    """Return the seconds that a scrape may take: its own timeout, less the way of the answer."""
    try:
        seconds = float(headers.get(TIMEOUT_HEADER, ""))
    except ValueError:
        seconds = DEFAULT_TIMEOUT_S
    if not math.isfinite(seconds):
        seconds = DEFAULT_TIMEOUT_S
    return max(MIN_TIMEOUT_S, min(seconds, MAX_TIMEOUT_S) - OFFSET_S)


def _wrong_method(allowed: bytes) -> Reply:
    return Reply(405, b"this path takes another method\n", headers=((b"allow", allowed),))


async def _send(send: Send, reply: Reply, *, with_body: bool) -> None:
    headers = [
        (b"content-type", reply.content_type.encode()),
        (b"content-length", str(len(reply.body)).encode()),
        *SECURITY_HEADERS,
        *reply.headers,
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body if with_body else b""})
