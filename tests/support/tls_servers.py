"""TLS servers that are not the lab's: nginx, `openssl s_server`, and PostgreSQL with TLS of its own."""

import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from diagnostics.lab.certificates.authority import Files
from diagnostics.lab.postgres import binaries, cluster
from diagnostics.lab.postgres.server import Server
from diagnostics.lab.process.environment import clean
from diagnostics.lab.process.workspace import server_user, workspace

NGINX = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events { }
http {
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {folder}/server.pem;
        ssl_certificate_key {folder}/server.key;
        {options}
        location / { default_type application/json; return 200 '{"status": "ok"}'; }
    }
}
"""
START_S = 10.0


def require(program: str) -> str:
    """Return the path of a program of the system. Skips the test if it is missing, under CI fails it."""
    path = shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin")
    if path is None:
        reason = f"{program} is missing; run make system-deps"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    return path


def free_port() -> int:
    """Return a port of the loopback interface that was free."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def nginx(files: Files, options: str = "") -> Iterator[tuple[int, Path]]:
    """Run nginx with these certificates; yield its port and folder.

    The options of its server may name the folder as `{folder}`, which has the authority as `ca.pem`.
    """
    program, port, user = require("nginx"), free_port(), server_user()
    folder = workspace().new_folder("nginx-")
    sources = {"server.pem": files.certificate, "server.key": files.key, "ca.pem": files.ca}
    for name, path in sources.items():
        shutil.copy(path, folder / name)
    text = NGINX.replace("{options}", options).replace("{folder}", str(folder)).replace("{port}", str(port))
    (folder / "nginx.conf").write_text(text, "utf-8")
    if user:
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, user)
    command = [program, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
    with running(command, folder / "output.log", user=user):
        wait_for_port(port, folder / "output.log")
        yield port, folder


@contextmanager
def s_server(files: Files, *options: str) -> Iterator[int]:
    """Run `openssl s_server` with options that Python does not offer; yield its port."""
    port = free_port()
    command = [require("openssl"), "s_server", "-accept", f"127.0.0.1:{port}", *options]
    command += ["-cert", str(files.certificate), "-cert_chain", str(files.certificate)]
    command += ["-key", str(files.key), "-www"]
    log = files.certificate.with_name(f"s_server-{port}.log")
    with running(command, log):
        wait_for_port(port, log)
        yield port


@contextmanager
def running(command: list[str], log: Path, user: str | None = None) -> Iterator[None]:
    """Run a server in the foreground, as another user if one is named, and end it."""
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, env=clean(), user=user
        ) as server,
    ):
        try:
            yield
        finally:
            server.kill()


def wait_for_port(port: int, log: Path) -> None:
    """Wait until something listens. Fails with the server's output."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    pytest.fail(f"nothing listens at port {port}: {log.read_text('utf-8', 'replace')}")


HBA = """\
local all postgres trust
hostssl certified all 127.0.0.1/32 cert
hostssl all all 127.0.0.1/32 {method}
"""
CONF = """\
ssl = on
ssl_cert_file = 'own.pem'
ssl_key_file = 'own.key'
ssl_ca_file = 'clients.pem'
"""


@contextmanager
def postgres(files: Files) -> Iterator[Server]:
    """Run a PostgreSQL with TLS of its own, that trusts clients of the same authority."""
    with cluster.running(_with_tls()) as server:
        install(server, "own.pem", files.certificate)
        install(server, "own.key", files.key)
        install(server, "clients.pem", files.ca)
        (server.data / "pg_hba.conf").write_text(HBA.format(method="trust"), "utf-8")
        server.query("CREATE DATABASE certified")
        configure(server)
        yield server


def configure(server: Server, *settings: str) -> None:
    """Replace the server's TLS settings, and restart it."""
    server.configure(CONF + "".join(f"{setting}\n" for setting in settings))
    server.restart()


def install(server: Server, name: str, source: Path) -> None:
    """Copy a file into the data directory, readable by the server alone."""
    copy = server.data / name
    copy.touch(mode=0o600)
    copy.write_bytes(source.read_bytes())
    if user := server_user():
        shutil.chown(copy, user)


def _with_tls() -> binaries.Binaries:
    for found in binaries.find_all():
        done = subprocess.run([found.folder / "pg_config", "--configure"], capture_output=True, check=False)
        if b"openssl" in done.stdout:
            return found
    reason = "no PostgreSQL with TLS of its own was found; run make system-deps"
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    raise AssertionError(reason)


def handshake(context: ssl.SSLContext, port: int, name: str = "localhost") -> str:
    """Do a handshake with a Python client; return OpenSSL's reason if it fails, else an empty text."""
    with socket.create_connection(("127.0.0.1", port), 5) as sock:
        try:
            context.wrap_socket(sock, server_hostname=name).close()
        except ssl.SSLError as error:
            return error.reason or str(error)
    return ""
