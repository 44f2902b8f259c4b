"""Does the API take the application's token, and if not, is it time, place or signature?"""

from diagnostics.clients.clearpay_api.jwt import Claims, Malformed, claims_of, looks_like_jwt
from diagnostics.clients.clearpay_api.rate_limit_evidence import TOO_MANY, record_limits
from diagnostics.clients.clearpay_api.requests import DIFFERENCE, GRANTED, ask_as, digest, scopes_of, stranger
from diagnostics.clients.http.dates import shown_time
from diagnostics.clients.http.messages import Answer
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
SLACK_S = 2.0
"""A Date has whole seconds and a request takes time: closer than this, two clocks cannot be compared."""
BY_ITS_CLOCK = (
    "by the API's clock only the token is {}: the clocks differ, and the clock probe names by how much"
)


def run(context: Context, /) -> None:
    """Read the token, then show it to the API once; what the API refuses is explained by what was read."""
    token = _token(context)
    try:
        claims = claims_of(token) if looks_like_jwt(token) else None
    except Malformed as error:
        context.evidence("form", "no JWT", ok=False, note=str(error))
        context.finding("token.malformed")
        return
    _show(context, claims)
    contract = context.target.settings.contract
    answer = ask_as(context, token, contract.token_header, contract.token_scheme)
    record_limits(context, answer)
    if answer.status == UNAUTHORIZED:
        _refused(context, token, claims, answer)
    elif answer.status == TOO_MANY and not answer.html:
        raise CannotTell("the API answers 429 before it looks at the token")
    elif answer.status != 200 or answer.document is None:  # noqa: PLR2004  RFC 9110, 15.3.1
        raise CannotTell(f"GET {contract.me_path}: {stranger(answer)}")
    else:
        _taken(context, answer, claims)


def _token(context: Context) -> str:
    secret = context.target.settings.secrets.token
    if secret is None:
        raise Skip(f"target {context.target.name} names no secrets.token")
    if isinstance(secret, SecretRef):
        context.evidence("token from", secret.describe())
    token = context.secrets.read(secret, "secrets.token", kind="token")
    if not token:
        raise CannotTell("secrets.token is empty")
    if not (token.isascii() and token.isprintable()) or " " in token:
        context.evidence(
            "form", "no token", ok=False, note="white space or characters that no header carries"
        )
        raise CannotTell("secrets.token has white space in it: is it the right file?")
    return token


def _show(context: Context, claims: Claims | None) -> None:
    if claims is None:
        context.evidence("form", "opaque", note="only the API knows what it stands for")
        return
    unsigned = claims.algorithm.lower() == "none"
    note = "unsigned: anybody could have written it" if unsigned else ""
    context.evidence("algorithm", claims.algorithm or "none named", ok=False if unsigned else None, note=note)
    for name, moment in (("issued", claims.issued), ("expires", claims.expires)):
        if moment is not None:
            context.evidence(name, shown_time(moment))
    context.evidence("issuer", claims.issuer or "none named")
    context.evidence("audience", claims.audiences)


def _refused(context: Context, token: str, claims: Claims | None, answer: Answer) -> None:
    challenge = answer.headers.get("www-authenticate", "")
    if answer.html or (answer.document is None and not challenge):
        raise CannotTell(stranger(answer))
    context.evidence("answer", UNAUTHORIZED, expected=200, ok=False, note=challenge)
    code = _reason(context, claims, answer) if claims else "token.rejected"
    context.rejected.add(digest(token))
    context.finding(code)


def _reason(context: Context, claims: Claims, answer: Answer) -> str:
    """The finding that explains a refusal: time, place, else the signature. Raises CannotTell."""
    ours = answer.at
    theirs = ours + _difference(context)
    if claims.expires is not None and claims.expires <= theirs:
        _require_agreement(agree=claims.expires <= ours + SLACK_S, said="expired")
        _late(context, "expired for", theirs - claims.expires)
        return "token.expired"
    if claims.not_before is not None and claims.not_before > theirs + SLACK_S:
        _require_agreement(agree=claims.not_before > ours + SLACK_S, said="not valid yet")
        _late(context, "valid in", claims.not_before - theirs)
        return "token.not_yet_valid"
    return _place(context, claims, context.target.settings.token or Token())


def _require_agreement(*, agree: bool, said: str) -> None:
    if not agree:
        raise CannotTell(BY_ITS_CLOCK.format(said))


def _late(context: Context, name: str, seconds: float) -> None:
    context.evidence(name, round(seconds), unit="s", ok=False, note="by the API's clock")


def _place(context: Context, claims: Claims, expected: Token) -> str:
    if expected.issuer and claims.issuer != expected.issuer:
        context.evidence("iss", claims.issuer, expected=expected.issuer, ok=False)
        return "token.wrong_issuer"
    if expected.audience and expected.audience not in claims.audiences:
        context.evidence("aud", claims.audiences, expected=expected.audience, ok=False)
        return "token.wrong_audience"
    context.evidence("claims", "in order", note="so it is the signature, or the token was withdrawn")
    return "token.rejected"


def _difference(context: Context) -> float:
    found = context.earlier["reach"].evidence.get(DIFFERENCE)
    return float(found) if isinstance(found, (int, float)) else 0.0


def _taken(context: Context, answer: Answer, claims: Claims | None) -> None:
    context.evidence("token", "accepted", ok=True)
    scopes = scopes_of(context, answer)
    if scopes is None and claims and claims.scopes:
        scopes = claims.scopes
    if scopes is not None:
        context.evidence(GRANTED, scopes)
