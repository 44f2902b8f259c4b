"""Fixtures: the site as MkDocs builds it, an HTTP server for it on loopback, and a browser."""

import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.site_survey import WIDE, Survey, surveyed

ROOT = Path(__file__).parents[2]
QUIET = {"DISABLE_MKDOCS_2_WARNING": "true", "NO_MKDOCS_2_WARNING": "1"}
FLAGS = [
    "--no-sandbox",  # CI runs as root
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
CHROMIUM = shutil.which("chromium")
PATIENCE = 300.0
"""Seconds: a limit for a busy machine, not an expected duration."""
expect.set_options(timeout=PATIENCE * 200)


def build(folder: Path, config: str, variables: Mapping[str, str] | None = None) -> subprocess.Popen[str]:
    """Start a strict build. It must not run with `--quiet`, which counts no warnings."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", config, "-d", str(folder)]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **QUIET, **(variables or {})},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )


@pytest.fixture(scope="session")
def sites(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Build the site for a server and the site for a disk once, in parallel."""
    folders = {name: tmp_path_factory.mktemp(name) for name in ("mkdocs.yml", "mkdocs.offline.yml")}
    for building in [build(folder, config) for config, folder in folders.items()]:
        _, log = building.communicate(timeout=PATIENCE)
        assert building.returncode == 0, log
        assert "WARNING" not in log, log
    return folders


@pytest.fixture(scope="session")
def site(sites: dict[str, Path]) -> Path:
    """Return the folder of the site for a server."""
    return sites["mkdocs.yml"]


@pytest.fixture(scope="session")
def offline_site(sites: dict[str, Path]) -> Path:
    """Return the folder of the site for a disk."""
    return sites["mkdocs.offline.yml"]


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Serve the site and yield its URL."""
    handler = functools.partial(_QuietHandler, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start Debian's Chromium; without it, fail in CI and skip elsewhere.

    It ends with its module, because Playwright runs an event loop in this thread and asyncio allows only one.
    """
    if CHROMIUM is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(
            "no chromium on PATH; make system-deps installs it"
        )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def survey(browser: Browser, address: str) -> Survey:
    """Survey one page of each type in the browser."""
    return surveyed(browser, address)


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """Open a page in a new browser context."""
    context = browser.new_context(
        base_url=address, viewport=WIDE, permissions=["clipboard-read", "clipboard-write"]
    )
    context.set_default_timeout(PATIENCE * 200)
    yield context.new_page()
    context.close()
