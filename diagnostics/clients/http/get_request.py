"""One GET as the application would make it, but with an end: in time, in bytes, in redirects.

It goes through `requests`, so that trust, proxies and environment are the application's. No redirect is
followed, so that no credential reaches another host.
"""

import time
import zlib
from typing import Final
from urllib.parse import urlsplit

import requests
from requests.utils import get_environ_proxies, select_proxy

from diagnostics.clients.dns import HostNotFound, resolve
from diagnostics.clients.http.deadline_adapter import DeadlineAdapter, Stopwatch
from diagnostics.clients.http.failures import ERRORS, failure
from diagnostics.clients.http.messages import MOST_BYTES, Answer, Phases, Request
from diagnostics.clients.http.no_answer import NoAnswer
from diagnostics.clients.http.socket_deadline import SocketDeadline

LEAST_S: Final = 0.01
GZIP_OR_ZLIB: Final = 47
"""What zlib calls the window of either format, told apart by its header."""


def get(request: Request) -> Answer:
    """Ask once. Raises NoAnswer with what it came to instead."""
    naming = Stopwatch()
    with naming.running():
        addresses = 1 if proxied(request) else _addresses(request)
    left = max(LEAST_S, request.seconds - naming.seconds)
    with SocketDeadline(left) as deadline, _Staying() as session:
        adapter = DeadlineAdapter(deadline)
        for scheme in ("http://", "https://"):
            session.mount(scheme, adapter)
        try:
            answer = _exchange(session, request, adapter, naming, (left / addresses, left))
        except ERRORS as error:
            raise failure(error, expired=deadline.expired, connected=deadline.connected) from None
        if deadline.expired:
            raise NoAnswer("silent", "no whole answer before the deadline")
    return answer


def proxied(request: Request) -> str:
    """The proxy that the request goes through, of its own or of the environment; empty where none."""
    return request.proxy or select_proxy(request.url, get_environ_proxies(request.url)) or ""


class _Staying(requests.Session):
    """Looks at no redirect: of an unfollowed one too, `requests` would read all of the body."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere."""


def _addresses(request: Request) -> int:
    """How many addresses share the time to connect."""
    host = urlsplit(request.url).hostname or ""
    try:
        return max(1, len(resolve(host, request.seconds)))
    except HostNotFound:
        raise NoAnswer("host_not_found", f"the resolver knows no {host}") from None


def _exchange(
    session: requests.Session,
    request: Request,
    adapter: DeadlineAdapter,
    naming: Stopwatch,
    timeout: tuple[float, float],
) -> Answer:
    reading, began = Stopwatch(), time.time()
    with session.get(
        request.url,
        headers={"Accept": "application/json", "Accept-Encoding": "identity", **request.headers},
        auth=_as_it_is,
        timeout=timeout,
        verify=request.ca_file or True,
        proxies={"http": request.proxy, "https": request.proxy} if request.proxy else None,
        allow_redirects=False,
        stream=True,
    ) as response:
        headed = time.time()
        with reading.running():
            body = _body(response)
    connect, opened = adapter.connect.seconds, adapter.open.seconds
    first_byte = max(0.0, response.elapsed.total_seconds() - opened)
    phases = (naming.seconds, connect, opened - connect, first_byte, reading.seconds)
    return Answer(
        status=response.status_code,
        headers={name.lower(): value for name, value in response.headers.items()},
        body=body,
        phases=Phases(*(round(seconds * 1000, 3) for seconds in phases)),
        at=(began + opened + headed) / 2,
    )


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
        return zlib.decompressobj(GZIP_OR_ZLIB).decompress(raw, MOST_BYTES)
    except zlib.error:
        return raw
