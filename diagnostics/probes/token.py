"""One GET with the application's token: its acceptance, and the claim that explains a refusal."""

from diagnostics.clients.clearpay_api.acceptance import require_acceptance
from diagnostics.clients.clearpay_api.credentialed_request import (
    credential_digest,
    send_with_credential,
)
from diagnostics.clients.clearpay_api.facts import ClockDifference
from diagnostics.clients.clearpay_api.jwt import Claims, Malformed, looks_like_jwt, parse_claims
from diagnostics.clients.clearpay_api.proxy_limits import is_proxy_429
from diagnostics.clients.clearpay_api.rate_limit_evidence import TOO_MANY, record_limits
from diagnostics.clients.clearpay_api.requests import (
    foreign_response_text,
    granted_scopes,
)
from diagnostics.clients.clearpay_api.scopes import share_scopes
from diagnostics.clients.http.dates import timestamp_text
from diagnostics.clients.http.messages import Response
from diagnostics.engine.context import Context
from diagnostics.engine.probe import Safety
from diagnostics.errors import CannotTell, Skip
from diagnostics.targets.settings import SecretRef, Token
from diagnostics.targets.target import EndpointKind

QUESTION = "Does the API take the application's token, and if not, is it time, place or signature?"
LAYER = "api"
APPLIES_TO: tuple[EndpointKind, ...] = ("https", "http")
NEEDS = ("reach",)
READS: tuple[str, ...] = ()
FINDINGS = (
    "token.malformed",
    "token.expired",
    "token.not_yet_valid",
    "token.wrong_issuer",
    "token.wrong_audience",
    "token.rejected",
)
SAFETY: Safety = "remote"
BUDGET = 8.0
ALONE = False
SENDS = "One GET of the me path with the application's token."

UNAUTHORIZED = 401
CLOCK_PRECISION_S = 2.0
"""Seconds to which two clocks can be compared: a Date has whole seconds, and a request takes time."""
BY_ITS_CLOCK = (
    "by the API's clock alone the token is {}: the clocks differ, and the clock probe reports by how much"
)


def run(context: Context, /) -> None:
    """Parse the token, then send it to the API once; explain a refusal by its claims."""
    token = _read_token(context)
    try:
        claims = parse_claims(token) if looks_like_jwt(token) else None
    except Malformed as error:
        context.evidence("form", "not a JWT", ok=False, note=str(error))
        context.finding("token.malformed")
        return
    _report_claims(context, claims)
    contract = context.target.settings.contract
    response = send_with_credential(context, token, contract.token_header, contract.token_scheme)
    record_limits(context, response)
    if response.status == UNAUTHORIZED:
        _judge_refusal(context, token, claims, response)
    elif is_proxy_429(response):
        raise CannotTell(
            "a proxy answers 429 before the API sees the token: the probe quota reports its limit"
        )
    elif response.status == TOO_MANY:
        raise CannotTell("the API answers 429 before it looks at the token")
    elif response.status != 200 or response.document is None:  # noqa: PLR2004  RFC 9110, 15.3.1
        raise CannotTell(f"GET {contract.me_path}: {foreign_response_text(response)}")
    else:
        _judge_acceptance(context, response, claims)


def _read_token(context: Context) -> str:
    secret = context.target.settings.secrets.token
    if secret is None:
        raise Skip(f"target {context.target.name} names no secrets.token")
    if isinstance(secret, SecretRef):
        context.evidence("token from", secret.describe())
    token = context.secrets.read(secret, "secrets.token", kind="token")
    if not token:
        raise CannotTell("secrets.token is empty")
    if not (token.isascii() and token.isprintable()) or " " in token:
        note = "white space or characters that a header cannot carry"
        context.evidence("form", "not a token", ok=False, note=note)
        raise CannotTell(
            "secrets.token contains characters that a header cannot carry: is it the right file?"
        )
    return token


def _report_claims(context: Context, claims: Claims | None) -> None:
    if claims is None:
        context.evidence("form", "opaque", note="only the API can read it")
        return
    unsigned = claims.algorithm.lower() == "none"
    note = "unsigned: anybody could have made it" if unsigned else ""
    context.evidence("algorithm", claims.algorithm or "none named", ok=False if unsigned else None, note=note)
    for name, time in (("issued", claims.issued), ("expires", claims.expires)):
        if time is not None:
            context.evidence(name, timestamp_text(time))
    context.evidence("issuer", claims.issuer or "none named")
    context.evidence("audience", claims.audiences)


def _judge_refusal(context: Context, token: str, claims: Claims | None, response: Response) -> None:
    challenge = response.headers.get("www-authenticate", "")
    if response.html or (response.document is None and not challenge):
        raise CannotTell(foreign_response_text(response))
    context.evidence("answer", UNAUTHORIZED, expected=200, ok=False, note=challenge)
    code = _explain_refusal(context, claims, response) if claims else "token.rejected"
    context.rejected.add(credential_digest(token))
    context.finding(code)


def _explain_refusal(context: Context, claims: Claims, response: Response) -> str:
    """Return the finding that explains a refusal: times, then issuer and audience, else the signature.

    Raises CannotTell if the times explain it by one of the two clocks only.
    """
    ours = response.at
    theirs = ours + _clock_difference(context)
    if claims.expires is not None and claims.expires <= theirs:
        _require_agreement(agree=claims.expires <= ours + CLOCK_PRECISION_S, state="expired")
        _report_seconds(context, "expired for", theirs - claims.expires)
        return "token.expired"
    if claims.not_before is not None and claims.not_before > theirs + CLOCK_PRECISION_S:
        _require_agreement(agree=claims.not_before > ours + CLOCK_PRECISION_S, state="not valid yet")
        _report_seconds(context, "valid in", claims.not_before - theirs)
        return "token.not_yet_valid"
    return _explain_by_issuer(context, claims, context.target.settings.token or Token())


def _require_agreement(*, agree: bool, state: str) -> None:
    if not agree:
        raise CannotTell(BY_ITS_CLOCK.format(state))


def _report_seconds(context: Context, name: str, seconds: float) -> None:
    context.evidence(name, round(seconds), unit="s", ok=False, note="by the API's clock")


def _explain_by_issuer(context: Context, claims: Claims, expected: Token) -> str:
    if expected.issuer and claims.issuer != expected.issuer:
        context.evidence("iss", claims.issuer, expected=expected.issuer, ok=False)
        return "token.wrong_issuer"
    if expected.audience and expected.audience not in claims.audiences:
        context.evidence("aud", claims.audiences, expected=expected.audience, ok=False)
        return "token.wrong_audience"
    context.evidence("claims", "in order", note="so the signature is invalid, or the token was revoked")
    return "token.rejected"


def _clock_difference(context: Context) -> float:
    difference = context.fact_of("reach", ClockDifference)
    return difference.seconds if difference else 0.0


def _judge_acceptance(context: Context, response: Response, claims: Claims | None) -> None:
    scopes = granted_scopes(context, response)
    if scopes == ():  # a caller whom the API does not know has none either
        share_scopes(context, scopes)
    require_acceptance(context, response, "token")
    if scopes is None and claims:
        scopes = claims.scopes
    if scopes:
        share_scopes(context, scopes)
