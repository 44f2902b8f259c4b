"""Measurements of a service of the target: its health without load and under load."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from diagnostics.clients.event_loop.classification import Measurement
from diagnostics.clients.event_loop.load_generator import (
    TIMEOUT_S,
    HealthWindow,
    Load,
    apply_load,
    measure_health,
    open_connections,
)
from diagnostics.clients.event_loop.server_kind import ServerHeaders
from diagnostics.clients.event_loop.server_processes import (
    ProcessTraits,
    process_traits,
    serving_processes,
)
from diagnostics.clients.event_loop.thread_usage import busiest_usage, read_usages
from diagnostics.clients.http.keepalive_connection import (
    KeepAliveConnection,
    TimedResponse,
    verifying_context,
)
from diagnostics.clients.http.socket_deadline import SocketDeadline
from diagnostics.engine.context import Context
from diagnostics.errors import CannotTell
from diagnostics.targets.settings import Service

if TYPE_CHECKING:
    import ssl

CONNECTIONS = 4
"""Concurrent requests, as of four customers; more would find the limit of the machine, not of the service."""
RATIO = 5.0
"""Factor by which health may become slower under load."""
MAX_IDLE_WINDOWS = 3
"""Windows without our load, of which the quietest counts: a service may still be finishing earlier work."""


@dataclass(frozen=True, slots=True)
class IdleHealth:
    """Health without our load."""

    p95_ms: float
    connect_ms: float
    windows: int
    headers: ServerHeaders


@dataclass(frozen=True, slots=True)
class LoadedHealth:
    """Health under our load."""

    health: HealthWindow
    load: Load
    measured: Measurement
    traits: ProcessTraits | None
    """Traits of the processes that served; None without service.pid, or if they cannot be seen."""


class ConnectionFactory:
    """Factory of connections to one URL. Raises CannotTell if its TLS files cannot be read."""

    def __init__(self, context: Context, url: str, promised: str, body: str = "") -> None:
        tls, folder = context.target.settings.tls, context.target.folder
        self._url, self._promised, self._body, self._server_name = url, promised, body, tls.server_name
        files = [
            str(folder / path) if path else "" for path in (tls.ca_file, tls.client_cert, tls.client_key)
        ]
        encrypted = urlsplit(url).scheme == "https"
        try:
            self._tls: ssl.SSLContext | None = verifying_context(*files) if encrypted else None
        except OSError as error:
            raise CannotTell(
                f"[tls]: {Path(error.filename or files[0]).name}: {error.strerror or error}"
            ) from None

    def __call__(self, deadline: SocketDeadline) -> KeepAliveConnection:
        """Return a connection that ends at a deadline."""
        return KeepAliveConnection(
            self._url,
            self._tls,
            deadline,
            server_name=self._server_name,
            body=self._body,
            promised=self._promised,
        )


def measure_idle(context: Context, service: Service) -> IdleHealth:
    """Measure health without our load. Raises CannotTell if a response is not a success."""
    seconds, slow_ms = context.thresholds.loop_idle_s, context.thresholds.loop_slow_ms
    windows: list[HealthWindow] = []
    connect = ConnectionFactory(context, service.health, service.health_text)
    with context.step("idle"), open_connections(connect, CONNECTIONS, context.deadline) as connections:
        while len(windows) < MAX_IDLE_WINDOWS and (not windows or windows[-1].p95_ms > slow_ms):
            windows.append(measure_health(connections, seconds, context.deadline))
            if failure := windows[-1].first_failure:
                raise CannotTell(f"service.health does not answer with success: {failure_text(failure)}")
        connect_ms = min(connection.connect_ms for connection in connections)
        headers = ServerHeaders(connections[0].server, connections[0].closed_by_server)
    return IdleHealth(min(window.p95_ms for window in windows), connect_ms, len(windows), headers)


def measure_loaded(context: Context, service: Service, idle: IdleHealth) -> LoadedHealth:
    """Measure health while four connections load the service.

    Each connection is opened by a health request, those of the load after those of the measurement: workers
    that share a socket accept in turn, so that both groups are spread over the workers.
    """
    connect_health = ConnectionFactory(context, service.health, service.health_text)
    connect_work = ConnectionFactory(context, service.work, service.work_text, service.work_body)
    with (
        context.step("under load"),
        open_connections(connect_health, CONNECTIONS, context.deadline) as health,
        open_connections(connect_work, CONNECTIONS, context.deadline) as work,
    ):
        for connection in (*health, *work) if _same_server(service) else health:
            connection.open_with(service.health, context.deadline.within(TIMEOUT_S))
        ports = [connection.local_port for connection in (*health, *work) if connection.local_port]
        pids = serving_processes(service.pid, ports) if service.pid else ()
        before = read_usages(pids)
        with apply_load(work) as load:
            window = measure_health(health, context.thresholds.loop_burst_s, context.deadline)
            after = read_usages(pids)
    measured = Measurement(
        idle_ms=idle.p95_ms,
        loaded_ms=window.p95_ms,
        limit_ms=max(RATIO * idle.p95_ms, context.thresholds.loop_slow_ms),
        ratio=RATIO,
        seconds=window.seconds,
        waiting_s=window.slowest.waiting_s,
        own_waited_s=window.slowest.own_waited_s,
        usage=busiest_usage(before, after),
    )
    return LoadedHealth(window, load, measured, process_traits(pids) if pids else None)


def _same_server(service: Service) -> bool:
    return urlsplit(service.health)[:2] == urlsplit(service.work)[:2]


def failure_text(response: TimedResponse | None) -> str:
    """Return a description of a response without success, or of none."""
    if response is None:
        return "no answer came in time"
    return f"HTTP {response.status} {response.problem}".rstrip() if response.status else response.error
