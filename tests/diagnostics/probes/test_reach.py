"""Responses of other servers are distinguished from the API's, and unclear ones have no finding."""

import pytest

from diagnostics.lab.fault_injection import inject
from diagnostics.lab.lab import Lab
from diagnostics.lab.servers.fault_proxy import FaultProxy
from diagnostics.targets.settings import Contract
from tests.diagnostics.probes.api_doubles import KEY, QUICK, Page, api, playing
from tests.diagnostics.probes.running import ProbeResult, all_text, run_probes
from tests.support.deadlines import ends_within

DEPENDENT = ("clock", "latency", "key", "token", "scopes", "quota", "agreement")


def reached(page: Page) -> ProbeResult:
    with playing({"/v1/healthz": page}) as server:
        return run_probes(api(server.url), "reach")["reach"]


@pytest.mark.parametrize(
    ("page", "code"),
    [
        (Page(500, {"error": {"type": "internal"}}), "reach.server_error"),
        (Page(502, "<html>Bad Gateway</html>"), "reach.server_error"),
        (Page(407, "<html>login</html>"), "reach.proxy_refused"),
        (Page(200, "<html>Maintenance</html>"), "reach.not_the_api"),
        (Page(403, "<html>Request blocked</html>"), "reach.not_the_api"),
        (Page(401, "<html>Portal</html>"), "reach.not_the_api"),
        (Page(302, {}, {"Location": "https://portal.example/"}), "reach.not_the_api"),
        (Page(301, {}, {"Location": "https://[broken"}), "reach.not_the_api"),
    ],
)
def test_a_response_of_another_server_has_its_finding(page: Page, code: str) -> None:
    found = reached(page)

    assert (found.outcome, found.codes) == ("fail", [code])


@pytest.mark.parametrize(
    ("status", "page"),
    [
        (400, "No required SSL certificate was sent"),
        (400, "The SSL certificate error"),
        (403, "Reason: Cannot perform Post-Handshake Authentication."),
        (496, "please identify yourself"),
    ],
)
def test_a_demand_for_a_client_certificate_is_left_to_the_tls_layer(status: int, page: str) -> None:
    result = reached(Page(status, f"<html><center>{page}</center></html>"))

    assert (result.outcome, result.codes) == ("unknown", [])
    assert "the server demands a client certificate" in result.reason


@pytest.mark.parametrize(
    "page",
    [
        Page(404),
        Page(401, {"error": {"type": "who_are_you"}}),
        Page(302, {}, {"Location": "/v1/other"}),
    ],
)
def test_a_health_path_that_is_another_one_is_unknown_and_no_outage(page: Page) -> None:
    found = reached(page)

    assert (found.outcome, found.codes) == ("unknown", [])
    assert "contract.health_path" in found.reason


@pytest.mark.parametrize(
    "page",
    [
        Page(200, "OK"),
        Page(200, ""),
        Page(200, "OK", {"Content-Type": "text/plain"}),
        Page(200, '{"status":"ok","home":"<a>"}'),
        Page(200, "<status>ok</status>", {"Content-Type": "application/xml"}),
        Page(200, {"status": "UP"}),
        Page(200, {"status": "ok", "success": True}),
    ],
)
def test_a_plain_answer_of_any_type_is_healthy(page: Page) -> None:
    assert (reached(page).outcome, reached(page).reason) == ("pass", "")


@pytest.mark.parametrize("document", [{"status": "DOWN"}, {"status": "fail"}, {"healthy": False}])
def test_an_answer_that_states_a_failure_is_unknown(document: dict[str, object]) -> None:
    found = reached(Page(200, document))

    assert (found.outcome, found.codes) == ("unknown", [])
    assert "answered 200 and says" in found.reason


@pytest.mark.parametrize(
    ("promised", "page", "outcome"),
    [
        ('"up":true', Page(200, {"up": True}), "pass"),
        ('"up":true', Page(200, {"up": False}), "unknown"),
        ('"up":true', Page(200, "OK"), "unknown"),
        ("All systems go", Page(200, "<html><b>All systems go</b></html>"), "pass"),
        ("All systems go", Page(200, "<html>Sign in</html>"), "fail"),
        ("All systems go", Page(503, "<html>All systems go</html>"), "fail"),
    ],
)
def test_the_answer_has_the_text_that_the_target_promises(promised: str, page: Page, outcome: str) -> None:
    with playing({"/v1/healthz": page}) as server:
        target = api(server.url, contract=Contract(health_text=promised))
        found = run_probes(target, "reach")["reach"]

    assert found.outcome == outcome


@pytest.mark.parametrize("status", [404, 302, 429, 500])
def test_the_time_of_an_error_is_not_the_latency_of_the_api(status: int) -> None:
    with playing({"/v1/healthz": Page(status)}) as server:
        found = run_probes(api(server.url), "reach", "latency")["latency"]

    assert found.outcome in {"unknown", "blocked"}


def test_the_date_of_a_cached_answer_is_as_old_as_it_says() -> None:
    cached = Page(200, {"status": "ok"}, {"Age": "7200"})
    with playing({"/v1/healthz": cached}, shift_s=-7200) as server:
        found = run_probes(api(server.url), "reach", "clock")["clock"]

    assert (found.outcome, found.codes) == ("pass", [])


def test_escapes_in_an_answer_reach_no_terminal() -> None:
    found = reached(Page(200, "<html>\x1b[2J</html>", {"Server": "evil\x1b]0;owned\x07"}))

    assert "\x1b" not in all_text([found])
    assert found.codes == ["reach.not_the_api"]


def test_what_needs_an_answer_is_blocked_where_there_is_none() -> None:
    with playing() as server, FaultProxy(int(server.server_address[1]), "refuse") as proxy:
        target = api(f"http://127.0.0.1:{proxy.port}/v1", key=KEY, token="opaque-token-1", scopes=("a:b",))
        found = run_probes(target, "reach", *DEPENDENT)

    assert found["reach"].codes == ["reach.refused"]
    assert {found[name].outcome for name in DEPENDENT} == {"blocked"}
    assert server.asked == []


def test_a_certificate_failure_is_no_outage_and_is_left_to_its_layer() -> None:
    with playing() as server:
        url = server.url.replace("http:", "https:")
        found = run_probes(api(url, key=KEY), "reach", "key")

    assert (found["reach"].outcome, found["reach"].codes) == ("unknown", [])
    assert "tls layer" in found["reach"].reason
    assert found["key"].codes == []


def test_a_server_that_never_ends_its_answer_is_silent_within_the_time_for_one_request() -> None:
    with playing() as server, FaultProxy(int(server.server_address[1]), "trickle") as proxy, ends_within(3):
        found = run_probes(api(f"http://127.0.0.1:{proxy.port}/v1", thresholds=QUICK), "reach")["reach"]

    assert found.codes == ["reach.silent"]


@pytest.mark.parametrize(
    ("shift_s", "codes"), [(0, []), (20, []), (-20, []), (90, ["clock.skew"]), (-90, ["clock.skew"])]
)
def test_clocks_may_differ_by_half_a_minute_either_way(shift_s: float, codes: list[str]) -> None:
    with playing(shift_s=shift_s) as server:
        found = run_probes(api(server.url), "reach", "clock")["clock"]

    assert found.codes == codes
    value = found.evidence["clock difference"].value
    assert isinstance(value, float)
    assert abs(value - shift_s) < 1.5


def test_a_quick_api_is_asked_once_for_its_latency() -> None:
    with playing() as server:
        found = run_probes(api(server.url), "reach", "latency")["latency"]

    assert found.outcome == "pass"
    assert [path for path, _ in server.asked] == ["/v1/healthz"] * 2


@pytest.mark.lab
def test_a_slow_answer_before_the_deadline_leaves_the_question_open(healthy: Lab) -> None:
    inject(healthy, "latency.first_byte")  # an answer takes 0.6 s, `reach` one and `latency` up to three

    found = run_probes(healthy.target, "reach", "latency", deadline_s=1.6)["latency"]

    assert (found.outcome, found.codes) == ("unknown", [])
    assert found.reason.startswith("saw 1 slow of 3 answers: ")
