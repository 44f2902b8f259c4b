"""Does the API answer at all, and is it the API that answers?"""

from urllib.parse import urljoin, urlsplit

from diagnostics.clients.clearpay_api.requests import (
    DIFFERENCE,
    ask,
    clock_difference,
    phases_text,
    proxy_of,
    stranger,
)
from diagnostics.clients.http.messages import MOST_BYTES, Answer
from diagnostics.clients.http.no_answer import NoAnswer
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.targets.target import EndpointKind

QUESTION = "Does the API answer at all, and is it the API that answers?"
LAYER = "api"
APPLIES_TO: tuple[EndpointKind, ...] = ("https", "http")
NEEDS = ("tls",)
READS: tuple[str, ...] = ()
FINDINGS = (
    "reach.host_not_found",
    "reach.refused",
    "reach.timeout",
    "reach.silent",
    "reach.proxy_refused",
    "reach.broken_answer",
    "reach.server_error",
    "reach.not_the_api",
)
SAFETY: Safety = "remote"
BUDGET = 8.0
ALONE = False
SENDS = "One GET of the health path without a credential."

NOT_OURS = {
    "tls": "TLS failed before any request: certificate and handshake are the question of the tls layer",
    "no_route": "no route to the API: a network of this machine is down",
}
PROXY_STATUS = 407


def run(context: Context, /) -> None:
    """Ask once, and say what came back or what came instead."""
    _show_address(context)
    path = context.target.settings.contract.health_path
    try:
        answer = ask(context, path)
    except NoAnswer as missing:
        _missing(context, missing)
        return
    _show(context, answer)
    _judge(context, answer)


def _show_address(context: Context) -> None:
    parts = urlsplit(context.endpoint.url)
    context.evidence("host", parts.hostname)
    context.evidence("port", parts.port or (443 if parts.scheme == "https" else 80))
    if proxy := proxy_of(context):
        context.evidence("proxy", proxy)


def _missing(context: Context, missing: NoAnswer) -> None:
    context.evidence("answer", "none", ok=False, note=f"{missing.problem}: {missing.detail}")
    if f"reach.{missing.problem}" in FINDINGS:
        context.finding(f"reach.{missing.problem}")
    else:
        context.unknown(f"{NOT_OURS[missing.problem]}: {missing.detail}")


def _show(context: Context, answer: Answer) -> None:
    context.evidence("took", round(answer.phases.total, 1), unit="ms", note=phases_text(answer.phases))
    difference = clock_difference(answer)
    if difference is not None:
        context.evidence(DIFFERENCE, difference, unit="s", note="the API's Date less our clock")


def _judge(context: Context, answer: Answer) -> None:
    """A proxy's words first, then the API's own trouble, then whoever else may have answered."""
    elsewhere = _elsewhere(context, answer)
    if answer.status == PROXY_STATUS:
        _fail(context, answer, "reach.proxy_refused", "the proxy wants a login of its own")
    elif answer.status >= 500:  # noqa: PLR2004  RFC 9110, 15.6
        note = "a gateway's page: the API behind it does not answer" if answer.html else "the API's own error"
        _fail(context, answer, "reach.server_error", note)
    elif elsewhere:
        _fail(context, answer, "reach.not_the_api", f"sent on to {elsewhere}; not followed")
    elif answer.html:
        _fail(context, answer, "reach.not_the_api", stranger(answer))
    elif answer.too_long:
        context.unknown(
            f"the health path answered {answer.status} and over {MOST_BYTES // 1024} KB, which were not read "
            "to their end: is contract.health_path right?"
        )
    elif answer.status == 200:  # noqa: PLR2004  RFC 9110, 15.3.1
        context.evidence("status", 200, expected=200, ok=True)
    else:
        context.unknown(
            f"the health path answered {answer.status}: is contract.health_path right, and open to all?"
        )


def _fail(context: Context, answer: Answer, code: str, note: str) -> None:
    context.evidence("status", answer.status, expected=200, ok=False, note=note)
    context.finding(code)


def _elsewhere(context: Context, answer: Answer) -> str:
    """The other host that a redirect names; empty where there is none."""
    if not 300 <= answer.status < 400:  # noqa: PLR2004  RFC 9110, 15.4
        return ""
    here = urlsplit(context.endpoint.url)
    try:
        there = urlsplit(urljoin(context.endpoint.url, answer.headers.get("location", "")))
    except ValueError:
        return "an address that cannot be read"
    same = (there.hostname, there.scheme) == (here.hostname, here.scheme)
    return "" if same else f"{there.scheme}://{there.hostname}"
