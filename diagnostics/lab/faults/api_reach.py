"""Between the application and the API: nobody answers, somebody else does, or slowly, or by another clock."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from diagnostics.lab.api.closed_proxy import ClosedProxy
from diagnostics.lab.servers.fault_proxy import FaultProxy
from diagnostics.lab.servers.full_backlog import full_backlog

if TYPE_CHECKING:
    from diagnostics.lab.lab import Lab

SLOW_S = 0.6
DRIP_S = 1.4
"""More than a slow answer needs to be in the lab, less than the application's longest patience."""
SHIFT_S = -400.0


def refused(lab: "Lab") -> Iterator[None]:
    """Nothing listens on the API's port."""
    with FaultProxy(lab.api.front.port, "refuse") as proxy:
        lab.api.port = proxy.port
        lab.publish()
        yield


def host_not_found(lab: "Lab") -> Iterator[None]:
    """The API's name cannot exist (RFC 6761, section 6.4)."""
    lab.api.host = "api.clearpay.invalid"
    lab.publish()
    yield


def timeout(lab: "Lab") -> Iterator[None]:
    """A firewall drops every SYN to the API."""
    with full_backlog() as port:
        lab.api.host, lab.api.port = "127.0.0.1", port
        lab.publish()
        yield


def silent(lab: "Lab") -> Iterator[None]:
    """The API accepts connections and never says a word."""
    with FaultProxy(lab.api.front.port, "drop") as proxy:
        lab.api.port = proxy.port
        lab.publish()
        yield


def proxy_refused(lab: "Lab") -> Iterator[None]:
    """The way out leads through a proxy that wants a login, and the application has none."""
    with ClosedProxy() as proxy:
        lab.api.proxy = f"http://127.0.0.1:{proxy.port}"
        lab.publish()
        yield


def broken_answer(lab: "Lab") -> Iterator[None]:
    """The API takes each request and closes the connection without an answer."""
    lab.api.rules.mood = "cut"
    yield


def server_error(lab: "Lab") -> Iterator[None]:
    """The API is up and answers 503 to all."""
    lab.api.rules.mood = "server_error"
    yield


def not_the_api(lab: "Lab") -> Iterator[None]:
    """The load balancer answers in the API's place, with a page for people."""
    lab.api.rules.mood = "html"
    yield


def clock_skew(lab: "Lab") -> Iterator[None]:
    """The application's clock is 400 s ahead of the API's."""
    lab.api.rules.clock_shift_s = SHIFT_S
    yield


def slow_first_byte(lab: "Lab") -> Iterator[None]:
    """The API thinks for 0.6 s about every request."""
    lab.api.rules.first_byte_s = SLOW_S
    yield


def slow_body(lab: "Lab") -> Iterator[None]:
    """The API begins at once, and sends each body in pieces over 1.4 s."""
    lab.api.rules.body_s = DRIP_S
    yield
