"""The page "Packs in ten minutes", done as it says in a clean environment: from `pack new` to the screen."""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.wheel import ROOT, build_wheel, install_wheel
from tests.tui.terminal import Terminal

pytestmark = [pytest.mark.slow, pytest.mark.lab]

PAGE = ROOT / "site_docs" / "pages" / "packs.md"
OFFLINE = {
    "PIP_NO_INDEX": "1",
    "PIP_NO_DEPS": "1",
    "PIP_NO_BUILD_ISOLATION": "0",  # means: without isolation
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "DISABLE_MKDOCS_2_WARNING": "true",
    "NO_MKDOCS_2_WARNING": "1",
}
LAB_IS_UP = "In another terminal:"


def blocks(anchor: str) -> list[list[str]]:
    """Return the commands of the blocks of one section of the page."""
    section = PAGE.read_text("utf-8").split(f"{{ #{anchor} }}")[1].split("\n## ")[0]
    return [block.strip().splitlines() for block in re.findall(r"```sh\n(.*?)```", section, re.DOTALL)]


@dataclass
class Shell:
    """A terminal of a reader: commands run one after the other, `cd` included."""

    folder: Path
    variables: Mapping[str, str]

    def run(self, line: str, code: int = 0) -> str:
        """Run a line, expect its exit code, and return its output."""
        if line.startswith("cd "):
            self.folder /= line.removeprefix("cd ")
            return ""
        done = subprocess.run(
            ["sh", "-c", line], cwd=self.folder, env=self.variables, capture_output=True, text=True,
            check=False, timeout=600,
        )  # fmt: skip
        assert done.returncode == code, f"{line}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel of the working tree in a new environment with the dependencies of this one."""
    folder = tmp_path_factory.mktemp("clean")
    return install_wheel(build_wheel(folder), folder / "venv", with_pip=True)


@pytest.fixture(scope="module")
def shell(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """Return a terminal in an empty folder, with a home, caches and runtime files of its own."""
    home = tmp_path_factory.mktemp("home")
    places = ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR")
    inherited = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    path = f"{environment}:{os.environ['PATH']}"
    return Shell(home, {**inherited, **OFFLINE, **dict.fromkeys(places, str(home)), "PATH": path})


@pytest.fixture(scope="module")
def pack(shell: Shell) -> Shell:
    """Write and install the pack as the page says; the terminal is then in its folder."""
    (lines,) = blocks("new")
    assert [shell.run(line) for line in lines][-1].startswith(
        "payouts  0.1.0; entries payouts-missing-table, payouts-references; probes payouts-references; "
        "runbooks payouts-down; "
    )
    return shell


@pytest.fixture(scope="module")
def broken_lab(pack: Shell) -> Iterator[str]:
    """Start the lab and break it as the page says; yield the output of `check`."""
    (up,), (break_, check), _ = blocks("check")
    with subprocess.Popen(
        up.split(), cwd=pack.folder, env=pack.variables, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stderr
        assert any(LAB_IS_UP in line for line in running.stderr)
        pack.run(break_)
        yield pack.run(check, code=1)
        pack.run("clearpay-doctor lab down")


def test_the_pack_proves_itself(pack: Shell) -> None:
    ((line,),) = blocks("prove")

    assert re.search(r"\b6 passed\b", pack.run(line))


def test_check_confirms_its_entry(broken_lab: str) -> None:
    assert "confirmed" in broken_lab
    assert "payouts-missing-table.missing_table" in broken_lab
    assert "accounts" in broken_lab


def test_the_screen_confirms_its_entry(pack: Shell, broken_lab: str, tmp_path: Path) -> None:
    assert broken_lab
    (tmp_path / "error.log").write_text(
        'psycopg2.errors.UndefinedTable: relation "accounts" does not exist\n'
    )
    *_, ((shown,)) = blocks("check")
    words = shown.split()
    program = (str(Path(pack.variables["PATH"].split(":")[0]) / words[0]),)
    variables = {**pack.variables, "PYTHONPATH": ""}

    with Terminal(*words[1:], program=program, environment=variables, size=(120, 40)) as terminal:
        terminal.wait_for("payouts-missing-table")
        terminal.wait_for("a table that payments need is missing")
        terminal.send(b"q")
        assert terminal.ended() == 0
    diagnosed = ("tui", str(tmp_path / "error.log"), "--target", "lab")
    with Terminal(*diagnosed, program=program, environment=variables, size=(120, 40)) as terminal:
        terminal.wait_for("payouts-missing-table")
        terminal.send(b"R")
        terminal.wait_for("confirmed")
        terminal.send(b"q")
        terminal.ended()


def test_the_site_is_built_with_it(pack: Shell) -> None:
    (lines,) = blocks("site")
    for line in lines:
        pack.run(line)

    site = pack.folder / "site"
    for page in ("errors/payouts-missing-table", "probes/payouts-references", "runbooks/payouts-down"):
        assert "payouts" in (site / page / "index.html").read_text("utf-8")
    assert "errors/payouts-references/" in (site / "search" / "search_index.json").read_text("utf-8")


def test_every_command_of_the_page_was_run() -> None:
    run = [line for anchor in ("new", "prove", "check", "site") for block in blocks(anchor) for line in block]
    written = [
        line for block in re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
        for line in block.strip().splitlines()
    ]  # fmt: skip

    assert run == written
