"""Rate limits of a proxy in front of the API: refusals that the API itself did not send.

nginx answers 503 by default where `limit_req` or `limit_conn` refuses, and the configured status
otherwise. Its own 503 page is also that of `return 503` and of an ingress without endpoints, so only the
pace tells: a request is refused, one after a pause passes, one right after it is refused again. Source:
ngx_http_limit_req_module.
"""

import re
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from diagnostics.clients.clearpay_api.rate_limits import has_limits
from diagnostics.clients.clearpay_api.requests import send_get
from diagnostics.clients.http.messages import Response
from diagnostics.clients.http.no_response import NoResponse
from diagnostics.engine.context import Context

OWN_PAGE: Final = re.compile(rb"<center>(nginx|openresty|tengine)\b", re.IGNORECASE)
PAUSES_S: Final = (0.3, 0.5, 0.8, 1.2)
"""Pauses before a request is sent again: most limits let one pass after the last."""
AT_ONCE: Final = 6
"""Requests without a pause that follow the one that passed, until one is refused."""


@dataclass(frozen=True, slots=True)
class ProxyRefusal:
    """Fact that a probe shares if a proxy refused a request, so that `quota` can report its limit."""

    server: str
    status: int
    proven: bool
    """True if the status or the pace shows that it is a rate limit."""
    own_pace: bool
    """True if only requests that followed others of this run were refused."""


def is_proxy_429(response: Response) -> bool:
    """Return True for a 429 that is not the API's: a page, or a text without any of the API's headers."""
    if response.status != HTTPStatus.TOO_MANY_REQUESTS:
        return False
    return response.html or (response.document is None and not has_limits(response.headers))


def is_nginx_503(response: Response) -> bool:
    """Return True for nginx's own page with 503; a page that it passes on does not count."""
    return response.status == HTTPStatus.SERVICE_UNAVAILABLE and OWN_PAGE.search(response.body) is not None


def is_refusal(response: Response) -> bool:
    """Return True for a response by which a proxy refuses, or may refuse, too many requests."""
    return is_proxy_429(response) or is_nginx_503(response)


def send_at_pace(context: Context, path: str, headers: dict[str, str] | None = None) -> Response:
    """Send a GET that follows others, again after a pause if a proxy refuses it; return the last response.

    Raises NoResponse.
    """
    first = response = send_get(context, path, headers)
    for pause_s in PAUSES_S[-2:]:
        if not is_refusal(response) or not _wait(context, pause_s):
            break
        response = send_get(context, path, headers)
    if is_refusal(first):
        passed = not is_refusal(response)
        _record(context, first, proven=is_proxy_429(first) or passed, own_pace=passed)
    return response


def examine_refusal(context: Context, path: str, first: Response) -> Response:
    """Send requests at another pace after the first one was refused; return the response to judge.

    That is one that passed if the refusal is a rate limit, otherwise the first. Raises NoResponse.
    """
    statuses, response = [str(first.status)], first
    for pause_s in PAUSES_S:
        if not is_refusal(response) or not _wait(context, pause_s):
            break
        response = send_get(context, path)
        statuses.append(f"{response.status} after {pause_s:g} s")
    proven = is_proxy_429(first)
    if not is_refusal(response) and not proven:
        proven = _refused_at_once(context, path, statuses)
    context.evidence("answers by pace", tuple(statuses), note=_server(first))
    if proven or is_refusal(response):
        _record(context, first, proven=proven, own_pace=False)
    return response if proven else first


def _refused_at_once(context: Context, path: str, statuses: list[str]) -> bool:
    """Return True if a request right after one that passed is refused; add the statuses."""
    for _ in range(AT_ONCE):
        if context.deadline.left < 1:
            return False
        try:
            response = send_get(context, path)
        except NoResponse:
            return False
        statuses.append(f"{response.status} at once")
        if is_refusal(response):
            return True
    return False


def _record(context: Context, response: Response, *, proven: bool, own_pace: bool) -> None:
    context.share(ProxyRefusal(_server(response), response.status, proven=proven, own_pace=own_pace))


def _server(response: Response) -> str:
    return response.headers.get("server", "") or "a proxy without a name"


def _wait(context: Context, seconds: float) -> bool:
    """Wait; return False if the deadline leaves no time for a request after it."""
    if context.deadline.left < seconds + 1:
        return False
    time.sleep(seconds)
    return True
