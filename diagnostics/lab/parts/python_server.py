"""gunicorn and uvicorn with the payments service: servers as applications run them."""

import shutil
import sys
from collections.abc import Mapping
from contextlib import ExitStack, closing
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Literal, Self

from diagnostics.lab.process.ports import reserved_port
from diagnostics.lab.process.server_process import ServerProcess
from diagnostics.lab.process.workspace import workspace
from diagnostics.lab.programs import payments_asgi, payments_wsgi
from diagnostics.lab.requirements import GUNICORN, UVICORN
from diagnostics.targets.settings import Service

Program = Literal["gunicorn", "uvicorn"]
WorkerClass = Literal["sync", "gthread", "uvicorn.workers.UvicornWorker"]
UVICORN_WORKER: WorkerClass = "uvicorn.workers.UvicornWorker"
ASGI = Path(payments_asgi.__file__)
CONF = """\
bind = "127.0.0.1:{port}"
workers = {workers}
threads = {threads}
worker_class = "{worker_class}"
worker_tmp_dir = "{folder}"
timeout = {timeout_s}
control_socket_disable = True
raw_env = {environment}
"""
"""Settings of gunicorn; older versions ignore the last one."""


class PythonServer:
    """A running server; a context manager that answers when it returns.

    gunicorn runs the WSGI application; uvicorn, and gunicorn with UVICORN_WORKER, the ASGI application.
    `wsgi` is the file of another WSGI application that answers /healthz too, `environment` its variables.
    Raises NotInstalled where a package is missing, LabError where the server does not start.
    """

    def __init__(
        self,
        program: Program,
        *,
        workers: int = 1,
        threads: int = 1,
        worker_class: WorkerClass = "sync",
        timeout_s: int = 30,
        wsgi: Path = Path(payments_wsgi.__file__),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._program = program
        self._workers, self._threads = workers, threads
        self._worker_class, self._timeout_s = worker_class, timeout_s
        self._wsgi, self._environment = wsgi, dict(environment or {})
        self._stack = ExitStack()
        self.port = 0

    def __enter__(self) -> Self:
        if self._is_asgi:
            UVICORN.require()
        if self._program == "gunicorn":
            GUNICORN.require()
        with ExitStack() as stack:
            self.port = stack.enter_context(reserved_port())
            self._folder = workspace().new_folder(f"{self._program}-")
            stack.callback(shutil.rmtree, self._folder, ignore_errors=True)
            self._process = ServerProcess(self._program, self._folder / "server.log")
            stack.callback(self._process.end)
            argv = self._gunicorn() if self._program == "gunicorn" else self._uvicorn()
            # The packages may be in a folder that only the caller can read.
            self._process.start([sys.executable, "-m", *argv], self._answers, as_caller=True)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def pid(self) -> int:
        """Process id of gunicorn's arbiter, or of uvicorn."""
        return self._process.pid

    @property
    def url(self) -> str:
        """Base URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """Text of the log so far."""
        return self._process.log

    def service(self, work: str, *, pid: bool = True) -> Service:
        """Return the settings of a target with this service, with the path of its work."""
        return Service(health=f"{self.url}/healthz", work=f"{self.url}{work}", pid=self.pid if pid else 0)

    @property
    def _started_line(self) -> str:
        """Part of the line that each worker logs when it has started."""
        return "Application startup complete" if self._is_asgi else "Booting worker with pid"

    @property
    def _is_asgi(self) -> bool:
        return self._program == "uvicorn" or self._worker_class == UVICORN_WORKER

    def _gunicorn(self) -> list[str]:
        application = ASGI if self._is_asgi else self._wsgi
        conf = self._folder / "gunicorn.conf.py"
        text = CONF.format(
            port=self.port,
            workers=self._workers,
            threads=self._threads,
            worker_class=self._worker_class,
            folder=self._folder,
            timeout_s=self._timeout_s,
            environment=[f"{name}={value}" for name, value in self._environment.items()],
        )
        conf.write_text(text, "utf-8")
        return [
            "gunicorn",
            "--config",
            str(conf),
            "--pythonpath",
            str(application.parent),
            _name(application),
        ]

    def _uvicorn(self) -> list[str]:
        options = ["--host", "127.0.0.1", "--port", str(self.port), "--workers", str(self._workers)]
        options += ["--no-access-log", "--app-dir", str(ASGI.parent)]
        return ["uvicorn", *options, _name(ASGI)]

    def _answers(self) -> bool:
        """Return True if all workers have started and health is answered."""
        if self._process.log.count(self._started_line) < self._workers:
            return False
        try:
            with closing(HTTPConnection("127.0.0.1", self.port, timeout=1)) as connection:
                connection.request("GET", "/healthz")
                return connection.getresponse().status == HTTPStatus.OK
        except (OSError, HTTPException):
            return False


def _name(application: Path) -> str:
    return f"{application.stem}:application"
