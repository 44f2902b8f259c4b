"""`lab up`: hold a lab in the foreground and execute commands from its socket, one at a time."""

import fcntl
import json
import os
import selectors
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg2

from diagnostics.lab.errors import LabError
from diagnostics.lab.fault_injection import inject
from diagnostics.lab.lab import Lab
from diagnostics.lab.postgres.binaries import Binaries
from diagnostics.lab.process.leftovers import remove_leftovers
from diagnostics.targets.runtime_folder import lab_socket, lab_target_file, make_runtime_folder

CLIENT_TIMEOUT_S = 2.0
"""Limit for a client to send its request."""
MAX_REQUEST_BYTES = 10_000


def up(on_ready: Callable[[Lab], None], using: Binaries | None = None) -> None:
    """Hold a lab until `down`, SIGINT or SIGTERM, then remove everything. Raises LabError, UnsafeFolder.

    Must be called from the main thread, to which Python delivers signals.
    """
    with ExitStack() as after_shutdown, _only_one(), _stop_signals() as stopped, Lab(using) as lab:
        with _listening() as listener, _linked_target(lab):
            on_ready(lab)
            waiting_client = _serve(lab, listener, stopped)
        if waiting_client:
            after_shutdown.enter_context(waiting_client)
            after_shutdown.callback(_reply, waiting_client, {"ok": True})


@contextmanager
def _only_one() -> Iterator[None]:
    """Hold a lock: one lab per user. The kernel releases the lock of a process that dies.

    What killed labs left behind is removed first.
    """
    path = make_runtime_folder() / "lab.lock"
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LabError("the lab is running already; end it with: clearpay-doctor lab down") from None
        remove_leftovers()
        yield


@contextmanager
def _stop_signals() -> Iterator[socket.socket]:
    """Yield a socket that becomes readable at SIGINT or SIGTERM, so that no command is interrupted."""
    reader, writer = socket.socketpair()
    with reader, writer:
        writer.setblocking(False)

        def notify(number: int, _frame: object) -> None:
            signal.signal(number, signal.default_int_handler)  # a second signal interrupts
            with suppress(BlockingIOError):
                writer.send(b"!")

        before = {number: signal.signal(number, notify) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield reader
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


@contextmanager
def _listening() -> Iterator[socket.socket]:
    path = lab_socket()
    path.unlink(missing_ok=True)  # of a killed lab: the lock proves that none runs
    before = os.umask(0o177)
    try:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
    finally:
        os.umask(before)
    try:
        with listener:
            listener.listen()
            yield listener
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def _linked_target(lab: Lab) -> Iterator[Path]:
    """Link to the target file from its well-known path. After kill -9 the link dangles."""
    link = lab_target_file()
    link.unlink(missing_ok=True)
    link.symlink_to(lab.target_file)
    try:
        yield link
    finally:
        link.unlink(missing_ok=True)


def _serve(lab: Lab, listener: socket.socket, stopped: socket.socket) -> socket.socket | None:
    """Answer requests; return the client of `down`, which waits for the end, or None after a signal."""
    with selectors.DefaultSelector() as selector:
        selector.register(listener, selectors.EVENT_READ)
        selector.register(stopped, selectors.EVENT_READ)
        while stopped not in (ready := [key.fileobj for key, _ in selector.select()]):
            if listener in ready and (client := _answer(lab, listener.accept()[0])):
                return client
    return None


def _answer(lab: Lab, client: socket.socket) -> socket.socket | None:
    """Execute one command. Return the client of `down`, still open, as its answer is sent last."""
    client.settimeout(CLIENT_TIMEOUT_S)
    try:
        request = _request(client)
        if request.get("command") == "down":
            return client
        answer = {"ok": True, **_execute(lab, request)}
    except (LabError, psycopg2.Error, OSError, ValueError) as error:
        answer = {"ok": False, "error": str(error)}
    with client:
        _reply(client, answer)
    return None


def _execute(lab: Lab, request: dict[str, Any]) -> dict[str, Any]:
    output: dict[str, Any] = {}
    match request:
        case {"command": "break", "finding": str(finding)}:
            inject(lab, finding)
        case {"command": "fail"}:
            done = lab.run_before()
            output["printed"] = done.stdout + done.stderr
        case {"command": "repair"}:
            lab.repair()
        case {"command": "status"}:
            pass
        case _:
            raise LabError("the commands are: break with a finding, fail, repair, status, down")
    return output | {
        "broken": lab.broken,
        "database": lab.server.status() or "down",
        "postgresql": lab.binaries.version,
        "url": lab.target.settings.database,
        "target_file": str(lab_target_file()),
        "folder": str(lab.layout.folder),
        "pid": os.getpid(),
    }


def _request(client: socket.socket) -> dict[str, Any]:
    data = b""
    while not data.endswith(b"\n") and len(data) < MAX_REQUEST_BYTES:
        chunk = client.recv(MAX_REQUEST_BYTES)
        if not chunk:
            break
        data += chunk
    request = json.loads(data)
    if not isinstance(request, dict):
        raise ValueError("a command is a JSON object")  # noqa: TRY004  the text of the client is wrong
    return request


def _reply(client: socket.socket, answer: dict[str, Any]) -> None:
    with suppress(OSError):
        client.sendall(json.dumps(answer).encode() + b"\n")
