"""Claims of a token are parsed as far as possible, and no token makes the parser crash."""

import base64
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostics.clients.clearpay_api.jwt import Malformed, looks_like_jwt, parse_claims
from diagnostics.lab.api.tokens import mint

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
CLAIMS = ("exp", "nbf", "iat", "iss", "aud", "scope")


def written(header: Any, payload: Any) -> str:
    parts = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in (header, payload)
    )
    return ".".join((*parts, "c2ln"))


@given(
    issued=st.integers(0, 2**33),
    life=st.integers(1, 10**6),
    issuer=st.text(max_size=30),
    audience=st.text(max_size=30),
    scopes=st.lists(st.from_regex(r"[a-z]+:[a-z]+", fullmatch=True), max_size=5),
)
def test_what_is_minted_is_read(
    issued: int, life: int, issuer: str, audience: str, scopes: list[str]
) -> None:
    token = mint(
        {"iat": issued, "exp": issued + life, "iss": issuer, "aud": audience, "scope": " ".join(scopes)}, b"k"
    )

    claims = parse_claims(token)

    assert looks_like_jwt(token)
    assert (claims.algorithm, claims.issued, claims.expires) == ("HS256", issued, issued + life)
    assert (claims.issuer, claims.audiences, claims.scopes) == (issuer, (audience,), tuple(scopes))


@given(st.text(max_size=200))
def test_no_text_breaks_the_reader(text: str) -> None:
    with suppress(Malformed):
        assert parse_claims(text).algorithm is not None


@given(st.dictionaries(st.sampled_from(CLAIMS), JSON))
def test_no_claim_breaks_the_reader(payload: dict[str, Any]) -> None:
    try:
        claims = parse_claims(written({"alg": "none"}, payload))
    except Malformed:
        return
    assert claims.algorithm == "none"
    assert isinstance(claims.issuer, str)


@pytest.mark.parametrize(
    ("token", "message"),
    [
        ("eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9", "2 parts"),
        ("eyJhbGciOiJIUzI1NiJ9.!!.c2ln", "payload"),
        (written([], {}), "header is not a JSON object"),
        (written({}, {"exp": "tomorrow"}), "exp is not a number"),
        (written({}, {"exp": 10**400}), "exp is out of range"),
    ],
)
def test_a_malformed_token_has_its_reason(token: str, message: str) -> None:
    with pytest.raises(Malformed, match=message):
        parse_claims(token)


def test_the_later_of_issue_and_not_before_counts() -> None:
    assert parse_claims(written({}, {"iat": 10, "nbf": 20})).not_before == 20


def test_an_opaque_token_is_not_taken_for_a_jwt() -> None:
    assert not looks_like_jwt("sess_0123456789abcdef")
