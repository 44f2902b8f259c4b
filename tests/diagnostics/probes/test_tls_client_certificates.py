"""A client certificate that a web server demands, by a TLS alert or in its response, on nginx and OpenSSL."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from diagnostics.lab.certificates import authority as certificates
from diagnostics.lab.certificates.authority import Files
from diagnostics.lab.certificates.builder import Pair, authority, leaf
from diagnostics.targets.settings import TargetSettings, Thresholds, Tls
from diagnostics.targets.target import Target, endpoint
from tests.diagnostics.probes.running import ProbeResult, run_probes
from tests.diagnostics.probes.sites import Site
from tests.support.tls_servers import nginx, s_server

DEMANDED = ["tls.client_certificate_demanded"]
DAY = timedelta(days=1)
VERIFY = "ssl_client_certificate {folder}/ca.pem; ssl_verify_client"
"""Options of nginx, without the value of the last one."""


def client(folder: Path, issuer: Pair, **changes: timedelta) -> Files:
    """Write a client certificate and its key."""
    return certificates.write(folder, issuer, leaf(issuer, name="payments", purpose=None, **changes))


@pytest.fixture
def clients(site: Site, tmp_path: Path) -> dict[str, Files | None]:
    """Client certificates by their fault."""
    root, elsewhere = site.files.root, authority("Elsewhere CA", organisation="Elsewhere")
    return {
        "none": None,
        "good": client(tmp_path / "good", root),
        "wrong authority": client(tmp_path / "wrong", elsewhere),
        "expired": client(tmp_path / "expired", root, begins=-9 * DAY, ends=-DAY),
    }


def settings_of(site: Site, own: Files | None) -> Tls:
    return site.tls(client_cert=str(own.certificate), client_key=str(own.key)) if own else site.tls()


def run(site: Site, port: int, own: Files | None) -> dict[str, ProbeResult]:
    """Run `tls` and `reach` on a web server."""
    settings = TargetSettings(
        production=False, tls=settings_of(site, own), thresholds=Thresholds(connect_timeout_s=3)
    )
    target = Target("test", (endpoint(f"https://localhost:{port}/v1"),), settings, Path("/"))
    return {**run_probes(target, "tls"), **run_probes(target, "reach")}


def requests_status(site: Site, port: int, own: Files | None) -> int:
    """Return the status that requests gets; 0 if the connection fails."""
    files = (str(own.certificate), str(own.key)) if own else None
    try:
        url = f"https://localhost:{port}/v1/healthz"
        return requests.get(url, verify=str(site.files.ca), cert=files, timeout=5).status_code
    except requests.RequestException:
        return 0


@pytest.fixture(params=["TLSv1.2", "TLSv1.3"])
def demanding(request: pytest.FixtureRequest, site: Site) -> Iterator[int]:
    """Yield the port of an nginx that serves clients with a certificate only."""
    with nginx(site.files, f"ssl_protocols {request.param}; {VERIFY} on;") as (port, _):
        yield port


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("none", "none was sent; HTTP 400: No required SSL certificate was sent"),
        ("wrong authority", "HTTP 400: The SSL certificate error"),
        ("expired", "HTTP 400: The SSL certificate error"),
    ],
)
def test_nginx_refuses_a_client_in_its_response(
    site: Site, demanding: int, clients: dict[str, Files | None], kind: str, answer: str
) -> None:
    results = run(site, demanding, clients[kind])

    assert requests_status(site, demanding, clients[kind]) == 400
    assert (results["tls"].outcome, results["tls"].codes) == ("fail", DEMANDED)
    evidence = results["tls"].evidence["client certificate"]
    assert evidence.ok is False
    assert answer in evidence.note
    assert ("expired 1.0 days ago" in evidence.note) == (kind == "expired")
    assert ("from O=Elsewhere" in evidence.note) == (kind == "wrong authority")
    assert (results["reach"].outcome, results["reach"].codes) == ("unknown", [])
    assert "the server demands a client certificate" in results["reach"].reason


def test_a_client_that_nginx_accepts_passes(
    site: Site, demanding: int, clients: dict[str, Files | None]
) -> None:
    results = run(site, demanding, clients["good"])

    assert requests_status(site, demanding, clients["good"]) == 200
    assert results["tls"].outcome == "pass"
    note = results["tls"].evidence["client certificate"].note
    assert "CN=payments from" in note
    assert "the server answers a request with 200" in note
    assert results["reach"].outcome == "pass"


def test_an_optional_certificate_is_not_demanded(site: Site) -> None:
    with nginx(site.files, f"{VERIFY} optional;") as (port, _):
        results = run(site, port, None)

    assert (results["tls"].outcome, results["reach"].outcome) == ("pass", "pass")
    note = results["tls"].evidence["client certificate"].note
    assert note == "none was sent; the server answers a request with 200"


@pytest.mark.parametrize("page", ["error_page 495 496 /own;", "error_page 495 496 =403 /own;"])
def test_a_page_of_the_operators_own_is_recognised_by_its_status_or_left_open(site: Site, page: str) -> None:
    own = "location = /own { internal; return 200 'please identify yourself'; }"
    with nginx(site.files, f"{VERIFY} on; {page} {own}") as (port, _):
        status = requests_status(site, port, None)
        result = run(site, port, None)["tls"]

    if status == 496:
        assert result.codes == DEMANDED
    else:
        assert result.codes == []
        assert f"the server answers a request with {status}" in result.evidence["client certificate"].note


def test_only_a_server_that_requests_a_certificate_gets_a_request(site: Site) -> None:
    with nginx(site.files, "access_log {folder}/access.log;") as (port, folder):
        result = site.looked(f"https://localhost:{port}/v1")

    assert result.outcome == "pass"
    assert "client certificate" not in result.evidence
    assert (folder / "access.log").read_text("utf-8") == ""


@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
@pytest.mark.parametrize("kind", ["none", "wrong authority", "expired", "good"])
def test_openssl_refuses_a_client_by_an_alert(
    site: Site, clients: dict[str, Files | None], version: str, kind: str
) -> None:
    options = (version, "-Verify", "2", "-verify_return_error", "-CAfile", str(site.files.ca))
    with s_server(site.files, *options) as port:
        result = run(site, port, clients[kind])["tls"]
        bare = site.looked(f"localhost:{port}", tls=settings_of(site, clients[kind]))

    expected = ("pass", []) if kind == "good" else ("fail", DEMANDED)
    assert (result.outcome, result.codes) == expected
    assert (bare.outcome, bare.codes) == expected
    note = bare.evidence["client certificate"].note
    assert ("the handshake goes on" in note) == (kind == "good")


def test_a_bare_port_is_not_said_to_go_on_without_what_was_sent(
    site: Site, clients: dict[str, Files | None]
) -> None:
    with s_server(site.files, "-verify", "2") as port:
        without = site.looked(f"localhost:{port}")
        own = site.looked(f"localhost:{port}", tls=settings_of(site, clients["good"]))

    assert without.evidence["client certificate"].note == "none was sent; the handshake goes on"
    assert "CN=payments from" in own.evidence["client certificate"].note
