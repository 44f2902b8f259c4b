"""Fuzzer of tokens and JSON documents: claims or `Malformed`, values or `Malformed`.

Usage: python -m tests.tools.fuzz_jwt --seconds 60 --seed 1
"""

import base64
import json
import random
import sys
from typing import Any, Final

from diagnostics.clients.clearpay_api import jwt
from diagnostics.clients.config.readers.json import read_json
from diagnostics.clients.config.tree import Unreadable
from diagnostics.clients.http.dates import parse_http_date, parse_timestamp, timestamp_text
from diagnostics.history.append_log import Damaged, parse_line
from diagnostics.targets.secrets.form import form_problem
from kb.parsers.json_document import parse_json
from kb.parsers.malformed import Malformed
from kb.text.sanitize import clean
from tests.support.fuzzing import main, mutated, text_of

CLAIMS: Final = (
    b'{"alg": "RS256", "kid": "\\u00e4"}',
    b'{"iss": "https://auth", "aud": ["api"], "exp": 1900000000, "nbf": 1.5, "iat": -1, "scope": "a b"}',
    b'{"event": "step", "a": {"b": [1, 2.5, true, null, "\\ud83d\\ude00"]}, "traceback": "x y\\nz"}',
    b'{"key": {"expires_at": "2027-01-01T00:00:00Z"}, "at": 1e10, "scopes": ["a"]}',
)
TIMES: Final = (
    b"Sun, 06 Nov 1994 08:49:37 GMT",
    b"2027-01-01T00:00:00.000+01:00",
    b"20270101",
    b"0001-01-01T00:00+23:59",
)


def attempt(source: random.Random) -> None:
    """Parse a mutated token, document or time."""
    document = mutated(source.choice(CLAIMS), source)
    parts = [
        base64.urlsafe_b64encode(part).rstrip(b"=")
        for part in (source.choice(CLAIMS), document, b"signature")
    ]
    source.shuffle(parts)
    token = b".".join(parts[: source.choice((3, 3, 3, 2))])
    token = mutated(token, source) if source.random() < 0.3 else token
    try:
        claims = jwt.parse_claims(text_of(token))
        _ = timestamp_text(claims.expires or 0.0), timestamp_text(claims.not_before or 0.0)
    except jwt.Malformed as error:
        _ = str(error).encode()
    _parse_document(document)
    time = text_of(mutated(source.choice(TIMES), source))
    for seconds in (parse_http_date(time), parse_timestamp(time)):
        _ = timestamp_text(seconds or 0.0)


def _parse_document(document: bytes) -> None:
    try:
        value = parse_json(document)
        json.dumps(value, ensure_ascii=False).encode()
        _times_in(value)
    except Malformed as error:
        _ = str(error).encode()
    try:
        read_json(text_of(document))
    except Unreadable as error:
        _ = str(error)
    try:
        parse_line(document)
    except Damaged as error:
        _ = str(error)
    form_problem(text_of(document))
    clean(document.decode("utf-8", "replace"))


def _times_in(value: Any) -> None:
    timestamp_text(parse_timestamp(value) or 0.0)
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _times_in(item)


if __name__ == "__main__":
    sys.exit(main("fuzz_jwt", attempt))
