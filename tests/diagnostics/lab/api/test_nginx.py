"""nginx in front of the API: TLS, limits and timeouts are those of its configuration."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from diagnostics.lab import requirements
from diagnostics.lab.api.nginx import Nginx, RequestLimit
from diagnostics.lab.api.server import ApiServer
from diagnostics.lab.certificates import authority
from diagnostics.lab.errors import LabError
from diagnostics.lab.requirements import NotInstalled, Requirement
from tests.support.requirements import needs_nginx

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def api() -> Iterator[ApiServer]:
    with ApiServer() as server:
        yield server


def health(front: Nginx, ca: Path | None = None) -> requests.Response:
    scheme = "https" if ca else "http"
    return requests.get(f"{scheme}://localhost:{front.port}/v1/healthz", verify=str(ca or True), timeout=10)


@needs_nginx
def test_it_serves_the_api_over_tls_and_presents_another_certificate_on_request(
    api: ApiServer, tmp_path: Path
) -> None:
    first, second = authority.make(tmp_path / "first"), authority.make(tmp_path / "second")
    with Nginx(f"127.0.0.1:{api.port}", files=first) as front:
        answer = health(front, first.ca)
        front.present(second)
        port, renewed = front.port, health(front, second.ca)

    assert (answer.status_code, answer.json(), renewed.status_code) == (200, {"status": "ok"}, 200)
    assert answer.headers["Server"].startswith("nginx")
    with pytest.raises(requests.ConnectionError):
        requests.get(f"https://localhost:{port}/", timeout=5)


@needs_nginx
@pytest.mark.parametrize(("status", "answered"), [(0, 503), (429, 429)])
def test_requests_beyond_the_rate_are_refused_by_a_page_of_nginx(
    api: ApiServer, status: int, answered: int
) -> None:
    limit = RequestLimit(rate="1r/m", burst=1, status=status)
    with Nginx(f"127.0.0.1:{api.port}", limit=limit) as front:
        statuses = [health(front).status_code for _ in range(3)]
        refused = health(front)
        front.limit(None)

        assert statuses == [200, 200, answered]
        assert "<center>nginx" in refused.text
        assert health(front).status_code == 200


@needs_nginx
def test_without_an_upstream_it_answers_502_and_with_a_slow_one_504(api: ApiServer) -> None:
    with Nginx("127.0.0.1:1") as front:
        refused = health(front).status_code
        api.rules.first_byte_s = 0.5
        front.pass_to(f"127.0.0.1:{api.port}", read_timeout_s=0.1)
        late = health(front).status_code
        api.rules.first_byte_s = 0.0

    assert (refused, late) == (502, 504)


@needs_nginx
def test_a_configuration_that_nginx_refuses_is_an_error_with_its_message() -> None:
    with (
        pytest.raises(LabError, match='unknown directive "no_directive"'),
        Nginx("127.0.0.1:1", server="no_directive;"),
    ):
        pass


def test_a_program_that_is_missing_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(requirements, "SEARCH_PATH", str(tmp_path))

    with (
        pytest.raises(NotInstalled, match=r"nginx is not installed: apt-get install nginx-light"),
        Nginx("127.0.0.1:1"),
    ):
        pass
    assert [each.name for each in requirements.missing()][:2] == ["PgBouncer", "nginx"]
    assert not Requirement("none", module="no_such_module").found
