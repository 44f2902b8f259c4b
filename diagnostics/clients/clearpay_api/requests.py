"""Requests to ClearPay's API by the target's contract, and the fields of its responses."""

from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import urlsplit

from diagnostics.clients.http.dates import parse_http_date
from diagnostics.clients.http.messages import Phases, Request, Response
from diagnostics.clients.json_shape import Misshapen, value_at, words_at
from diagnostics.engine.context import Context

ValueT = TypeVar("ValueT")


def send_get(context: Context, path: str, headers: Mapping[str, str] | None = None) -> Response:
    """Send one GET below the API's base URL, timed as a step of that name. Raises NoResponse."""
    from diagnostics.clients.http.get_request import get  # noqa: PLC0415  100 ms that only a probe with a request pays

    with context.step(f"GET {path}") as opened:
        response = get(_request(context, path, headers or {}))
        opened.detail = f"{response.status}, {phases_text(response.phases)}"
    return response


def proxy_address(context: Context) -> str:
    """Return host and port of the proxy from the contract or the environment; empty if there is none."""
    from diagnostics.clients.http.get_request import proxy_of  # noqa: PLC0415

    url = proxy_of(_request(context, "", {}))
    parts = urlsplit(url if "://" in url else f"//{url}")
    return parts.netloc.rpartition("@")[2]


def _request(context: Context, path: str, headers: Mapping[str, str]) -> Request:
    settings, folder = context.target.settings, context.target.folder
    certificate = str(folder / settings.tls.client_cert) if settings.tls.client_cert else ""
    return Request(
        url=context.endpoint.url.rstrip("/") + path,
        seconds=context.deadline.within(context.thresholds.api_timeout_s),
        headers=headers,
        ca_file=str(folder / settings.tls.ca_file) if settings.tls.ca_file else "",
        client_files=(certificate, str(folder / settings.tls.client_key))
        if certificate and settings.tls.client_key
        else certificate,
        proxy=settings.contract.proxy,
    )


def phases_text(phases: Phases) -> str:
    """Return the phases as `resolve 1 ms, connect 2 ms, ...`."""
    named = {
        "resolve": phases.resolve,
        "connect": phases.connect,
        "TLS": phases.tls,
        "first byte": phases.first_byte,
        "body": phases.body,
    }
    return ", ".join(f"{name} {ms:.1f} ms" for name, ms in named.items())


def error_type(context: Context, response: Response) -> str:
    """Return the error type of the API's response; empty if the response is not the API's."""
    value = value_at(response.document, context.target.settings.contract.error_field)
    return value if isinstance(value, str) else ""


def foreign_response_text(response: Response) -> str:
    """Return a description of a response that is not the API's, as a reason for `unknown`."""
    kind = response.headers.get("content-type", "no content type")
    server = response.headers.get("server", "unnamed")
    return f"{response.status} with {kind} from server {server}: not the API's own answer"


def granted_scopes(context: Context, response: Response) -> tuple[str, ...] | None:
    """Return the scopes that the response lists; None if it lists none, or not as texts."""
    return read_field(context, response, words_at, "scopes_field")


def read_field(
    context: Context, response: Response, reader: Callable[[object, str], ValueT | None], setting: str
) -> ValueT | None:
    """Return the field of an answer that a setting of the contract names; None if there is none.

    A field of another type leaves the question open, and the reason names the setting.
    """
    try:
        return reader(response.document, getattr(context.target.settings.contract, setting))
    except Misshapen as error:
        key = f"target.{context.target.name}.contract.{setting}"
        context.unknown(f"the API's answer cannot be read: {error}: is {key} right?")
        return None


def clock_difference(response: Response) -> float | None:
    """Return the API's clock minus ours in seconds, to a second; None without a Date (RFC 9110, 6.6.1).

    An answer of a cache has the Date of its origin and an Age since then (RFC 9111, 5.1).
    """
    date = parse_http_date(response.headers.get("date", ""))
    age = response.headers.get("age", "")
    if date is not None and age.isascii() and age.isdigit():
        date += int(age[:9])
    # A Date has whole seconds: on average the time is half a second later.
    return None if date is None else round(date + 0.5 - response.at, 1)
