"""Start new clusters in a tenth of a second: initdb runs once per binaries, and its result is copied."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from diagnostics.lab.errors import LabError
from diagnostics.lab.postgres import baseline
from diagnostics.lab.postgres.binaries import Binaries
from diagnostics.lab.postgres.executable_copy import executable
from diagnostics.lab.postgres.server import SUPERUSER, Server
from diagnostics.lab.process.environment import clean
from diagnostics.lab.process.ports import reserved_port
from diagnostics.lab.process.workspace import make_private, server_user, workspace

_lock = threading.Lock()
_templates: dict[tuple[Path, Path], Path] = {}


@contextmanager
def running(binaries: Binaries) -> Iterator[Server]:
    """Run a cluster with roles, database and tables in a folder of its own; remove it at the end."""
    template = _template(binaries)
    folder = workspace().new_folder("lab-")
    with reserved_port() as port:
        server = _server(folder, binaries, port)
        subprocess.run(["cp", "-Rp", str(template), str(server.data)], check=True)
        _add_to_conf(server, baseline.CONF)
        server.save()
        try:
            server.start()
            yield server
        finally:
            server.stop("immediate")
            shutil.rmtree(folder, ignore_errors=True)


def _template(binaries: Binaries) -> Path:
    key = (workspace().folder, binaries.folder)
    with _lock:
        if key not in _templates:
            _templates[key] = _make_template(binaries)
        return _templates[key]


def _make_template(binaries: Binaries) -> Path:
    with reserved_port() as port:
        server = _server(workspace().new_folder("template-"), binaries, port)
        make_private(server.data)
        _initdb(server)
        conf = (server.data / "postgresql.conf").read_text("utf-8")
        _add_to_conf(server, baseline.CONF)
        (server.data / "pg_hba.conf").write_text(baseline.HBA, "utf-8")
        (server.data / "postgresql.auto.conf").write_text("", "utf-8")
        server.start()
        try:
            baseline.create(server)
        finally:
            server.stop()
        (server.data / "postgresql.conf").write_text(conf, "utf-8")
    return server.data


def _server(folder: Path, binaries: Binaries, port: int) -> Server:
    server = Server(folder, executable(binaries), port, workspace().supervisor_socket)
    make_private(server.socket_folder)
    return server


def _add_to_conf(server: Server, conf: str) -> None:
    with (server.data / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write(f"{conf}port = {server.port}\nunix_socket_directories = '{server.socket_folder}'\n")


def _initdb(server: Server) -> None:
    done = subprocess.run(
        [
            *(server.binaries / "initdb", "-D", server.data, "-U", SUPERUSER, "-A", "trust"),
            *("--no-sync", "--encoding=UTF8", "--locale=C", "--wal-segsize=1"),
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
        raise LabError(f"initdb failed: {done.stderr.strip() or done.stdout.strip()}")
