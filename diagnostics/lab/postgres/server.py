"""A PostgreSQL server: start, stop, restart, and superuser sessions through its unix socket."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812  it is the class

from diagnostics.lab.errors import LabError
from diagnostics.lab.process.workspace import start

SUPERUSER = "postgres"
TIMEOUT_S = 15.0
POLL_S = 0.005
STATUS_LINE = 7
StopMode = Literal["smart", "fast", "immediate"]
SIGNALS: dict[StopMode, signal.Signals] = {
    "smart": signal.SIGTERM,
    "fast": signal.SIGINT,
    "immediate": signal.SIGQUIT,
}


@dataclass(frozen=True, slots=True)
class Server:
    """A cluster in a folder. Any process of the user can start and stop it: no state is in memory."""

    folder: Path
    """Contains `data`, `socket` and `postgres.log`."""
    binaries: Path
    port: int
    supervisor_socket: Path

    @property
    def data(self) -> Path:
        """Data directory."""
        return self.folder / "data"

    @property
    def socket_folder(self) -> Path:
        """Folder of the unix socket, for the server's user only."""
        return self.folder / "socket"

    @property
    def log(self) -> Path:
        """Log of the server."""
        return self.folder / "postgres.log"

    def save(self) -> None:
        """Write `server.json`, from which `load` creates the same value in another process."""
        fields = {key: value if key == "port" else str(value) for key, value in asdict(self).items()}
        (self.folder / "server.json").write_text(json.dumps(fields), "utf-8")

    @staticmethod
    def load(folder: Path) -> "Server":
        """Return the server of a folder. Raises LabError if there is none."""
        try:
            fields = json.loads((folder / "server.json").read_text("utf-8"))
        except OSError as error:
            raise LabError(f"{folder}: no lab is running there: {error.strerror}") from None
        paths = {key: Path(fields[key]) for key in ("folder", "binaries", "supervisor_socket")}
        return Server(port=fields["port"], **paths)

    def status(self) -> str:
        """Return `ready`, `starting`, `standby`, `stopping`, `booting`, or "" if the server is down.

        Source: PostgreSQL, Database File Layout: the eighth line of `postmaster.pid` is the status.
        """
        lines = self._lock_file()
        if not lines or not _alive(int(lines[0])):
            return ""
        return lines[STATUS_LINE].strip() if len(lines) > STATUS_LINE else "booting"

    def start(self, *, until: str = "ready") -> None:
        """Start the server unless it runs, and wait for a status. Raises LabError with the end of its log."""
        if not self.status():
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            pid = start(
                self.supervisor_socket, [str(self.binaries / "postgres"), "-D", str(self.data)], self.log
            )
            self._wait(lambda: bool(self.status()) or not _alive(pid), "does not start")
        self.wait_for(until)

    def wait_for(self, status: str) -> None:
        """Wait for a status. Raises LabError if the server ends instead."""
        self._wait(lambda: self.status() in {status, ""}, f"does not become {status}")
        if not self.status():
            raise LabError(f"PostgreSQL ended: {self._log_tail()}")

    def signal_stop(self, mode: StopMode) -> None:
        """Request a stop without waiting."""
        lines = self._lock_file()
        if lines:
            with suppress(ProcessLookupError):
                os.kill(int(lines[0]), SIGNALS[mode])

    def stop(self, mode: StopMode = "fast") -> None:
        """Stop the server and wait until its port is free. Does nothing if it is down."""
        if self.status():
            self.signal_stop(mode)
            self._wait(lambda: not self.status(), f"does not stop ({mode})")

    def configure(self, settings: str) -> None:
        """Replace the settings of ALTER SYSTEM; they apply from the next start."""
        (self.data / "postgresql.auto.conf").write_text(settings, "utf-8")

    def restart(self) -> None:
        """Stop the server in whatever state it is, and start it."""
        self.stop()
        self.start()

    @contextmanager
    def admin(self, database: str = "postgres") -> Iterator[Connection]:
        """Open a superuser session in autocommit through the unix socket. Raises psycopg2.Error."""
        with closing(psycopg2.connect(**self.admin_arguments(database))) as session:
            session.autocommit = True
            yield session

    def admin_arguments(self, database: str = "postgres") -> dict[str, Any]:
        """Return all connection arguments of the superuser; libpq would read others from the environment."""
        return {
            "host": str(self.socket_folder),
            "port": self.port,
            "user": SUPERUSER,
            "dbname": database,
            "sslmode": "disable",
            "connect_timeout": 5,
            "application_name": "clearpay-lab",
            "options": "-c statement_timeout=10s",
        }

    def query(self, statement: str, *arguments: object, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement as the superuser and return its rows, if any."""
        with self.admin(database) as session, session.cursor() as cursor:
            cursor.execute(statement, arguments or None)
            return cursor.fetchall() if cursor.description else []

    def _lock_file(self) -> list[str]:
        try:
            lines = (self.data / "postmaster.pid").read_text("utf-8").splitlines()
        except FileNotFoundError:
            return []
        return lines if lines and lines[0].isdigit() else []

    def _wait(self, done: Callable[[], bool], problem: str) -> None:
        deadline = time.monotonic() + TIMEOUT_S
        while not done():
            if time.monotonic() > deadline:
                raise LabError(f"PostgreSQL {problem} within {TIMEOUT_S:g} s: {self._log_tail()}")
            time.sleep(POLL_S)

    def _log_tail(self) -> str:
        try:
            return self.log.read_text("utf-8", "replace")[-2000:].strip() or "its log is empty"
        except OSError as error:
            return f"no log: {error.strerror}"


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
