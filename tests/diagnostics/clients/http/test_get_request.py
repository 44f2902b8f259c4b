"""One GET against hostile servers: it ends in time, holds little memory, and follows no redirect."""

import gzip
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from diagnostics.clients.http.get_request import get
from diagnostics.clients.http.messages import MAX_BODY_BYTES, Request, Response
from diagnostics.clients.http.no_response import NoResponse
from diagnostics.lab.servers.listener import Listener
from tests.support.deadlines import ends_within

SHORT_S = 0.5
"""Time limit of the requests that reach it."""
LONG_S = 30.0
"""Time limit of those that end by themselves; a busy machine must not exceed it."""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BOMB = gzip.compress(b"\0" * 50_000_000)


class Scripted(Listener):
    """Server that reads a request and then runs a script."""

    def __init__(self, act: Callable[[socket.socket, threading.Event], None]) -> None:
        super().__init__()
        self._act = act
        self.requests: list[bytes] = []

    def handle(self, client: socket.socket) -> None:
        """Record the request and run the script."""
        self.requests.append(client.recv(65536))
        self._act(client, self.ending)


@contextmanager
def serving(act: Callable[[socket.socket, threading.Event], None]) -> Iterator[Scripted]:
    with Scripted(act) as server:
        yield server


def sends(data: bytes) -> Callable[[socket.socket, threading.Event], None]:
    def act(client: socket.socket, _: threading.Event) -> None:
        client.sendall(data)

    return act


def drips(head: bytes, piece: bytes) -> Callable[[socket.socket, threading.Event], None]:
    def act(client: socket.socket, ending: threading.Event) -> None:
        client.sendall(head)
        while not ending.wait(0.02):
            client.sendall(piece)

    return act


def floods(head: bytes, piece: bytes) -> Callable[[socket.socket, threading.Event], None]:
    def act(client: socket.socket, ending: threading.Event) -> None:
        with suppress(OSError):
            client.sendall(head)
            while not ending.is_set():
                client.sendall(piece)

    return act


def asked(server: Scripted, seconds: float = LONG_S, **changes: object) -> Response:
    return get(Request(f"http://127.0.0.1:{server.port}/v1/me", seconds, **changes))  # type: ignore[arg-type]  # a test's own


def test_a_good_answer_comes_with_its_phases() -> None:
    with serving(sends(HEAD + b'Content-Length: 11\r\n\r\n{"a": "b"}\n')) as server:
        began = time.perf_counter()
        answer = asked(server)
        took = time.perf_counter() - began

    assert (answer.status, answer.document) == (200, {"a": "b"})
    assert answer.phases.connect > 0
    assert answer.phases.first_byte > 0
    assert answer.phases.total < took * 1000


@pytest.mark.parametrize(
    "act",
    [
        drips(b"", b"H"),
        drips(HEAD, b"x"),
        drips(HEAD + b"Content-Length: 100000\r\n\r\n", b"x"),
        drips(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        drips(HEAD, b""),
    ],
    ids=["status line", "header", "body", "chunks", "nothing"],
)
def test_no_drip_stretches_the_deadline(act: Callable[[socket.socket, threading.Event], None]) -> None:
    with serving(act) as server, ends_within(SHORT_S), pytest.raises(NoResponse) as caught:
        asked(server, SHORT_S)

    assert caught.value.problem == "silent"


def test_endless_headers_end_as_a_broken_answer() -> None:
    with serving(floods(HEAD, b"X-More: 1\r\n")) as server, pytest.raises(NoResponse) as caught:
        asked(server)

    assert caught.value.problem == "broken_answer"


@pytest.mark.parametrize(
    "head",
    [
        HEAD + b"\r\n",
        HEAD + b"Content-Length: 99999999999\r\n\r\n",
        HEAD + b"Content-Encoding: gzip\r\n\r\n" + BOMB,
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\n\r\n",
    ],
    ids=["without an end", "with a huge length", "gzip bomb", "redirect"],
)
def test_of_a_huge_body_only_a_little_is_held(head: bytes) -> None:
    with serving(floods(head, b"\0" * 65536)) as server:
        tracemalloc.start()
        try:
            answer = asked(server)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert len(answer.body) == MAX_BODY_BYTES
    assert peak < 4_000_000
    assert answer.document is None


def test_no_credential_follows_a_redirect_to_another_host() -> None:
    with serving(sends(HEAD + b"Content-Length: 2\r\n\r\n{}")) as other:
        location = f"Location: http://127.0.0.1:{other.port}/v1/me\r\nContent-Length: 0\r\n\r\n".encode()
        with serving(sends(b"HTTP/1.1 302 Found\r\n" + location)) as server:
            answer = asked(server, headers={"X-Api-Key": "canary-key-0123"})

    assert answer.status == 302
    assert b"canary-key-0123" in server.requests[0]
    assert other.requests == []


def test_a_line_of_netrc_replaces_no_credential(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n", "utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    with serving(sends(HEAD + b"Content-Length: 2\r\n\r\n{}")) as server:
        asked(server, headers={"Authorization": "Bearer canary"})

    assert b"Authorization: Bearer canary\r\n" in server.requests[0]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "broken_answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "broken_answer"),
        (HEAD + b"Content-Length: 50\r\n\r\n{", "broken_answer"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", "broken_answer"),
    ],
    ids=["nothing", "ssh", "cut body", "bad chunk"],
)
def test_what_is_no_answer_is_a_broken_one(data: bytes, problem: str) -> None:
    with serving(sends(data)) as server, pytest.raises(NoResponse) as caught:
        asked(server)

    assert caught.value.problem == problem


def test_a_closed_port_and_a_name_that_cannot_exist_are_distinguished() -> None:
    with serving(sends(b"")) as server:
        port = server.port
    with pytest.raises(NoResponse) as refused:
        get(Request(f"http://127.0.0.1:{port}/", LONG_S))
    with pytest.raises(NoResponse) as missing:
        get(Request("http://api.invalid/", LONG_S))

    assert (refused.value.problem, missing.value.problem) == ("refused", "host_not_found")


def test_tls_on_a_plain_port_is_a_tls_failure() -> None:
    with serving(sends(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server, pytest.raises(NoResponse) as caught:
        get(Request(f"https://127.0.0.1:{server.port}/", LONG_S))

    assert caught.value.problem == "tls"
