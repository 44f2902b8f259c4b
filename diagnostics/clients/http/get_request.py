"""One GET as the application makes it, bounded in time and size.

It uses `requests`, so that trust, proxies and environment variables are the application's. Redirects are not
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
from diagnostics.clients.http.failures import ERRORS, classify
from diagnostics.clients.http.host_names import host_as_sent
from diagnostics.clients.http.messages import MAX_BODY_BYTES, Phases, Request, Response
from diagnostics.clients.http.no_response import NoResponse
from diagnostics.clients.http.socket_deadline import SocketDeadline
from diagnostics.errors import CannotTell
from kb.parsers.url import split_url

MIN_SECONDS: Final = 0.01
GZIP_OR_ZLIB: Final = 47
"""Window bits with which zlib detects either format by its header."""


def get(request: Request) -> Response:
    """Send one GET. Raises NoResponse, CannotTell if the request cannot be sent."""
    naming = Stopwatch()
    with naming.running():
        addresses = 1 if proxy_of(request) else _count_addresses(request)
    left = max(MIN_SECONDS, request.seconds - naming.seconds)
    with SocketDeadline(left) as deadline, _Session() as session:
        adapter = DeadlineAdapter(deadline)
        for scheme in ("http://", "https://"):
            session.mount(scheme, adapter)
        try:
            response = _exchange(session, request, adapter, naming, (left / addresses, left))
        except ERRORS as error:
            raise classify(error, expired=deadline.expired, connected=deadline.connected) from None
        if deadline.expired:
            raise NoResponse("silent", "no whole answer before the deadline")
    return response


def proxy_of(request: Request) -> str:
    """Return the proxy URL of the request or of the environment; empty if there is none.

    Raises CannotTell if it is not a URL.
    """
    try:
        proxy = request.proxy or select_proxy(request.url, get_environ_proxies(request.url)) or ""
        split_url(proxy if "://" in proxy else f"//{proxy}")
    except ValueError as error:
        source = "contract.proxy" if request.proxy else "the proxy of the environment (http_proxy, no_proxy)"
        raise CannotTell(f"{source} is not a URL: {error}; write http://host:port") from None
    return proxy


class _Session(requests.Session):
    """Session without redirects: `requests` would read the whole body even of one it does not follow."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return no target."""


def _count_addresses(request: Request) -> int:
    """Return the number of addresses that share the time to connect. Raises NoResponse."""
    host = urlsplit(request.url).hostname or ""
    try:
        return max(1, len(resolve(host_as_sent(host), request.seconds)))
    except (HostNotFound, UnicodeError):
        raise NoResponse("host_not_found", f"the resolver knows no {host}") from None


def _exchange(
    session: requests.Session,
    request: Request,
    adapter: DeadlineAdapter,
    naming: Stopwatch,
    timeout: tuple[float, float],
) -> Response:
    reading, began = Stopwatch(), time.time()
    with session.get(
        request.url,
        headers={"Accept": "application/json", "Accept-Encoding": "identity", **request.headers},
        auth=_keep_headers,
        timeout=timeout,
        verify=request.ca_file or True,
        cert=request.client_files or None,
        proxies={"http": request.proxy, "https": request.proxy} if request.proxy else None,
        allow_redirects=False,
        stream=True,
    ) as response:
        headers_read = time.time()
        with reading.running():
            body = _read_body(response)
    connect, opened = adapter.connect.seconds, adapter.open.seconds
    first_byte = max(0.0, response.elapsed.total_seconds() - opened)
    phases = (naming.seconds, connect, opened - connect, first_byte, reading.seconds)
    return Response(
        status=response.status_code,
        headers={name.lower(): value for name, value in response.headers.items()},
        body=body,
        phases=Phases(*(round(seconds * 1000, 3) for seconds in phases)),
        at=(began + opened + headers_read) / 2,
    )


def _keep_headers(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    """Return the request as it is: else an entry of .netrc would replace the credential under test."""
    return prepared


def _read_body(response: requests.Response) -> bytes:
    raw = b""
    while len(raw) < MAX_BODY_BYTES:
        # Only the read after the last byte detects a truncated body.
        piece = response.raw.read(MAX_BODY_BYTES - len(raw), decode_content=False)
        if not piece:
            break
        raw += piece
    if "content-encoding" not in response.headers:
        return raw
    try:
        return zlib.decompressobj(GZIP_OR_ZLIB).decompress(raw, MAX_BODY_BYTES)
    except zlib.error:
        return raw
