"""Claims of a JSON Web Token (RFC 7519), read without its key: only the API can verify the signature."""

import base64
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from kb.parsers.json_document import parse_json

PARTS: Final = 3
MAX_PART_LENGTH: Final = 64 * 1024
"""Characters of a header or payload that are decoded."""


class Malformed(Exception):
    """The text looks like a JWT but is not one; the message gives the reason."""


@dataclass(frozen=True, slots=True)
class Claims:
    """Claims about time, issuer, audience and scopes; None or empty if the token lacks them."""

    algorithm: str
    expires: float | None
    not_before: float | None
    """The later of `nbf` and `iat`: before either, servers refuse the token."""
    issued: float | None
    issuer: str
    audiences: tuple[str, ...]
    scopes: tuple[str, ...]


def looks_like_jwt(token: str) -> bool:
    """Return True if a text begins as a JSON object in base64url does, or has two dots."""
    return token.startswith("eyJ") or token.count(".") == PARTS - 1


def parse_claims(token: str) -> Claims:
    """Parse the claims of a token. Raises Malformed."""
    parts = token.split(".")
    if len(parts) != PARTS:
        raise Malformed(f"{len(parts)} parts instead of 3: it was cut off, or something was added")
    header, payload = _object(parts[0], "header"), _object(parts[1], "payload")
    audience = payload.get("aud")
    starts = [time for time in (_time(payload, "nbf"), _time(payload, "iat")) if time is not None]
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
    if len(part) > MAX_PART_LENGTH:
        raise Malformed(f"its {name} is longer than {MAX_PART_LENGTH} characters")
    try:
        decoded = parse_json(base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True))
    except ValueError:  # of base64, and Malformed
        raise Malformed(f"its {name} is not JSON in base64url") from None
    if not isinstance(decoded, dict):
        raise Malformed(f"its {name} is not a JSON object")
    return decoded


def _time(payload: Mapping[str, Any], name: str) -> float | None:
    value = payload.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise Malformed(f"its {name} is not a number of seconds")
    try:
        seconds = float(value)
    except OverflowError:
        seconds = math.inf
    if not math.isfinite(seconds):
        raise Malformed(f"its {name} is out of range")
    return seconds


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(values: object) -> tuple[str, ...]:
    return tuple(value for value in values if isinstance(value, str)) if isinstance(values, list) else ()
