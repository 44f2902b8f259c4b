"""PgBouncer in front of the lab's server: its configuration, its admin console, start and stop.

Source: PgBouncer documentation, "Config" and "Usage" (admin console).
"""

import os
import shutil
import signal
import time
from collections.abc import Mapping
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any, Literal, Self

import psycopg2

from diagnostics.lab.errors import LabError
from diagnostics.lab.postgres.server import Server
from diagnostics.lab.process.ports import reserved_port
from diagnostics.lab.process.workspace import make_private, server_user, start
from diagnostics.lab.requirements import PGBOUNCER

PoolMode = Literal["session", "transaction", "statement"]
ADMIN = "pgbouncer"
"""User of the admin console that may run commands such as PAUSE."""
STATS = "pooler_stats"
"""User of the admin console that may only read: the doctor's."""
CONSOLE = "pgbouncer"
PATIENCE_S = 10.0
POLL_S = 0.01
DEFAULTS: Mapping[str, str] = {
    "auth_type": "scram-sha-256",
    "default_pool_size": "4",
    "max_client_conn": "60",
    "server_login_retry": "1",
    "server_connect_timeout": "2",
    "query_wait_timeout": "30",
    "unix_socket_dir": "",
    "log_connections": "0",
    "log_disconnections": "0",
}


class PgBouncer:
    """A running PgBouncer for one database; a context manager that is ready when it returns.

    `users` maps role to password: clients log in with them, and so does PgBouncer at the server. `settings`
    override the section [pgbouncer]. Raises NotInstalled where there is no PgBouncer, LabError where it does
    not start.
    """

    def __init__(
        self,
        server: Server,
        database: str,
        users: Mapping[str, str],
        *,
        mode: PoolMode = "transaction",
        settings: Mapping[str, str] | None = None,
        connection: Mapping[str, str] | None = None,
    ) -> None:
        self._server = server
        self._database = database
        self._users = dict(users)
        self._settings = {**DEFAULTS, "pool_mode": mode, **(settings or {})}
        self._connection = dict(connection or {})
        self._stack = ExitStack()
        self._pid = 0
        self.port = 0
        self.admin_password = os.urandom(9).hex()
        """Password of both users of the admin console."""
        self.folder = server.folder / f"pgbouncer-{os.urandom(3).hex()}"

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.port = stack.enter_context(reserved_port())
            make_private(self.folder)
            stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
            self._write()
            stack.callback(self._end)
            self.start()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def log(self) -> str:
        """Text of the log so far."""
        return self._log_file.read_text("utf-8", "replace")

    @property
    def _log_file(self) -> Path:
        return self._server.folder / f"{self.folder.name}.log"

    def admin_url(self, user: str = STATS) -> str:
        """Return the URL of the admin console, without a password."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{CONSOLE}"

    def admin(self, command: str) -> list[tuple[Any, ...]]:
        """Run a command of the admin console and return its rows. Raises psycopg2.Error."""
        arguments: dict[str, Any] = {
            "host": "127.0.0.1",
            "port": self.port,
            "user": ADMIN,
            "password": self.admin_password,
            "dbname": CONSOLE,
            "sslmode": "disable",
            "connect_timeout": 5,
        }
        with closing(psycopg2.connect(**arguments)) as session:
            session.autocommit = True
            with session.cursor() as cursor:
                cursor.execute(command)
                return cursor.fetchall() if cursor.description else []

    def configure(self, users: Mapping[str, str] | None = None, **settings: str) -> None:
        """Change users or settings and reload; what only a restart changes stays as it was."""
        self._users |= users or {}
        self._settings |= settings
        self._write()
        self.admin("RELOAD")

    def connect_to(self, **connection: str) -> None:
        """Change the server that the database is taken from (`host`, `port`, `user`, `password`); reload."""
        self._connection |= connection
        self._write()
        self.admin("RELOAD")

    def start(self) -> None:
        """Start it on its port, and wait until its console answers. Raises LabError."""
        self._log_file.touch()
        ini = str(self.folder / "pgbouncer.ini")
        self._pid = start(self._server.supervisor_socket, [PGBOUNCER.path(), ini], self._log_file)
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                self.admin("SHOW VERSION")
            except psycopg2.Error as error:
                if time.monotonic() > until:
                    raise LabError(f"PgBouncer does not start: {error}\n{self.log[-2000:]}") from error
                time.sleep(POLL_S)
            else:
                return

    def stop(self) -> None:
        """End it at once: since 1.23 SIGTERM waits for its clients."""
        if self._pid:
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)

    def _end(self) -> None:
        self.stop()
        self._log_file.unlink(missing_ok=True)

    def _write(self) -> None:
        target = {"host": "127.0.0.1", "port": str(self._server.port), "dbname": self._database}
        line = " ".join(f"{key}={value}" for key, value in {**target, **self._connection}.items())
        settings = {
            "listen_addr": "127.0.0.1",
            "listen_port": str(self.port),
            "auth_file": str(self.folder / "users.txt"),
            "admin_users": ADMIN,
            "stats_users": STATS,
            "logfile": "",
            **self._settings,
        }
        lines = [f"{key} = {value}" for key, value in settings.items()]
        text = "\n".join(["[databases]", f"{self._database} = {line}", "", "[pgbouncer]", *lines, ""])
        users = {**self._users, ADMIN: self.admin_password, STATS: self.admin_password}
        passwords = "".join(f'"{name}" "{password}"\n' for name, password in users.items())
        for name, content in (("pgbouncer.ini", text), ("users.txt", passwords)):
            path = self.folder / name
            path.write_text(content, "utf-8")
            path.chmod(0o600)
            if user := server_user():
                shutil.chown(path, user)
