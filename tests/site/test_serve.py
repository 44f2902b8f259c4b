"""Tests of `make serve`: it shows an edited record, shows the error of a broken one, and keeps running."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.site.conftest import PATIENCE, QUIET, ROOT

pytestmark = pytest.mark.site

COPIED = ("kb", "diagnostics", "site_docs", "mkdocs.yml", "CHANGELOG.md")
RECORD = "kb/entries/database/db-deadlock/entry.yaml"
FLAGS = re.findall(r"\$\(SITE\) serve ([^#\n]*)", (ROOT / "Makefile").read_text("utf-8"))[0].split()


@dataclass(frozen=True)
class Served:
    """Copy of the project, served by MkDocs."""

    folder: Path
    address: str

    def page(self, path: str = "errors/db-deadlock/") -> str:
        """Get a page, by default that of the edited record."""
        return requests.get(f"{self.address}{path}", timeout=PATIENCE).text

    def titles(self) -> set[str]:
        """Return the titles of all documents in the search index."""
        index = requests.get(f"{self.address}search/search_index.json", timeout=PATIENCE).json()
        return {document["title"].split(" and ")[0].split(" because ")[0] for document in index["docs"]}

    def wait_for(self, text: str) -> None:
        """Wait until the page contains a text."""
        start = time.monotonic()
        while time.monotonic() - start < PATIENCE:
            try:
                if text in self.page():
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"{text!r} did not show within {PATIENCE} s")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    for name in COPIED:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mkdocs", "serve", *FLAGS, "-a", f"127.0.0.1:{port}"]
    environment = {**os.environ, **QUIET, "PYTHONPATH": str(folder)}
    with subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.DEVNULL) as server:
        site = Served(folder, f"http://127.0.0.1:{port}/")
        try:
            site.wait_for("deadlock detected: transactions")
            yield site
        finally:
            server.terminate()


def test_an_edited_record_shows_and_a_broken_one_shows_its_error(served: Served) -> None:
    record = served.folder / RECORD
    text = record.read_text("utf-8")

    record.write_text(text.replace('title: "', 'title: "Edited. ', 1), "utf-8")
    title = "Edited. deadlock detected: transactions lock the same rows in different orders"
    served.wait_for(title)
    assert title in served.page("")
    assert {title, "Exit codes"} <= served.titles()
    record.write_text(f"{text}\n  nonsense: [", "utf-8")
    served.wait_for("This record cannot be read")
    record.write_text(text, "utf-8")
    served.wait_for("Two transactions each hold a lock")
