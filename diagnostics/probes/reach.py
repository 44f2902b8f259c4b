"""One GET of the health path: reachability of the API, and other servers that answer in its place."""

from urllib.parse import urljoin, urlsplit

from diagnostics.clients.clearpay_api.facts import ClockDifference
from diagnostics.clients.clearpay_api.proxy_limits import examine_refusal, is_proxy_429, is_refusal
from diagnostics.clients.clearpay_api.rate_limit_evidence import TOO_MANY, record_limits
from diagnostics.clients.clearpay_api.requests import (
    clock_difference,
    foreign_response_text,
    phases_text,
    proxy_address,
    send_get,
)
from diagnostics.clients.http.client_certificates import certificate_refusal
from diagnostics.clients.http.health_answer import health_problem
from diagnostics.clients.http.messages import MAX_BODY_BYTES, Response
from diagnostics.clients.http.no_response import NoResponse
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
SENDS = (
    "One GET of the health path without a credential; up to ten more within 4 s if a proxy in front of the "
    "API refuses it as one too many."
)

OTHER_PROBLEMS = {
    "tls": "TLS failed before any request: the tls layer examines certificate and handshake",
    "no_route": "no route to the API: a network of this machine is down",
}
"""Reasons of `unknown` for problems without a finding of this probe."""
PROXY_STATUS = 407


def run(context: Context, /) -> None:
    """Send one GET, and judge the response or the failure."""
    _report_address(context)
    path = context.target.settings.contract.health_path
    try:
        response = send_get(context, path)
        if is_refusal(response):
            response = examine_refusal(context, path, response)
    except NoResponse as failure:
        _judge_failure(context, failure)
        return
    _report_response(context, response)
    _judge_response(context, response)


def _report_address(context: Context) -> None:
    parts = urlsplit(context.endpoint.url)
    context.evidence("host", parts.hostname)
    context.evidence("port", parts.port or (443 if parts.scheme == "https" else 80))
    if proxy := proxy_address(context):
        context.evidence("proxy", proxy)


def _judge_failure(context: Context, failure: NoResponse) -> None:
    context.evidence("answer", "none", ok=False, note=f"{failure.problem}: {failure.detail}")
    if f"reach.{failure.problem}" in FINDINGS:
        context.finding(f"reach.{failure.problem}")
    else:
        context.unknown(f"{OTHER_PROBLEMS[failure.problem]}: {failure.detail}")


def _report_response(context: Context, response: Response) -> None:
    context.evidence("took", round(response.phases.total, 1), unit="ms", note=phases_text(response.phases))
    difference = clock_difference(response)
    if difference is not None:
        context.evidence("clock difference", difference, unit="s", note="the API's Date less our clock")
        context.share(ClockDifference(difference))


def _judge_response(context: Context, response: Response) -> None:
    """Judge a status of a proxy first, then an error of the API, then responses of other servers."""
    promised = context.target.settings.contract.health_text
    problem = health_problem(response.body, response.headers.get("content-type", ""), promised)
    other_host = _redirect_host(context, response)
    if is_refusal(response):
        _report_refusal(context, response)
    elif response.status == PROXY_STATUS:
        _fail(context, response, "reach.proxy_refused", "the proxy requires a login of its own")
    elif response.status >= 500:  # noqa: PLR2004  RFC 9110, 15.6
        note = (
            "a gateway's page: the API behind it does not answer" if response.html else "the API's own error"
        )
        _fail(context, response, "reach.server_error", note)
    elif other_host:
        _fail(context, response, "reach.not_the_api", f"redirected to {other_host}; not followed")
    elif refusal := certificate_refusal(response.status, response.body):
        context.unknown(f"{refusal}: the server demands a client certificate; the tls layer examines that")
    elif response.html and (problem or response.status != 200):  # noqa: PLR2004  RFC 9110, 15.3.1
        _fail(context, response, "reach.not_the_api", foreign_response_text(response))
    elif response.status == TOO_MANY:
        record_limits(context, response)
        context.unknown("the API answers 429 to the health path: the probe quota reports the limit")
    elif response.too_long:
        context.unknown(
            f"the health path answered {response.status} and over {MAX_BODY_BYTES // 1024} KB, not read "
            "to the end: is contract.health_path right?"
        )
    elif response.status == 200:  # noqa: PLR2004  RFC 9110, 15.3.1
        _judge_health(context, problem)
    else:
        context.unknown(
            f"the health path answered {response.status}: is contract.health_path right, and open to all?"
        )


def _judge_health(context: Context, problem: str) -> None:
    """Report an answer of status 200, and leave the API open if it is not the answer of a healthy one."""
    context.evidence("status", 200, expected=200, ok=not problem, note=problem)
    if problem:
        context.unknown(
            f"the health path answered 200 {problem}: are contract.health_path and health_text right?"
        )


def _report_refusal(context: Context, response: Response) -> None:
    """Leave the API open: a proxy answered in its place. The probe `quota` reports a limit of the proxy."""
    context.evidence("status", response.status, expected=200, ok=False, note=foreign_response_text(response))
    if is_proxy_429(response):
        context.unknown("a proxy in front of the API answers 429: the probe quota reports its limit")
        return
    context.finding("reach.server_error", "warn")
    context.unknown(
        "nginx itself answers 503, whatever the pace: limit_req or limit_conn refuses all of these requests, "
        "or it has no API to pass them to (return 503, an ingress without endpoints); its error log says it"
    )


def _fail(context: Context, response: Response, code: str, note: str) -> None:
    context.evidence("status", response.status, expected=200, ok=False, note=note)
    context.finding(code)


def _redirect_host(context: Context, response: Response) -> str:
    """Return scheme and host of a redirect that leaves the API's; empty if there is none."""
    if not 300 <= response.status < 400:  # noqa: PLR2004  RFC 9110, 15.4
        return ""
    here = urlsplit(context.endpoint.url)
    try:
        there = urlsplit(urljoin(context.endpoint.url, response.headers.get("location", "")))
    except ValueError:
        return "an address that cannot be read"
    same = (there.hostname, there.scheme) == (here.hostname, here.scheme)
    return "" if same else f"{there.scheme}://{there.hostname}"
