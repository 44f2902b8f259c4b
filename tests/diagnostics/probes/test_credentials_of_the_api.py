"""Key, token, scopes and limits: each response has its finding, and no secret is reported."""

import time
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest

from diagnostics.lab.api.tokens import mint
from diagnostics.targets.settings import Contract
from tests.diagnostics.probes.api_doubles import KEY, Page, api, playing
from tests.diagnostics.probes.running import ProbeResult, all_text, run_probes

DAY_S = 86_400
CALLER = Page(200, {"merchant": "m_1", "scopes": []})
"""Description of the caller that only an accepted credential gets."""
PROBES = ("reach", "clock", "key", "token", "scopes", "quota")
EXPIRED = Page(
    401,
    {"error": {"type": "invalid_token"}},
    {"WWW-Authenticate": 'Bearer error="invalid_token", error_description="expired"'},
)


def looked(
    page: Page, *, key: str | None = None, token: str | None = None, shift_s: float = 0, **given: Any
) -> dict[str, ProbeResult]:
    with playing({"/v1/me": page}, shift_s=shift_s) as server:
        return run_probes(api(server.url, key=key, token=token, **given), *PROBES)


def token_of(*, since: float = -60, life: float = 600, **claims: Any) -> str:
    issued = time.time() + since
    return mint({"iat": issued, "exp": issued + life, "iss": "us", "aud": "api", **claims}, b"canary-signing")


def ends(days: float) -> Page:
    return Page(200, {"key": {"expires_at": int(time.time() + days * DAY_S)}})


@pytest.mark.parametrize(("days", "outcome"), [(60, "pass"), (13, "warn"), (2, "warn")])
def test_a_key_that_ends_soon_is_a_warning(days: float, outcome: str) -> None:
    found = looked(ends(days), key=KEY)["key"]

    assert found.outcome == outcome
    assert found.codes == (["key.expires_soon"] if outcome == "warn" else [])


@pytest.mark.parametrize("value", ["soon", "", [], True, 1e300, 3600, "2026-13-45", -(10**18), {"at": 1}])
def test_an_end_that_cannot_be_read_is_unknown(value: object) -> None:
    found = looked(Page(200, {"merchant": "m_1", "key": {"expires_at": value}}), key=KEY)["key"]

    assert (found.outcome, found.codes) == ("unknown", [])
    assert "contract.expires_field" in found.reason


@pytest.mark.parametrize("document", [{}, {"key": {}}, {"key": None}, {"key": {"expires_at": None}}])
def test_a_key_without_an_end_is_in_order(document: dict[str, object]) -> None:
    assert looked(Page(200, {"merchant": "m_1", **document}), key=KEY)["key"].outcome == "pass"


def test_an_end_that_the_target_promises_and_the_api_does_not_state_is_unknown() -> None:
    found = looked(CALLER, key=KEY, contract=Contract(expires_field="ends"))["key"]

    assert (found.outcome, found.codes) == ("unknown", [])
    assert "the answer has no ends" in found.reason


def written(seconds: float) -> list[object]:
    """Return a time as APIs write it."""
    moment = datetime.fromtimestamp(seconds, UTC)
    whole = int(seconds)
    return [
        whole,
        float(whole),
        str(whole),
        whole * 1000,
        str(whole * 1000),
        whole * 10**6,
        whole * 10**9,
        moment.isoformat(),
        f"{moment:%Y-%m-%dT%H:%M:%SZ}",
        f"{moment:%Y%m%d}",
        format_datetime(moment, usegmt=True),
        format_datetime(moment),
    ]


@pytest.mark.parametrize(
    ("days", "codes"), [(-400, ["key.expires_soon"]), (2, ["key.expires_soon"]), (60, [])]
)
@pytest.mark.parametrize("form", range(12))
def test_the_end_is_read_in_every_form(form: int, days: float, codes: list[str]) -> None:
    ends_at = written(time.time() + days * DAY_S)[form]
    found = looked(Page(200, {"key": {"expires_at": ends_at}}), key=KEY)["key"]

    assert found.codes == codes, ends_at
    left = found.evidence["days left"].value
    assert isinstance(left, float)
    assert abs(left - days) < 1.1


BAD: tuple[dict[str, object], ...] = (
    {"success": False, "error": "Unauthorized"},
    {"success": "false", "merchant": "m_1"},
    {"Success": False, "scopes": ["a:b"]},
    {"ok": False, "merchant": "m_1"},
    {"authenticated": False, "scopes": ["a:b"]},
    {"active": False, "merchant": "m_1"},
    {"error": "invalid_token", "merchant": "m_1"},
    {"error": {"message": "no such key"}, "merchant": "m_1"},
    {"errors": [{"message": "Unauthorized"}], "scopes": ["a:b"]},
    {"status": 401, "merchant": "m_1"},
    {"status": "error", "merchant": "m_1"},
    {"code": 403, "merchant": "m_1"},
    {"message": "Unauthorized", "merchant": "m_1"},
    {},
    {"hello": "world"},
    {"environment": "test"},
    {"environment": "test", "currencies": ["EUR"]},
    {"merchant": None, "scopes": [], "key": None},
    {"merchant": "", "key": {"expires_at": ""}},
    {"merchant": "anonymous", "environment": "test"},
    {"merchant": True},
    {"data": {"merchant": "m_1"}},
)
"""Answers with 200 that do not show that the caller is known."""


@pytest.mark.parametrize("document", BAD)
def test_an_answer_that_could_be_anybodys_proves_no_credential(document: dict[str, object]) -> None:
    found = looked(Page(200, document), key=KEY, token=token_of(scope="a:b"), scopes=("a:b",))

    for probe in ("key", "token"):
        assert (found[probe].outcome, found[probe].codes) == ("unknown", []), found[probe]
        assert "answered 200, but" in found[probe].reason
    assert found["scopes"].outcome != "pass"


def test_the_reason_names_the_setting_and_the_fields_of_the_answer() -> None:
    found = looked(Page(200, {"account": {"id": 7}, "plan": "pro"}), key=KEY)["key"]

    assert "target.test.contract.caller_field" in found.reason
    assert "it has account, plan" in found.reason


@pytest.mark.parametrize(
    ("document", "outcome"),
    [
        ({"account": {"id": 7}}, "pass"),
        ({"account": {"id": "acc_1"}, "status": "error"}, "pass"),
        ({"account": {"id": None}, "merchant": "m_1"}, "unknown"),
        ({"account": None, "merchant": "m_1"}, "unknown"),
        ({"account": {"id": 7}, "error": {"type": "api_key_revoked"}}, "unknown"),
    ],
)
def test_a_field_that_the_target_names_proves_the_credential(
    document: dict[str, object], outcome: str
) -> None:
    contract = Contract(caller_field="account.id")
    found = looked(Page(200, document), token=token_of(), contract=contract)["token"]

    assert (found.outcome, found.codes) == (outcome, [])


def test_an_error_type_of_the_contract_is_a_refusal_with_any_status() -> None:
    found = looked(Page(200, {"error": {"type": "api_key_revoked"}}), key=KEY)["key"]

    assert found.codes == ["key.revoked"]


@pytest.mark.parametrize(
    ("document", "outcome", "codes"),
    [
        ({"environment": "live"}, "pass", []),
        ({"environment": "test"}, "fail", ["key.wrong_environment"]),
        ({}, "unknown", []),
        ({"environment": None}, "unknown", []),
        ({"environment": ["live"]}, "unknown", []),
        ({"environment": {"name": "live"}}, "unknown", []),
    ],
)
def test_an_environment_that_is_expected_has_to_be_stated(
    document: dict[str, object], outcome: str, codes: list[str]
) -> None:
    page = Page(200, {"merchant": "m_1", **document})
    found = looked(page, key=KEY, contract=Contract(environment="live"))["key"]

    assert (found.outcome, found.codes) == (outcome, codes)
    assert ("contract.environment_field" in found.reason) == (outcome == "unknown")


@pytest.mark.parametrize("status", [401, 403])
def test_a_page_of_a_firewall_says_nothing_about_key_or_token(status: int) -> None:
    found = looked(Page(status, "<html>Blocked</html>"), key=KEY, token=token_of())

    for probe in ("key", "token"):
        assert (found[probe].outcome, found[probe].codes) == ("unknown", [])
        assert "not the API's own answer" in found[probe].reason
    assert (found["scopes"].outcome, found["quota"].outcome) == ("skipped", "unknown")


def test_limits_are_unknown_without_a_response_and_skipped_without_headers() -> None:
    unheard = looked(Page(500, "<html>Oops</html>"), key=KEY)["quota"]
    silent = looked(CALLER, key=KEY)["quota"]

    assert (unheard.outcome, silent.outcome) == ("unknown", "skipped")


def test_an_error_type_that_nobody_named_is_unknown() -> None:
    found = looked(Page(401, {"error": {"type": "come_back_later"}}), key=KEY)["key"]

    assert (found.outcome, found.codes) == ("unknown", [])
    assert "come_back_later" in found.reason


def test_another_api_is_served_by_its_own_contract() -> None:
    contract = Contract(
        me_path="/whoami",
        key_header="Authorization",
        key_scheme="ApiKey",
        error_field="code",
        key_revoked_error="KEY_GONE",
    )
    with playing({"/v1/whoami": Page(403, {"code": "KEY_GONE"})}) as server:
        found = run_probes(api(server.url, key=KEY, contract=contract), "reach", "key")["key"]

    assert found.codes == ["key.revoked"]
    assert server.asked[-1][1]["Authorization"] == f"ApiKey {KEY}"


@pytest.mark.parametrize("key", [f"{KEY} ", f" {KEY}", f"{KEY[:9]}\n{KEY[9:]}", f"{KEY}\u2013x"])
def test_a_key_that_no_header_carries_is_never_sent(key: str) -> None:
    with playing() as server:
        found = run_probes(api(server.url, key=key), "reach", "key")["key"]

    assert found.codes == ["key.malformed"]
    assert [path for path, _ in server.asked] == ["/v1/healthz"]
    assert KEY[9:] not in all_text([found])


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"since": -1200}, "token.expired"),
        ({"since": 300}, "token.not_yet_valid"),
        ({"iss": "them"}, "token.wrong_issuer"),
        ({"aud": ["reports", "ledger"]}, "token.wrong_audience"),
        ({}, "token.rejected"),
    ],
)
def test_a_refused_token_is_explained_by_what_it_says(claims: dict[str, Any], code: str) -> None:
    assert looked(EXPIRED, token=token_of(**claims))["token"].codes == [code]


def test_a_refused_token_that_cannot_be_read_is_rejected() -> None:
    assert looked(EXPIRED, token="opaque-token-0123456789")["token"].codes == ["token.rejected"]


def test_a_token_that_the_api_takes_is_good_whatever_it_says() -> None:
    found = looked(CALLER, token=token_of(since=-1200, iss="them"))["token"]

    assert (found.outcome, found.codes) == ("pass", [])


@pytest.mark.parametrize(("shift_s", "since"), [(900, -60), (-900, -60)])
def test_a_token_that_is_bad_by_one_clock_only_is_the_clocks_fault(shift_s: float, since: float) -> None:
    found = looked(EXPIRED, token=token_of(since=since), shift_s=shift_s)

    assert found["clock"].codes == ["clock.skew"]
    assert (found["token"].outcome, found["token"].codes) == ("unknown", [])
    assert "clock probe" in found["token"].reason


def test_a_cut_token_is_not_sent() -> None:
    with playing() as server:
        found = run_probes(api(server.url, token=token_of().rpartition(".")[0]), "reach", "token")["token"]

    assert found.codes == ["token.malformed"]
    assert [path for path, _ in server.asked] == ["/v1/healthz"]


def test_a_rejected_credential_is_not_sent_again_in_the_same_command() -> None:
    rejected: set[bytes] = set()
    with playing({"/v1/me": Page(401, {"error": {"type": "api_key_revoked"}})}) as server:
        target = api(server.url, key=KEY)
        first = run_probes(target, "reach", "key", rejected=rejected)["key"]
        again = run_probes(target, "reach", "key", rejected=rejected)["key"]

    assert (first.outcome, again.outcome) == ("fail", "unknown")
    assert [path for path, _ in server.asked].count("/v1/me") == 1


@pytest.mark.parametrize(
    ("granted", "codes"),
    [(["a:b", "c:d"], []), ("a:b c:d", []), (["a:b"], ["scopes.missing"]), ([], ["scopes.missing"])],
)
def test_scopes_are_a_list_or_words(granted: object, codes: list[str]) -> None:
    found = looked(Page(200, {"scopes": granted}), key=KEY, scopes=("a:b", "c:d"))["scopes"]

    assert found.codes == codes


@pytest.mark.parametrize(
    ("granted", "missing"),
    [
        ("*", ()),
        ("a:*", ("c:d",)),
        ("a:* c:*", ()),
        ("*:b *:d", ()),
        ("a.*", ()),
        ("a:b:c c:d", ("a:b",)),
        ("a* c:d", ("a:b",)),
        ("b:* c:d", ("a:b",)),
    ],
)
def test_a_wildcard_covers_the_scopes_below_it(granted: str, missing: tuple[str, ...]) -> None:
    required = ("a.b",) if granted == "a.*" else ("a:b", "c:d")
    found = looked(Page(200, {"scopes": granted}), key=KEY, scopes=required)["scopes"]

    assert found.evidence["missing"].value == missing
    assert found.codes == (["scopes.missing"] if missing else [])


def test_scopes_that_are_not_reported_are_unknown() -> None:
    found = looked(Page(200, {"scopes": 7}), key=KEY, scopes=("a:b",))["scopes"]

    assert (found.outcome, found.codes) == ("unknown", [])


@pytest.mark.parametrize(
    ("headers", "codes"),
    [
        ({"RateLimit": '"api";r=0;t=60', "RateLimit-Policy": '"api";q=100;w=60'}, ["quota.exhausted"]),
        ({"RateLimit-Limit": "100", "RateLimit-Remaining": "5", "RateLimit-Reset": "9"}, ["quota.low"]),
        ({"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "0"}, ["quota.exhausted"]),
        ({"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "50"}, []),
        ({"X-RateLimit-Limit": "0", "X-RateLimit-Remaining": "0"}, []),
        ({"RateLimit": "limit=100, remaining=50, reset=9"}, []),
        ({"RateLimit": "limit=100, remaining=0, reset=9"}, ["quota.exhausted"]),
        (
            {
                "RateLimit": '"auth";r=0;t=60, "api";r=990;t=60',
                "RateLimit-Policy": '"auth";q=10;w=60, "api";q=1000;w=60',
            },
            ["quota.token_storm"],
        ),
        (
            {
                "RateLimit": '"auth";r=0;t=60, "api";r=100;t=60',
                "RateLimit-Policy": '"auth";q=10;w=60, "api";q=1000;w=60',
            },
            ["quota.exhausted"],
        ),
    ],
)
def test_limits_are_read_of_answers_that_were_got_anyway(headers: dict[str, str], codes: list[str]) -> None:
    with playing({"/v1/me": Page(200, {}, headers)}) as server:
        found = run_probes(api(server.url, key=KEY), "reach", "key", "quota")["quota"]

    assert found.codes == codes
    assert found.outcome == ("pass" if not codes else "warn" if codes == ["quota.low"] else "fail")
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "-1"},
        {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "many"},
        {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "50, 0"},
        {"X-RateLimit-Limit": "100", "X-RateLimit-Remaining": ["50", "0"]},
        {"RateLimit-Limit": "100", "RateLimit-Remaining": "nan"},
        {"RateLimit": '"api";r=-3;t=60'},
        {"RateLimit": '"api";r=50, "api";r=0'},
        {"RateLimit": '"api";q=100'},
        {"RateLimit": "limit=100, reset=9"},
    ],
)
def test_a_limit_that_cannot_be_read_is_unknown(headers: dict[str, str | list[str]]) -> None:
    found = looked(Page(200, {"merchant": "m_1"}, headers), key=KEY)["quota"]

    assert (found.outcome, found.codes) == ("unknown", []), found
    assert "cannot be read" in found.reason


def test_a_429_of_the_api_is_a_limit_and_no_fault_of_the_key() -> None:
    page = Page(429, {"error": {"type": "rate_limit_exceeded"}}, {"Retry-After": "30"})
    found = looked(page, key=KEY)

    assert (found["key"].outcome, found["key"].codes) == ("unknown", [])
    assert found["quota"].codes == ["quota.exhausted"]
    assert found["quota"].evidence["429, wait"].value == "30 s"


@pytest.mark.parametrize("status", [200, 401, 403, 429, 500])
def test_no_secret_comes_out_whatever_the_api_echoes(status: int) -> None:
    token = token_of()
    echo = f"you sent {KEY} and {token}"
    page = Page(
        status,
        {"error": {"type": echo}, "scopes": [echo], "environment": echo},
        {"WWW-Authenticate": f'Bearer error="{echo}"', "RateLimit": f'"{KEY}";r=0', "Server": echo},
    )
    report = all_text(list(looked(page, key=KEY, token=token, scopes=("a:b",)).values()))

    assert KEY not in report
    assert token not in report
    assert token.rpartition(".")[2] not in report


def test_no_credential_crosses_a_network_in_the_clear() -> None:
    with playing() as server:
        url = server.url.replace("127.0.0.1", "127.1")  # a name that nobody knows to be this machine
        found = run_probes(api(url, key=KEY, token="opaque-token-1"), "reach", "key", "token")

    assert found["reach"].outcome == "pass"
    for probe in ("key", "token"):
        assert found[probe].outcome == "unknown"
        assert "in the clear" in found[probe].reason
    assert [path for path, _ in server.asked] == ["/v1/healthz"]
