"""Faults on the network path between the application and the server."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from diagnostics.lab.servers.fault_proxy import FaultProxy
from diagnostics.lab.servers.full_backlog import full_backlog
from diagnostics.lab.servers.plain_http import WebServer

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab

SHORT_TIMEOUT = (("connect_timeout", "1"),)
"""Without a timeout, libpq waits as long as the kernel retries: two minutes."""


def host_not_found(lab: "Lab") -> Iterator[None]:
    """Point the application to a host name that cannot exist (RFC 6761, section 6.4)."""
    lab.override_address(host="clearpay-db.invalid")
    yield


def timeout(lab: "Lab") -> Iterator[None]:
    """Point the application to a port that drops every SYN packet."""
    with full_backlog() as port:
        lab.override_address(port=port, parameters=SHORT_TIMEOUT)
        yield


def no_route(lab: "Lab") -> Iterator[None]:
    """Point the application to loopback's broadcast address, where Linux answers ENETUNREACH."""
    lab.override_address(host="127.255.255.255")
    yield


def silent(lab: "Lab") -> Iterator[None]:
    """Accept connections and never send a byte."""
    with FaultProxy(lab.server.port, "drop") as proxy:
        lab.override_address(port=proxy.port, parameters=SHORT_TIMEOUT)
        yield


def closed(lab: "Lab") -> Iterator[None]:
    """Accept connections and close them at once."""
    with FaultProxy(lab.server.port, "cut") as proxy:
        lab.override_address(port=proxy.port)
        yield


def not_postgres(lab: "Lab") -> Iterator[None]:
    """Run a web server on the port where PostgreSQL is expected."""
    with WebServer() as web:
        lab.override_address(port=web.port)
        yield
