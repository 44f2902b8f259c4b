"""Web server for the tests of `tls`, without a fault when a test begins."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from diagnostics.lab.api.server import ApiServer
from diagnostics.lab.certificates import authority
from diagnostics.lab.servers.https_proxy import HttpsProxy
from tests.diagnostics.probes.sites import Site


@pytest.fixture(scope="session")
def running_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Start one server for all tests of a worker."""
    folder = tmp_path_factory.mktemp("site")
    files = authority.make(folder)
    environment = folder / "env"
    environment.touch()
    with ApiServer() as api, HttpsProxy(api.port, files) as front:
        yield Site(front, files, environment)


@pytest.fixture
def site(running_site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Restore the server, and set a home folder without certificates."""
    monkeypatch.setenv("HOME", str(tmp_path))
    running_site.front.restore(running_site.files)
    return running_site
