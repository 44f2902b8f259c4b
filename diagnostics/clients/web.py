"""One GET as the application would make it, but with an end: in time, in bytes, in redirects.

It goes through `requests`, so that trust, proxies and environment are the application's. No redirect is
followed, so that no credential reaches another host.
"""

import time
import zlib
from collections.abc import Callable
from typing import Final, TypeVar
from urllib.parse import urlsplit

import requests

from diagnostics.clients.no_answer import NoAnswer
from diagnostics.clients.resolve import HostNotFound, resolve
from diagnostics.clients.web_answer import Answer, Phases, Request
from diagnostics.clients.web_failure import ERRORS, failure
from diagnostics.clients.web_watch import Watch, WatchedAdapter

T = TypeVar("T")
MOST_BYTES: Final = 64 * 1024
"""No answer that we ask for is larger; what comes beyond is not read."""


class _Staying(requests.Session):
    """Looks at no redirect: of an unfollowed one too, `requests` would read all of the body."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere."""


def get(request: Request) -> Answer:
    """Ask once. Raises NoAnswer with what it came to instead."""
    resolve_s, addresses = (0.0, 1) if proxied(request) else _resolved(request)
    left = max(0.01, request.seconds - resolve_s)
    with Watch(left) as watch, _Staying() as session:
        for scheme in ("http://", "https://"):
            session.mount(scheme, WatchedAdapter(watch))
        began = time.time()
        try:
            with session.get(
                request.url,
                headers={"Accept": "application/json", "Accept-Encoding": "identity", **request.headers},
                auth=_as_it_is,
                timeout=(left / addresses, left),
                verify=request.ca_file or True,
                proxies={"http": request.proxy, "https": request.proxy} if request.proxy else None,
                allow_redirects=False,
                stream=True,
            ) as response:
                headed = time.time()
                body, body_s = _timed(lambda: _body(response))
        except ERRORS as error:
            raise failure(error, expired=watch.expired, connected=watch.connected) from None
        if watch.expired:
            raise NoAnswer("silent", "no whole answer before the deadline")
    took = response.elapsed.total_seconds() - watch.open_s
    phases = (resolve_s, watch.connect_s, watch.open_s - watch.connect_s, max(0.0, took), body_s)
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(
        response.status_code,
        headers,
        body,
        Phases(*(round(seconds * 1000, 3) for seconds in phases)),
        (began + watch.open_s + headed) / 2,
    )


def proxied(request: Request) -> str:
    """The proxy that the request goes through, of its own or of the environment; empty where none."""
    host = urlsplit(request.url)
    return request.proxy or requests.utils.get_environ_proxies(request.url).get(host.scheme, "")


def _resolved(request: Request) -> tuple[float, int]:
    """Seconds that the name took, and how many addresses share the time to connect."""
    host = urlsplit(request.url).hostname or ""
    try:
        addresses, seconds = _timed(lambda: resolve(host, request.seconds))
    except HostNotFound:
        raise NoAnswer("host_not_found", f"the resolver knows no {host}") from None
    return seconds, max(1, len(addresses))


def _as_it_is(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep our headers: else a line of .netrc would replace the credential that is examined."""
    return prepared


def _body(response: requests.Response) -> bytes:
    raw = b""
    while len(raw) < MOST_BYTES:
        # Only the read after the last byte tells that a body was cut off.
        piece = response.raw.read(MOST_BYTES - len(raw), decode_content=False)
        if not piece:
            break
        raw += piece
    if "content-encoding" not in response.headers:
        return raw
    try:
        # 47: gzip and zlib; the length bounds what a bomb may unfold to.
        return zlib.decompressobj(47).decompress(raw, MOST_BYTES)
    except zlib.error:
        return raw


def _timed(call: Callable[[], T]) -> tuple[T, float]:
    began = time.perf_counter()
    return call(), time.perf_counter() - began
