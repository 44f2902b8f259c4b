"""nginx in front of a server of the lab: TLS, timeouts and rate limits as its configuration sets them.

Source: nginx documentation, ngx_http_proxy_module and ngx_http_limit_req_module.
"""

import shutil
import socket
import ssl
from contextlib import ExitStack, closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Self

from diagnostics.lab.certificates.authority import Files
from diagnostics.lab.process.ports import reserved_port
from diagnostics.lab.process.server_process import ServerProcess
from diagnostics.lab.process.workspace import give_to_server, make_private, workspace
from diagnostics.lab.requirements import NGINX

MAIN = """\
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 128; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {http}
    server {{
        listen 127.0.0.1:{listen};
        {server}
        location / {{
            proxy_pass http://{upstream};
            proxy_http_version 1.1;
            proxy_set_header Host $host;
            proxy_set_header Connection "";
            proxy_connect_timeout 2s;
            {location}
        }}
    }}
}}
"""


@dataclass(frozen=True, slots=True)
class RequestLimit:
    """Directives `limit_req_zone` and `limit_req` for the address of the client."""

    rate: str = "1r/s"
    burst: int = 0
    """Requests beyond the rate that are served at once (`nodelay`)."""
    status: int = 0
    """`limit_req_status`; 0 leaves nginx's default, 503."""


class Nginx:
    """A running nginx; a context manager that listens when it returns.

    `upstream` is an address `host:port` or `unix:/path`. Raises NotInstalled where there is no nginx,
    LabError where it does not start.
    """

    def __init__(
        self,
        upstream: str,
        *,
        files: Files | None = None,
        limit: RequestLimit | None = None,
        read_timeout_s: float = 5.0,
        server: str = "",
    ) -> None:
        self._upstream, self._files = upstream, files
        self._limit, self._read_timeout_s, self._server = limit, read_timeout_s, server
        self._stack = ExitStack()
        self.port = 0

    def __enter__(self) -> Self:
        self._program = NGINX.path()
        with ExitStack() as stack:
            self.port = stack.enter_context(reserved_port())
            outer = workspace().new_folder("nginx-")
            stack.callback(shutil.rmtree, outer, ignore_errors=True)
            self._folder = outer / "nginx"
            make_private(self._folder)
            self._process = ServerProcess("nginx", outer / "nginx.log")
            stack.callback(self._process.end)
            self._start()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def log(self) -> str:
        """Text of the error log so far."""
        return self._process.log

    def use_up(self) -> None:
        """Send requests until one is refused, as another client of the same address does."""
        context = ssl.create_default_context(cafile=str(self._files.ca)) if self._files else None
        for _ in range((self._limit.burst if self._limit else 0) + 2):
            with closing(self._client(context)) as connection:
                connection.request("GET", "/")
                connection.getresponse().read()

    def _client(self, context: ssl.SSLContext | None) -> HTTPConnection:
        if context is None:
            return HTTPConnection("127.0.0.1", self.port, timeout=5)
        return HTTPSConnection("localhost", self.port, timeout=5, context=context)

    def limit(self, limit: RequestLimit | None) -> None:
        """Restart with another limit, or with none."""
        self._limit = limit
        self.restart()

    def serve(self, server: str) -> None:
        """Restart with other directives of the server, such as `return 503;`."""
        self._server = server
        self.restart()

    def pass_to(self, upstream: str, *, read_timeout_s: float = 5.0) -> None:
        """Restart with another upstream server."""
        self._upstream, self._read_timeout_s = upstream, read_timeout_s
        self.restart()

    def present(self, files: Files) -> None:
        """Restart with another certificate."""
        self._files = files
        self.restart()

    def restart(self) -> None:
        """End nginx and start it with the current configuration on the same port."""
        self._process.end()
        self._start()

    def _start(self) -> None:
        conf = self._folder / "nginx.conf"
        self._write(conf, self._configuration())
        for name, path in (("cert.pem", "certificate"), ("cert.key", "key")):
            if self._files:
                self._write(self._folder / name, getattr(self._files, path).read_text("ascii"))
        folder = str(self._folder)
        argv = [self._program, "-e", "stderr", "-p", folder, "-c", str(conf), "-g", "daemon off;"]
        self._process.start(argv, self._listens)

    def _write(self, path: Path, text: str) -> None:
        path.touch(mode=0o600)
        path.write_text(text, "utf-8")
        give_to_server(path)

    def _configuration(self) -> str:
        limit, folder = self._limit, self._folder
        zone = f"limit_req_zone $binary_remote_addr zone=clients:1m rate={limit.rate};" if limit else ""
        location = [f"proxy_read_timeout {self._read_timeout_s * 1000:.0f}ms;"]
        if limit:
            burst = f" burst={limit.burst} nodelay" if limit.burst else ""
            location.append(f"limit_req zone=clients{burst};")
            location += [f"limit_req_status {limit.status};"] if limit.status else []
        tls = f"ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/cert.key;"
        return MAIN.format(
            folder=folder,
            http=zone,
            listen=f"{self.port} ssl" if self._files else self.port,
            server=f"{tls if self._files else ''} {self._server}",
            upstream=self._upstream,
            location=" ".join(location),
        )

    def _listens(self) -> bool:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0
