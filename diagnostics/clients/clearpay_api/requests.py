"""ClearPay's API as the target describes it: requests by the contract, answers read by it."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from diagnostics.clients.http.dates import http_date
from diagnostics.clients.http.messages import Answer, Phases, Request
from diagnostics.clients.http.no_answer import NoAnswer
from diagnostics.engine.context import Context
from diagnostics.errors import CannotTell
from diagnostics.targets.target import on_loopback

GRANTED: Final = "scopes granted"
"""Evidence of `key` and `token` that `scopes` reads."""
DIFFERENCE: Final = "clock difference"
"""Evidence of `reach` that `clock` and `token` read: the API's clock minus ours, in seconds."""


def ask(context: Context, path: str, headers: Mapping[str, str] | None = None) -> Answer:
    """Make one GET below the API's base, timed as a step of that name. Raises NoAnswer."""
    from diagnostics.clients.http.get_request import get  # noqa: PLC0415  100 ms that only a probe with a request pays

    with context.step(f"GET {path}") as opened:
        answer = get(_request(context, path, headers or {}))
        opened.detail = f"{answer.status}, {phases_text(answer.phases)}"
    return answer


def proxy_of(context: Context) -> str:
    """Host and port of the proxy on the way, set by the contract or by the environment; empty without one."""
    from diagnostics.clients.http.get_request import proxied  # noqa: PLC0415

    url = proxied(_request(context, "", {}))
    parts = urlsplit(url if "://" in url else f"//{url}")
    return parts.netloc.rpartition("@")[2]


def _request(context: Context, path: str, headers: Mapping[str, str]) -> Request:
    settings = context.target.settings
    return Request(
        url=context.endpoint.url.rstrip("/") + path,
        seconds=context.deadline.within(context.thresholds.api_timeout_s),
        headers=headers,
        ca_file=str(context.target.folder / settings.tls.ca_file) if settings.tls.ca_file else "",
        proxy=settings.contract.proxy,
    )


def ask_as(context: Context, credential: str, header: str, scheme: str) -> Answer:
    """Ask who we are, with a credential. Raises CannotTell: no answer, or rejected before."""
    if digest(credential) in context.rejected:
        raise CannotTell("this credential was rejected before; a rejected one is never tried again")
    if context.endpoint.kind == "http" and not on_loopback(context.endpoint):
        raise CannotTell("the address is http://, and a credential is never sent in the clear")
    path = context.target.settings.contract.me_path
    try:
        return ask(context, path, {header: f"{scheme} {credential}".strip()})
    except NoAnswer as missing:
        raise CannotTell(f"GET {path} got no answer: {missing.problem}: {missing.detail}") from None


def digest(credential: str) -> bytes:
    """What is kept of a rejected credential."""
    return hashlib.sha256(credential.encode()).digest()


def phases_text(phases: Phases) -> str:
    """`resolve 1 ms, connect 2 ms, ...`."""
    named = {
        "resolve": phases.resolve,
        "connect": phases.connect,
        "TLS": phases.tls,
        "first byte": phases.first_byte,
        "body": phases.body,
    }
    return ", ".join(f"{name} {ms:.1f} ms" for name, ms in named.items())


def field_of(document: Mapping[str, Any] | None, path: str) -> Any:
    """What stands at a dotted path of an answer; None where it does not exist."""
    found: Any = document
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def error_type(context: Context, answer: Answer) -> str:
    """The API's own word for what is wrong; empty where something else answered."""
    found = field_of(answer.document, context.target.settings.contract.error_field)
    return found if isinstance(found, str) else ""


def stranger(answer: Answer) -> str:
    """Who answered where it was not the API, in words for a reason."""
    kind = answer.headers.get("content-type", "no content type")
    server = answer.headers.get("server", "unnamed")
    return f"{answer.status} with {kind} from server {server}: not the API's own answer"


def scopes_of(context: Context, answer: Answer) -> tuple[str, ...] | None:
    """What is allowed, as the answer lists it; None where it says nothing."""
    found = field_of(answer.document, context.target.settings.contract.scopes_field)
    if isinstance(found, str):
        return tuple(found.split())
    if isinstance(found, list):
        return tuple(one for one in found if isinstance(one, str))
    return None


def clock_difference(answer: Answer) -> float | None:
    """The API's clock minus ours in seconds, good to a second; None without a Date (RFC 9110, 6.6.1)."""
    moment = http_date(answer.headers.get("date", ""))
    # A Date has whole seconds: the moment lies half a second later on average.
    return None if moment is None else round(moment + 0.5 - answer.at, 1)
