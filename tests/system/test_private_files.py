"""Files of the user's folders: 0600, their folders 0700, whatever the umask is."""

import os
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.diagnostics.cli.test_main import run

NOWHERE = "postgresql://app@127.0.0.1:9/payments"


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    """Return the modes of all files and folders below a folder."""
    return {
        str(path.relative_to(folder)): stat.S_IMODE(path.lstat().st_mode)
        for path in folder.rglob("*")
        if not path.is_symlink()
    }


@pytest.mark.usefixtures("umask")
def test_what_the_commands_write_is_for_this_user_alone(tmp_path: Path) -> None:
    target = tmp_path / "clearpay-doctor.toml"
    target.write_text(f"[target.here]\ndatabase = '{NOWHERE}'\n")
    target.chmod(0o600)
    home = tmp_path / "home"
    home.mkdir()
    new = home / "new"
    command = partial(
        run,
        XDG_DATA_HOME=str(new / "data"),
        XDG_CACHE_HOME=str(new / "cache"),
        XDG_CONFIG_HOME=str(new / "config"),
        XDG_STATE_HOME=str(new / "state"),
    )
    log = home / "logs" / "deep" / "incident.ndjson"

    command("match", "-", text="deadlock detected")
    command("check", "connect", "--target", NOWHERE, "--record")
    command("allow", str(target))
    command("runbook", "run", "deploy-preflight", "--target", NOWHERE)
    command("runbook", "run", "deploy-preflight", "--target", NOWHERE, "--log", str(log))

    written = modes(home)
    names = {Path(name).suffix for name in written}
    assert {".json", ".ndjson", ".md"} <= names
    assert len([name for name in written if "incident" in name]) >= 6
    assert {
        name: oct(mode)
        for name, mode in written.items()
        if mode != (0o700 if (home / name).is_dir() else 0o600)
    } == {}
