"""Classification of failed requests from the nested errors of `requests` and urllib3."""

import errno
import socket
import ssl
from collections.abc import Iterator
from http.client import HTTPException
from typing import Final

import requests
import urllib3

from diagnostics.clients.http.no_response import NoResponse, Problem
from diagnostics.errors import CannotTell

ERRNOS: Final[dict[int, Problem]] = {
    errno.ECONNREFUSED: "refused",
    errno.EHOSTUNREACH: "no_route",
    errno.ENETUNREACH: "no_route",
}
CLASSES_BEFORE_ERRNOS: Final[tuple[tuple[tuple[type[BaseException], ...], Problem], ...]] = (
    ((requests.exceptions.ProxyError, urllib3.exceptions.ProxyError), "proxy_refused"),
    ((requests.exceptions.SSLError, ssl.SSLError), "tls"),
)
CLASSES_AFTER_ERRNOS: Final[tuple[tuple[tuple[type[BaseException], ...], Problem], ...]] = (
    ((socket.gaierror,), "host_not_found"),
    ((requests.exceptions.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError), "timeout"),
    ((requests.exceptions.Timeout, urllib3.exceptions.ReadTimeoutError, TimeoutError), "silent"),
)
"""The first match decides: a failure of the proxy or of TLS hides what is behind it."""
ERRORS: Final = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    HTTPException,
    OSError,
    ValueError,
    LookupError,
    ArithmeticError,
)
"""Every error that a request may raise; the last three are those of parsers within the libraries."""
UNSENDABLE: Final = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidHeader,
    requests.exceptions.InvalidProxyURL,
)
"""Errors of a request that was not sent: its own URL, proxy or header cannot be used."""


def classify(error: BaseException, *, expired: bool, connected: bool) -> NoResponse:
    """Return the failure behind an error. Raises CannotTell for a request that cannot be sent.

    `expired` is true if the deadline had passed: it shuts the connection, which looks like a broken response.
    `connected` is true if there was a TCP connection.
    """
    errors = list(_nested(error))
    detail = f"{type(errors[-1]).__name__}: {errors[-1]}"
    if isinstance(error, UNSENDABLE) and not connected:
        raise CannotTell(f"the request cannot be sent: {type(error).__name__}")
    if expired:
        return NoResponse("silent" if connected else "timeout", "no whole answer before the deadline")
    if type(error) is OSError and error.errno is None:
        # The error of requests for a missing bundle or client certificate.
        return NoResponse("tls", detail)
    problem = _match(errors, CLASSES_BEFORE_ERRNOS) or _errno_problem(errors)
    return NoResponse(problem or _match(errors, CLASSES_AFTER_ERRNOS) or "broken_answer", detail)


def _match(
    errors: list[BaseException], classes: tuple[tuple[tuple[type[BaseException], ...], Problem], ...]
) -> Problem | None:
    for types, problem in classes:
        if any(isinstance(error, types) for error in errors):
            return problem
    return None


def _errno_problem(errors: list[BaseException]) -> Problem | None:
    for error in errors:
        if isinstance(error, OSError) and error.errno in ERRNOS:
            return ERRNOS[error.errno]
    return None


def _nested(error: BaseException) -> Iterator[BaseException]:
    """Yield the error and those that it wraps, the outermost first; libraries keep them in three places."""
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        inner = (*current.args, getattr(current, "reason", None), current.__cause__, current.__context__)
        waiting += [nested for nested in inner if isinstance(nested, BaseException)]
