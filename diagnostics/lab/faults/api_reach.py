"""Faults between the application and the API: no connection, a wrong answer, a slow one, a skewed clock."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from diagnostics.lab.api.closed_proxy import ClosedProxy
from diagnostics.lab.servers.fault_proxy import FaultProxy
from diagnostics.lab.servers.full_backlog import full_backlog

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab

FIRST_BYTE_S = 0.6
BODY_S = 1.4
"""Longer than a slow answer takes in the lab, shorter than the application's longest timeout."""
CLOCK_SHIFT_S = -400.0


def refused(lab: "Lab") -> Iterator[None]:
    """Stop listening on the API's port."""
    with FaultProxy(lab.api.front.port, "refuse") as proxy:
        lab.api.port = proxy.port
        lab.publish()
        yield


def host_not_found(lab: "Lab") -> Iterator[None]:
    """Point the application to an API host name that cannot exist (RFC 6761, section 6.4)."""
    lab.api.host = "api.clearpay.invalid"
    lab.publish()
    yield


def timeout(lab: "Lab") -> Iterator[None]:
    """Drop every SYN packet to the API, as a firewall does."""
    with full_backlog() as port:
        lab.api.host, lab.api.port = "127.0.0.1", port
        lab.publish()
        yield


def silent(lab: "Lab") -> Iterator[None]:
    """Accept connections to the API and never send a byte."""
    with FaultProxy(lab.api.front.port, "drop") as proxy:
        lab.api.port = proxy.port
        lab.publish()
        yield


def proxy_refused(lab: "Lab") -> Iterator[None]:
    """Route the application, without credentials, through a proxy that requires authentication."""
    with ClosedProxy() as proxy:
        lab.api.proxy = f"http://127.0.0.1:{proxy.port}"
        lab.publish()
        yield


def broken_answer(lab: "Lab") -> Iterator[None]:
    """Read each request to the API and close the connection without an answer."""
    lab.api.rules.failure_mode = "cut"
    yield


def server_error(lab: "Lab") -> Iterator[None]:
    """Answer every request to the API with 503."""
    lab.api.rules.failure_mode = "server_error"
    yield


def not_the_api(lab: "Lab") -> Iterator[None]:
    """Answer every request to the API with an HTML page, as a load balancer in maintenance does."""
    lab.api.rules.failure_mode = "html"
    yield


def clock_skew(lab: "Lab") -> Iterator[None]:
    """Set the API's clock 400 s behind the application's."""
    lab.api.rules.clock_shift_s = CLOCK_SHIFT_S
    yield


def slow_first_byte(lab: "Lab") -> Iterator[None]:
    """Delay each answer of the API by 0.6 s."""
    lab.api.rules.first_byte_s = FIRST_BYTE_S
    yield


def slow_body(lab: "Lab") -> Iterator[None]:
    """Start each answer of the API at once and send its body over 1.4 s."""
    lab.api.rules.body_s = BODY_S
    yield
