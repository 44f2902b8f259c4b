"""Fuzzer of the answers of an HTTP API: a server of its own answers health and me path in any form.

A probe must never break, and neither key nor token pass on an answer that does not show who the caller is.

Usage: python -m tests.tools.fuzz_answers --seconds 600 --seed 7
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from diagnostics.targets.settings import Contract
from tests.diagnostics.probes.api_doubles import KEY, Page, api, playing
from tests.diagnostics.probes.running import run_probes

PROBES: Final = ("reach", "clock", "latency", "key", "token", "scopes", "quota", "agreement")
TOKEN: Final = "opaque-token-0123456789"
GOOD: Final[Mapping[str, Any]] = {
    "merchant": "merchant_1",
    "environment": "test",
    "scopes": ["a:b", "c:d"],
    "currencies": ["EUR"],
    "key": {"expires_at": "2100-01-01T00:00:00Z"},
}
NOT_A_CALLER: Final[Sequence[Any]] = (
    {"success": False, "error": "Unauthorized"},
    {"success": False, **GOOD},
    {"ok": False, **GOOD},
    {"authenticated": False, **GOOD},
    {"error": "invalid_api_key", **GOOD},
    {"error": {"type": "nobody"}, **GOOD},
    {"errors": [{"title": "Unauthorized"}], **GOOD},
    {"status": 401, **GOOD},
    {"status": "unauthorized", **GOOD},
    {"code": "403", **GOOD},
    {"message": "Forbidden", **GOOD},
    {"environment": "test", "currencies": ["EUR"]},
    {"merchant": None, "scopes": [], "key": {}},
    {"merchant": "guest", "environment": "test"},
    {},
    [],
    [GOOD],
    "ok",
    None,
    True,
    "<html><form>Sign in</form></html>",
)
"""Bodies with 200 that prove nothing, with whatever else is added to them."""
BAD_LIMITS: Final[Sequence[Mapping[str, str | list[str]]]] = (
    {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "-1"},
    {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": ["50", "0"]},
    {"X-RateLimit-Remaining": "nan"},
    {"RateLimit": '"api";r=-1'},
    {"RateLimit-Remaining": ""},
)
STATUSES: Final = (
    200,
    200,
    200,
    200,
    201,
    204,
    206,
    301,
    302,
    400,
    401,
    403,
    404,
    407,
    418,
    429,
    496,
    500,
    502,
    503,
)
TEXTS: Final = (
    *("", "x", "nan", "\ud800", "\x1b[2J", "9" * 5000, "-1", "1e999", "*", "a:*", "2026-13-45", "2100-01-01"),
    *(
        "Mon, 99 Foo 20xx",
        "Fri, 01 Jan 2100 00:00:00 GMT",
        "99999999999999999999",
        "a b c",
        "é" * 300,
        "null",
    ),
)
HEADERS: Final = (
    *("Date", "Age", "Server", "Content-Type", "Retry-After", "WWW-Authenticate", "Location", "RateLimit"),
    *("RateLimit-Policy", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "X-RateLimit-Limit"),
    *("X-RateLimit-Remaining", "X-RateLimit-Reset", "Content-Encoding"),
)
VALUES: Final = (
    *(
        "",
        "0",
        "-1",
        "nan",
        "inf",
        "1e400",
        "9" * 400,
        '"a";r=1;t=2',
        '"a;r=1',
        ";;;,,,",
        "a=b",
        "limit=1, reset=x",
    ),
    *("Fri, 01 Jan 2100 00:00:00 GMT", "Mon, 99 Foo", "text/html", "application/json", "gzip", "deflate, br"),
    *(
        "http://[::1",
        "https://portal.example/",
        "/v1/other",
        'Bearer error="x',
        "Basic realm=x",
        "\xff\xfe",
        "a, b",
    ),
)


def any_value(chance: random.Random, depth: int = 0) -> Any:
    """Return any JSON value."""
    kind = chance.randrange(9 if depth < 3 else 7)
    if kind == 7:
        return [any_value(chance, depth + 1) for _ in range(chance.randrange(4))]
    if kind == 8:
        return {chance.choice(TEXTS): any_value(chance, depth + 1) for _ in range(chance.randrange(4))}
    return (None, True, False, chance.choice((0, -1, 10**300, 1e308, 1.5)), *chance.choices(TEXTS, k=3))[kind]


def mutated(chance: random.Random) -> Any:
    """Return the description of a caller with some values replaced, dropped or added."""
    document = dict(GOOD)
    for name in chance.sample([*GOOD, "error", "status", "success"], chance.randrange(1, 5)):
        if chance.random() < 0.3:
            document.pop(name, None)
        else:
            document[name] = any_value(chance)
    return document


def page(chance: random.Random, document: Any) -> Page:
    """Return an answer with this body, or with bytes that are none of its type."""
    body = document if isinstance(document, str) else json.dumps(document)
    if chance.random() < 0.1:
        body = chance.choice(
            (body[: chance.randrange(len(body) + 1)], "[" * 70_000, "{" * 3000, "\ud800", body * 3)
        )
    headers = {"Content-Type": chance.choice(("application/json", "text/html", "text/plain", "", "x"))}
    for name in chance.sample(HEADERS, chance.choice((0, 0, 1, 3))):
        headers[name] = chance.choice(VALUES)
    return Page(chance.choice(STATUSES), body, headers)


def conversation(seed: str) -> list[str]:
    """Run the probes against one server, and return what is wrong with their results."""
    chance = random.Random(seed)  # noqa: S311  the same conversation for the same seed
    health = page(chance, any_value(chance)) if chance.random() < 0.3 else Page(body={"status": "ok"})
    nobody = chance.random() < 0.4
    limits: Mapping[str, str | list[str]] = {}
    if nobody:
        document = chance.choice(NOT_A_CALLER)
        if isinstance(document, dict):
            document = {chance.choice(("id", "plan", "x")): any_value(chance), **document}
        me = Page(200, document if isinstance(document, str) else json.dumps(document))
    elif chance.random() < 0.2:
        limits = chance.choice(BAD_LIMITS)
        me = Page(200, dict(GOOD), limits)
    else:
        me = page(chance, mutated(chance))
    contract = Contract(environment=chance.choice(("", "test", "live")))
    with playing({"/v1/healthz": health, "/v1/me": me}) as server:
        target = api(server.url, key=KEY, token=TOKEN, contract=contract, scopes=("a:b",))
        results = run_probes(target, *PROBES)
    wrong = []
    for probe, result in results.items():
        if result.outcome == "error":
            wrong.append(f"{seed}: {probe} broke: {result.reason} {result.evidence['traceback'].value}")
    green = {probe for probe, result in results.items() if result.outcome == "pass"}
    if nobody and green & {"key", "token", "scopes"}:
        wrong.append(f"{seed}: {green} pass on {me}")
    if limits and "quota" in green:
        wrong.append(f"{seed}: quota passes on {limits}")
    if contract.environment == "live" and "key" in green and '"live"' not in str(me.body):
        wrong.append(f"{seed}: key passes although the environment is not live: {me}")
    return wrong


def main() -> int:
    """Run conversations for some seconds; print what is wrong, and return 1 if anything is."""
    parser = argparse.ArgumentParser(description=str(__doc__).partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    until, number, wrong = time.monotonic() + options.seconds, 0, 0
    while time.monotonic() < until:
        for line in conversation(f"{options.seed}.{number}"):
            print(ascii(line), flush=True)
            wrong += 1
        number += 1
    print(f"{number} conversations, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
