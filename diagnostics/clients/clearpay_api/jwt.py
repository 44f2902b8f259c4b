"""What a token says of itself (RFC 7519), read without its key: whether it is genuine, only the API tells."""

import base64
import binascii
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

PARTS: Final = 3
MOST_BYTES: Final = 64 * 1024


class Malformed(Exception):
    """The text looks like a JWT and is none, and why."""


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims that time, place and right depend on; None or empty where the token does not say."""

    algorithm: str
    expires: float | None
    not_before: float | None
    """The later of `nbf` and `iat`: before both, servers refuse it."""
    issued: float | None
    issuer: str
    audiences: tuple[str, ...]
    scopes: tuple[str, ...]


def looks_like_jwt(token: str) -> bool:
    """Whether a text is meant as a JWT: it begins as every JSON object in base64url does, or has its dots."""
    return token.startswith("eyJ") or token.count(".") == PARTS - 1


def claims_of(token: str) -> Claims:
    """Read a token. Raises Malformed."""
    parts = token.split(".")
    if len(parts) != PARTS:
        raise Malformed(f"{len(parts)} parts instead of 3: it was cut off, or something was added")
    header, payload = _object(parts[0], "header"), _object(parts[1], "payload")
    audience = payload.get("aud")
    starts = [one for one in (_time(payload, "nbf"), _time(payload, "iat")) if one is not None]
    scope = payload.get("scope", payload.get("scopes"))
    return Claims(
        algorithm=_text(header.get("alg")),
        expires=_time(payload, "exp"),
        not_before=max(starts, default=None),
        issued=_time(payload, "iat"),
        issuer=_text(payload.get("iss")),
        audiences=_texts(audience if isinstance(audience, list) else [audience]),
        scopes=_texts(scope.split() if isinstance(scope, str) else scope),
    )


def _object(part: str, name: str) -> Mapping[str, Any]:
    if len(part) > MOST_BYTES:
        raise Malformed(f"its {name} is longer than {MOST_BYTES} characters")
    try:
        found = json.loads(base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise Malformed(f"its {name} is not JSON in base64url") from None
    if not isinstance(found, dict):
        raise Malformed(f"its {name} is no JSON object")
    return found


def _time(payload: Mapping[str, Any], name: str) -> float | None:
    value = payload.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Malformed(f"its {name} is no number of seconds")
    try:
        seconds = float(value)
    except OverflowError:
        seconds = math.inf
    if not math.isfinite(seconds):
        raise Malformed(f"its {name} is beyond every calendar")
    return seconds


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(values: object) -> tuple[str, ...]:
    return tuple(one for one in values if isinstance(one, str)) if isinstance(values, list) else ()
