"""A rate limit of a proxy is told from an API that is down and from the API's own limit."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests

from diagnostics.lab.api.nginx import Nginx, RequestLimit
from diagnostics.lab.api.server import ApiServer
from tests.diagnostics.probes.api_doubles import KEY, Page, api, playing
from tests.diagnostics.probes.running import ProbeResult, run_probes
from tests.support.requirements import needs_nginx

PROBES = ("reach", "latency", "key", "quota")
BEAT_S = 0.05


@pytest.fixture(scope="module")
def backend() -> Iterator[ApiServer]:
    with ApiServer() as server:
        yield server


def looked(front: Nginx) -> dict[str, ProbeResult]:
    return run_probes(api(f"http://127.0.0.1:{front.port}/v1", key=KEY), *PROBES)


@contextmanager
def busy_client(front: Nginx) -> Iterator[None]:
    """Send requests from the same address for as long as the block runs, many more than the limit allows."""
    ending = threading.Event()

    def send() -> None:
        with requests.Session() as session:
            while not ending.wait(BEAT_S):
                session.get(f"http://127.0.0.1:{front.port}/v1/healthz", timeout=5)

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


@needs_nginx
@pytest.mark.lab
def test_a_429_of_nginx_is_a_limit_and_neither_an_outage_nor_a_page_for_people(backend: ApiServer) -> None:
    limit = RequestLimit(rate="1r/m", status=429)
    with Nginx(f"127.0.0.1:{backend.port}", limit=limit) as front:
        front.use_up()
        found = looked(front)

    assert found["quota"].codes == ["quota.proxy_limit"]
    assert found["quota"].outcome == "fail"
    assert "by nginx/" in found["quota"].evidence["refused by a proxy"].note
    assert {name: (found[name].outcome, found[name].codes) for name in ("reach", "latency", "key")} == {
        name: ("unknown", []) for name in ("reach", "latency", "key")
    }
    assert found["reach"].reason == (
        "a proxy in front of the API answers 429: the probe quota reports its limit"
    )


@needs_nginx
@pytest.mark.lab
def test_a_503_of_nginx_that_comes_and_goes_with_the_pace_is_a_limit(backend: ApiServer) -> None:
    with Nginx(f"127.0.0.1:{backend.port}", limit=RequestLimit(rate="2r/s")) as front:
        front.use_up()
        found = looked(front)

    statuses = found["reach"].evidence["answers by pace"].value
    assert isinstance(statuses, tuple)
    assert statuses[0] == "503"
    assert any(status.startswith("200 after") for status in map(str, statuses))
    assert statuses[-1] == "503 at once"
    assert (found["reach"].outcome, found["reach"].codes) == ("pass", [])
    assert (found["quota"].outcome, found["quota"].codes) == ("fail", ["quota.proxy_limit"])


@needs_nginx
@pytest.mark.lab
@pytest.mark.parametrize("status", [0, 429], ids=["default", "429"])
def test_an_application_that_keeps_the_limit_used_up_is_never_an_outage(
    backend: ApiServer, status: int
) -> None:
    limit = RequestLimit(rate="1r/s", burst=2, status=status)
    with Nginx(f"127.0.0.1:{backend.port}", limit=limit) as front, busy_client(front):
        front.use_up()
        found = looked(front)

    assert found["quota"].codes == ["quota.proxy_limit"]
    assert found["reach"].outcome in {"pass", "unknown"}
    assert found["quota"].outcome == "fail" or status == 0


@needs_nginx
@pytest.mark.lab
def test_a_limit_that_only_the_requests_of_this_run_exceed_is_a_warning(backend: ApiServer) -> None:
    with Nginx(f"127.0.0.1:{backend.port}", limit=RequestLimit(rate="1r/s")) as front:
        found = looked(front)

    assert found["reach"].outcome == "pass"
    assert (found["quota"].outcome, found["quota"].codes) == ("warn", ["quota.proxy_limit"])


@needs_nginx
@pytest.mark.lab
def test_a_limit_that_leaves_room_is_no_finding(backend: ApiServer) -> None:
    with Nginx(f"127.0.0.1:{backend.port}", limit=RequestLimit(rate="20r/s", burst=20)) as front:
        found = looked(front)

    assert found["reach"].outcome == found["latency"].outcome == "pass"
    assert found["quota"].codes == []


@needs_nginx
@pytest.mark.lab
def test_an_nginx_that_refuses_everything_leaves_both_open(backend: ApiServer) -> None:
    with Nginx(f"127.0.0.1:{backend.port}", server="return 503;") as front:
        found = looked(front)

    assert (found["reach"].outcome, found["reach"].codes) == ("unknown", ["reach.server_error"])
    assert "whatever the pace" in found["reach"].reason
    assert (found["quota"].outcome, found["quota"].codes) == ("warn", ["quota.proxy_limit"])


@needs_nginx
@pytest.mark.lab
def test_a_502_and_a_504_of_nginx_are_outages(backend: ApiServer) -> None:
    with Nginx("127.0.0.1:1") as front:
        refused = looked(front)["reach"]
        backend.rules.first_byte_s = 0.4
        front.pass_to(f"127.0.0.1:{backend.port}", read_timeout_s=0.1)
        late = looked(front)["reach"]
        backend.rules.first_byte_s = 0.0

    assert (refused.outcome, refused.codes) == ("fail", ["reach.server_error"])
    assert (late.outcome, late.codes) == ("fail", ["reach.server_error"])
    assert "a gateway's page" in late.evidence["status"].note


@pytest.mark.slow
@pytest.mark.parametrize(
    "page",
    [
        Page(429, "<html><body><h1>429 Too Many Requests</h1></body></html>"),
        Page(429, "Too Many Requests", {"Content-Type": "text/plain"}),
        Page(429, "local_rate_limited", {"Content-Type": "text/plain", "Server": "envoy"}),
    ],
    ids=["HAProxy", "Traefik", "Envoy"],
)
def test_a_429_of_another_proxy_is_its_limit_too(page: Page) -> None:
    found = answered(page)

    assert found["quota"].codes == ["quota.proxy_limit"]
    assert found["reach"].codes == found["key"].codes == []


def test_a_429_of_the_api_on_its_health_path_is_the_limit_of_the_api() -> None:
    page = Page(429, {"error": {"type": "rate_limit_exceeded"}}, {"Retry-After": "30"})
    found = answered(page)

    assert (found["reach"].outcome, found["reach"].codes) == ("unknown", [])
    assert found["quota"].codes == ["quota.exhausted"]


def test_a_503_of_the_api_or_of_a_page_that_nginx_passes_on_is_an_outage() -> None:
    own = answered(Page(503, {"error": {"type": "unavailable"}}, {"Server": "nginx"}))
    page = answered(Page(503, "<html><h1>We will be back soon</h1></html>", {"Server": "nginx/1.22.1"}))

    assert own["reach"].codes == page["reach"].codes == ["reach.server_error"]
    assert own["quota"].outcome == "blocked"


def answered(page: Page) -> dict[str, ProbeResult]:
    with playing({"/v1/healthz": page, "/v1/me": page}) as server:
        return run_probes(api(server.url, key=KEY), "reach", "key", "quota")
