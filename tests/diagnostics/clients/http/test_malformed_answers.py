"""Answers that HTTP libraries cannot parse: a class of failure, and nothing on stderr."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socket import SHUT_WR, socket

import pytest

from diagnostics.clients.http.get_request import get, proxy_of
from diagnostics.clients.http.keepalive_connection import NO_RESPONSE, KeepAliveConnection
from diagnostics.clients.http.messages import Request
from diagnostics.clients.http.no_response import NoResponse
from diagnostics.clients.http.request_target import request_target
from diagnostics.clients.http.socket_deadline import SocketDeadline
from diagnostics.errors import CannotTell
from diagnostics.lab.servers.listener import Listener

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


class Answering(Listener):
    """Server that sends the same bytes to every request."""

    def __init__(self, answer: bytes) -> None:
        super().__init__()
        self._answer = answer

    def handle(self, client: socket) -> None:
        """Serve one connection; clients may disconnect at any time."""
        with suppress(OSError):
            client.recv(65536)
            client.sendall(self._answer)
            client.shutdown(SHUT_WR)


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    with Answering(answer) as server:
        yield f"http://127.0.0.1:{server.port}/"


BROKEN = {
    "a negative chunk": OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nabc\r\n0\r\n\r\n",
    "a chunk without size": OK + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n",
    "a chunk that is cut": OK + b"Transfer-Encoding: chunked\r\n\r\nff\r\nabc",
    "a status of text": b"HTTP/1.1 abc OK\r\n\r\n",
    "no HTTP": b"\x00\x01\x02\xff",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_answer_has_its_class_for_each_client(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    with answering(BROKEN[name]) as url:
        with pytest.raises(NoResponse) as failure:
            get(Request(url, 5.0))
        with SocketDeadline(5.0) as deadline, KeepAliveConnection(url, None, deadline) as connection:
            measured = connection.measure(5.0)

    assert failure.value.problem == "broken_answer"
    assert (measured.status, bool(measured.error)) == (NO_RESPONSE, True)
    assert capfd.readouterr().err == ""


COOKIES = [
    b"a=b; Max-Age=" + b"9" * 400,
    b"a=b; Expires=Sun, 99 Foo 99999",
    b"\xff=\x00; Path",
    b"=;=;=",
]


@pytest.mark.parametrize("cookie", COOKIES)
def test_cookies_are_not_parsed(cookie: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    answer = OK + b"Set-Cookie: " + cookie + b'\r\nContent-Length: 8\r\n\r\n{"a": 1}'
    with answering(answer) as url:
        response = get(Request(url, 5.0))

    assert response.document == {"a": 1}
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("body", "document"),
    [
        (b'{"a": "\\ud800"}', {"a": "\ufffd"}),
        (b'{"a": ' + b"9" * 5_000 + b"}", {"a": float("inf")}),
        (b'{"a":' * 500, None),
        (b"[]", None),
        (b"\xff", None),
    ],
)
def test_a_document_can_be_encoded_and_is_not_deep(body: bytes, document: object) -> None:
    with answering(OK + b"Content-Length: %d\r\n\r\n" % len(body) + body) as url:
        assert get(Request(url, 5.0)).document == document


@pytest.mark.parametrize("proxy", ["http://[::1", "http://h:x", "h:99999", "http://a b/"])
def test_a_proxy_of_the_environment_that_is_no_url_leaves_the_question_open(
    proxy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", proxy)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)

    with pytest.raises(CannotTell, match=r"the proxy of the environment .* is not a URL"):
        proxy_of(Request("http://service.example/", 1.0))
    with pytest.raises(CannotTell, match="is not a URL"):
        get(Request("http://service.example/", 1.0))


def test_a_proxy_without_a_driver_leaves_the_question_open() -> None:
    with pytest.raises(CannotTell, match="the request cannot be sent"):
        get(Request("http://127.0.0.1:9/", 1.0, proxy="nonsense://127.0.0.1:9"))


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://h", "/"),
        ("http://h/a b?c=d e#f", "/a%20b?c=d%20e"),
        ("http://h/ü%20?€", "/%C3%BC%20?%E2%82%AC"),
        ("http://h/a;b@c:d?x=[1]", "/a;b@c:d?x=%5B1%5D"),
    ],
)
def test_the_target_of_a_request_is_ascii(url: str, target: str) -> None:
    assert request_target(url) == target
