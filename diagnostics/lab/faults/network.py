"""Between the application and the server."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from diagnostics.lab.servers.fault_proxy import FaultProxy
from diagnostics.lab.servers.full_backlog import full_backlog
from diagnostics.lab.servers.plain_http import WebServer

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab

IMPATIENT = (("connect_timeout", "1"),)
"""Else a program without a timeout would wait two minutes."""


def host_not_found(lab: "Lab") -> Iterator[None]:
    """A name that cannot exist (RFC 6761, section 6.4)."""
    lab.override_address(host="clearpay-db.invalid")
    yield


def timeout(lab: "Lab") -> Iterator[None]:
    """A port that drops every SYN."""
    with full_backlog() as port:
        lab.override_address(port=port, parameters=IMPATIENT)
        yield


def no_route(lab: "Lab") -> Iterator[None]:
    """Loopback's broadcast address: Linux answers ENETUNREACH at once, and no packet leaves."""
    lab.override_address(host="127.255.255.255")
    yield


def silent(lab: "Lab") -> Iterator[None]:
    """Something accepts connections and never says a word."""
    with FaultProxy(lab.server.port, "drop") as proxy:
        lab.override_address(port=proxy.port, parameters=IMPATIENT)
        yield


def closed(lab: "Lab") -> Iterator[None]:
    """Something accepts connections and closes them at once."""
    with FaultProxy(lab.server.port, "cut") as proxy:
        lab.override_address(port=proxy.port)
        yield


def not_postgres(lab: "Lab") -> Iterator[None]:
    """A web server listens on the port."""
    with WebServer() as web:
        lab.override_address(port=web.port)
        yield
