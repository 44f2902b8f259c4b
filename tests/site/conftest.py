"""The site as MkDocs builds it, served on loopback, and a browser that looks at it."""

import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
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
"""Seconds: a bound for a busy machine, not what is promised."""
expect.set_options(timeout=PATIENCE * 200)


def build(folder: Path, config: str) -> subprocess.Popen[str]:
    """Begin to build strictly. Never quietly: a quiet build counts no warning."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", config, "-d", str(folder)]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **QUIET},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )


@pytest.fixture(scope="session")
def sites(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The site for a server and the site for a disk, built once, side by side."""
    folders = {name: tmp_path_factory.mktemp(name) for name in ("mkdocs.yml", "mkdocs.offline.yml")}
    for building in [build(folder, config) for config, folder in folders.items()]:
        _, said = building.communicate(timeout=PATIENCE)
        assert building.returncode == 0, said
        assert "WARNING" not in said, said
    return folders


@pytest.fixture(scope="session")
def site(sites: dict[str, Path]) -> Path:
    """The site for a server."""
    return sites["mkdocs.yml"]


@pytest.fixture(scope="session")
def offline_site(sites: dict[str, Path]) -> Path:
    """The site for a disk."""
    return sites["mkdocs.offline.yml"]


class _Silent(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing: pytest shows what matters."""


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    """Where the site is served."""
    handler = functools.partial(_Silent, directory=str(site))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. CI has it; elsewhere its absence is said.

    It ends with its module: while it lives, an event loop runs in this thread, and no other can be started.
    """
    if CHROMIUM is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(
            "no chromium on PATH; make system-deps installs it"
        )
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="module")
def survey(browser: Browser, address: str) -> Survey:
    """What was seen on each kind of page."""
    return surveyed(browser, address)


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A fresh page that knows nothing of the one before."""
    context = browser.new_context(
        base_url=address, viewport=WIDE, permissions=["clipboard-read", "clipboard-write"]
    )
    context.set_default_timeout(PATIENCE * 200)
    yield context.new_page()
    context.close()
