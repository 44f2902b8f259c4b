"""Harmless additions to a text: by any of them at most 3 % of what was found is lost."""

import os

import pytest

from kb.matching.matcher import match
from kb.matching.shipped_index import load_index
from tests.support.additions import ADDITIONS
from tests.tools.match_score import NOTHING, known

INDEX = load_index()
MAX_LOST = 0.03
STEP = 1 if os.environ.get("ALL_TEXTS") else 12
"""Each how many-th text of the collection is tried; all of them in the long form."""


def first(text: str) -> str:
    matches = match(text, INDEX)
    return matches[0].entry if matches else NOTHING


@pytest.fixture(scope="module")
def right() -> list[tuple[str, str]]:
    """Return the texts of the tuned part that match their entry, or none if they have none."""
    texts = [(text.body.rstrip("\n"), text.expected) for text in known("tuned")[::STEP]]
    return [(body, expected) for body, expected in texts if first(body) == expected]


@pytest.mark.parametrize("name", ADDITIONS)
def test_an_addition_loses_almost_nothing(name: str, right: list[tuple[str, str]]) -> None:
    lost = [(expected, now) for body, expected in right if (now := first(ADDITIONS[name](body))) != expected]

    assert len(lost) <= MAX_LOST * len(right), lost


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ('FATAL: password authentication failed for user "a"\nredis ok', "db-password-rejected"),
        ("I have this problem: invalid api key", "api-key-expired"),
        ("Extract job killed out of memory", "db-report-memory"),
        (
            "ReadTimeout: HTTPSConnectionPool(host='shop.example.com', port=443): Read timed out.",
            "api-slow-response",
        ),
        (
            (
                "requests.exceptions.SSLError: (Caused by SSLError(SSLCertVerificationError: (1, "
                "'[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed')))"
            ),
            "tls-certificate",
        ),
        (
            (
                '  File "/opt/conda/lib/ssl.py", line 1342, in do_handshake\n'
                "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
                "certificate has expired (_ssl.c:1000)\nemail=ops@shop.example"
            ),
            "tls-certificate",
        ),
        (
            "status_code=403 Stripe webhook rejected: the signature of the notification is missing or wrong",
            "config-webhook",
        ),
    ],
)
def test_kinds_of_faults_that_were_found(text: str, entry: str) -> None:
    assert first(text) == entry


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-29 18:00:07 UTC [1] LOG:  database system is ready to accept connections",
        "HikariPool-1 - Pool stats (total=10, active=1, idle=9, waiting=0)",
        "fix(api): retry on HTTP 429, the rate limit is exceeded",
    ],
)
def test_what_is_healthy_or_proposed_is_refused(text: str) -> None:
    assert first(text) == NOTHING
