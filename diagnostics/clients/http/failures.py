"""What a request that got no answer came to, out of the nested errors of `requests` and urllib3."""

import errno
import socket
import ssl
from collections.abc import Iterator
from typing import Final

import requests
import urllib3

from diagnostics.clients.http.no_answer import NoAnswer, Problem

ERRNOS: Final[dict[int, Problem]] = {
    errno.ECONNREFUSED: "refused",
    errno.EHOSTUNREACH: "no_route",
    errno.ENETUNREACH: "no_route",
}
CLASSES: Final[tuple[tuple[tuple[type[BaseException], ...], Problem], ...]] = (
    ((requests.exceptions.ProxyError, urllib3.exceptions.ProxyError), "proxy_refused"),
    ((requests.exceptions.SSLError, ssl.SSLError), "tls"),
    ((socket.gaierror,), "host_not_found"),
    ((requests.exceptions.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError), "timeout"),
    ((requests.exceptions.Timeout, urllib3.exceptions.ReadTimeoutError, TimeoutError), "silent"),
)
"""The first that is met decides: what stands before the API hides what is behind."""
ERRORS: Final = (requests.RequestException, urllib3.exceptions.HTTPError, OSError)
"""All that a request may raise; the rest is a mistake of ours."""


def failure(error: BaseException, *, expired: bool, connected: bool) -> NoAnswer:
    """Name what an error says; `expired` that our deadline cut the connection, which looks like a break."""
    found = list(_nested(error))
    detail = f"{type(found[-1]).__name__}: {found[-1]}"
    if expired:
        return NoAnswer("silent" if connected else "timeout", "no whole answer before the deadline")
    if type(error) is OSError and error.errno is None:
        return NoAnswer(
            "tls", detail
        )  # so requests says that a bundle or a client's certificate is not there
    for classes, problem in CLASSES[:2]:
        if any(isinstance(one, classes) for one in found):
            return NoAnswer(problem, detail)
    for one in found:
        if isinstance(one, OSError) and one.errno in ERRNOS:
            return NoAnswer(ERRNOS[one.errno], detail)
    for classes, problem in CLASSES[2:]:
        if any(isinstance(one, classes) for one in found):
            return NoAnswer(problem, detail)
    return NoAnswer("broken_answer", detail)


def _nested(error: BaseException) -> Iterator[BaseException]:
    """The error and those that it wraps, the outermost first; libraries hide them in three places."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = (*one.args, getattr(one, "reason", None), one.__cause__, one.__context__)
        waiting += [nested for nested in inner if isinstance(nested, BaseException)]
