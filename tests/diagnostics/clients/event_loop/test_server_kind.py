"""The kind of a server is known from its headers, its processes, or the effect of incomplete requests."""

import pytest

from diagnostics.clients.event_loop.server_kind import Kind, ServerHeaders, names_server, server_kind
from diagnostics.clients.event_loop.server_processes import ProcessTraits

SYNC = ProcessTraits((11, 12), polls=False, library="")
THREADS = ProcessTraits((11,), polls=True, library="")
DJANGO_THREADS = ProcessTraits((11,), polls=True, library="asyncio")
LOOP = ProcessTraits((11,), polls=True, library="uvloop")
GEVENT = ProcessTraits((11,), polls=True, library="gevent")


@pytest.mark.parametrize(
    ("server", "closes", "kind"),
    [
        ("uvicorn", False, "event loop"),
        ("uvicorn", True, "event loop"),
        ("gunicorn/asgi", False, "event loop"),
        ("hypercorn-h11", False, "event loop"),
        ("daphne", False, "event loop"),
        ("Python/3.11 aiohttp/3.9.1", False, "event loop"),
        ("TornadoServer/6.4", False, "event loop"),
        ("TwistedWeb/23.10.0", False, "event loop"),
        ("gunicorn", True, "workers"),
        ("gunicorn/20.1.0", True, "workers"),
        ("waitress", False, "workers"),
        ("Werkzeug/3.1.9 Python/3.11.7", True, "workers"),
        ("WSGIServer/0.2 CPython/3.11.7", True, "workers"),
        ("Cheroot/10.0.1", False, "workers"),
        ("Apache/2.4.58 (Unix) mod_wsgi/5.0.0 Python/3.11", False, "workers"),
        ("gunicorn", False, "unknown"),
        ("nginx/1.22.1", False, "unknown"),
        ("", False, "unknown"),
        ("", True, "unknown"),
    ],
)
def test_the_headers_name_a_server_of_one_kind_or_leave_it_open(
    server: str, closes: bool, kind: Kind
) -> None:
    assert server_kind(ServerHeaders(server, closes)).kind == kind


@pytest.mark.parametrize(
    ("server", "traits", "kind"),
    [
        ("nginx/1.22.1", SYNC, "workers"),
        ("", SYNC, "workers"),
        ("", LOOP, "event loop"),
        ("nginx/1.22.1", LOOP, "event loop"),
        ("gunicorn", THREADS, "workers"),
        ("gunicorn", DJANGO_THREADS, "workers"),
        ("gunicorn", GEVENT, "event loop"),
        ("", THREADS, "unknown"),
    ],
)
def test_the_processes_decide_where_the_headers_do_not(
    server: str, traits: ProcessTraits, kind: Kind
) -> None:
    assert server_kind(ServerHeaders(server), traits).kind == kind


def test_incomplete_requests_that_occupy_all_workers_show_workers_and_the_contrary_shows_nothing() -> None:
    hidden = ServerHeaders("")

    assert server_kind(hidden, held=True).kind == "workers"
    assert server_kind(hidden, held=False).kind == "unknown"
    assert server_kind(ServerHeaders("uvicorn"), held=True).kind == "event loop"


def test_the_header_of_a_proxy_is_not_that_of_the_server() -> None:
    assert names_server(ServerHeaders("gunicorn"))
    assert names_server(ServerHeaders("uvicorn"))
    assert not names_server(ServerHeaders("nginx/1.22.1"))
    assert not names_server(ServerHeaders(""))


def test_the_reason_names_the_observation() -> None:
    assert server_kind(ServerHeaders("gunicorn", closes=True)).reason == (
        "header Server: gunicorn, which closes each connection: sync workers"
    )
    assert server_kind(ServerHeaders(""), SYNC).reason == (
        "2 processes without epoll: one connection at a time"
    )
    assert server_kind(ServerHeaders("")).reason == "no header Server, and the process is not visible"
