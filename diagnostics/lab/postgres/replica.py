"""A streaming replica of the lab's server, made by pg_basebackup in a folder of its own.

Source: PostgreSQL documentation, 27.2.5 "Streaming Replication" and pg_basebackup.
"""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from diagnostics.lab.errors import LabError
from diagnostics.lab.postgres.server import POLL_S, SUPERUSER, TIMEOUT_S, Server
from diagnostics.lab.process.environment import clean
from diagnostics.lab.process.ports import reserved_port
from diagnostics.lab.process.workspace import make_private, server_user, workspace

SENDERS = "max_wal_senders = 4\n"
"""The lab's server has none: only a server with a replica needs them."""
ACCESS = f"local replication {SUPERUSER} trust\n"


@contextmanager
def replica_of(primary: Server) -> Iterator[Server]:
    """Run a hot standby of a server, which is restarted with WAL senders for it and restored afterwards."""
    with ExitStack() as stack:
        stack.enter_context(_accepting_replicas(primary))
        folder = workspace().new_folder("replica-")
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        port = stack.enter_context(reserved_port())
        replica = Server(folder, primary.binaries, port, primary.supervisor_socket)
        make_private(replica.socket_folder)
        make_private(replica.data)
        _copy(primary, replica)
        stack.callback(replica.stop, "immediate")
        replica.start()
        yield replica


def catch_up(primary: Server, replica: Server) -> None:
    """Wait until the replica has replayed all that the primary has written. Raises LabError."""
    ((written,),) = primary.query("SELECT pg_current_wal_insert_lsn()::text")
    deadline = time.monotonic() + TIMEOUT_S
    while replica.query("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", written) != [(True,)]:
        if time.monotonic() > deadline:
            raise LabError(f"the replica did not reach {written} within {TIMEOUT_S:g} s")
        time.sleep(POLL_S)


@contextmanager
def _accepting_replicas(primary: Server) -> Iterator[None]:
    """Restart the primary with WAL senders and access for replication; undo both at the end."""
    access, settings = primary.data / "pg_hba.conf", primary.data / "postgresql.auto.conf"
    before = {path: path.read_text("utf-8") for path in (access, settings)}
    access.write_text(ACCESS + before[access], "utf-8")
    settings.write_text(before[settings] + SENDERS, "utf-8")
    primary.restart()
    try:
        yield
    finally:
        for path, text in before.items():
            path.write_text(text, "utf-8")
        primary.restart()


def _copy(primary: Server, replica: Server) -> None:
    done = subprocess.run(
        [
            *(primary.binaries / "pg_basebackup", "-D", replica.data, "-R", "--checkpoint=fast", "--no-sync"),
            *("-h", primary.socket_folder, "-p", str(primary.port), "-U", SUPERUSER, "--no-password"),
        ],
        user=server_user(),
        cwd="/",
        env=clean(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if done.returncode:
        raise LabError(f"pg_basebackup failed: {done.stderr.strip() or done.stdout.strip()}")
    with (replica.data / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write(f"port = {replica.port}\nunix_socket_directories = '{replica.socket_folder}'\n")
